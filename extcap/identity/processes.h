/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes.h - every process that a packet may name
 *
 * Theory of operation
 * The table starts with what is there (the kernel side's iterator), then follows fork,
 * exec, rename and exit records. A process is (tgid, start time). It changes its name at
 * each exec: it then has a further image, and a packet finds the one of its own time,
 * because an answer may leave the machine before the process that asked has become
 * another. What an image says does not change but for its threads' names, so what is
 * derived from one is kept with it.
 *
 * A process that moves to another container has a further image as well.
 *
 * A dead process stays, since its last packets follow it (FIN, TIME_WAIT); the dead are
 * forgotten after two minutes, or oldest first when they are too many.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_PROCESSES_H
#define PTCPDUMP_EXTCAP_IDENTITY_PROCESSES_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/filter/selection.h"
#include "extcap/identity/arguments.h"
#include "extcap/identity/containers.h"
#include "extcap/identity/image.h"
#include "shared/record.h"

struct process {
	guint64 start;
	guint32 tgid;	  /* of the host */
	guint32 pid;	  /* in our pid namespace, as the user and /proc have it; 0: not there */
	bool has_forked;  /* since we know it: others may hold its sockets too */
	bool is_selected; /* by its pid or its parent; by name or container: see the image */
	guint64 exit;	  /* CLOCK_MONOTONIC ns; 0: alive */
	GPtrArray *images;
	guint64 forgotten_until; /* what it was before is not kept; 0: all is there */
};

struct processes;

/* Takes one process. */
typedef void (*process_notice)(const struct process *process, void *data);

struct processes *processes_new(void);
void processes_free(struct processes *processes);

/** processes_show_to() - before any is known: who will look at what is said of them; all may
 *  be seen otherwise */
void processes_show_to(struct processes *processes, const struct viewer *viewer);

/** processes_viewer() - who that is; borrowed */
const struct viewer *processes_viewer(const struct processes *processes);

/** processes_containers() - those that they are in, told of by them; borrowed */
struct containers *processes_containers(const struct processes *processes);

/**
 * processes_apply() - a record of the kernel side
 * @event:	of a process or thread; other kinds are none of the table's
 * @length:	bytes of it with its data; a record that claims more is ignored
 */
void processes_apply(struct processes *processes, const struct process_event *event, gsize length);

/**
 * processes_apply_found() - what was there when the capture began: records in a row
 * @bytes:	each record with its path and nothing else behind it; cgroups among them
 * @size:	of all of them; a record that claims more ends the row
 *
 * To be called twice with the same, since a parent may stand behind its child; and again
 * after processes_read_arguments(), which may tell of whom a monitor has started.
 */
void processes_apply_found(struct processes *processes, const guint8 *bytes, gsize size);

/**
 * processes_read_arguments() - complete those that were there before the capture
 *
 * Has /proc/PID/cmdline read of each process that has no arguments yet, if the viewer may see
 * them, and keeps what is told only where the process is still the same.
 *
 * Return: of how many nothing was told; a negative errno when it was of none.
 */
int processes_read_arguments(struct processes *processes);

/**
 * processes_find() - the process behind an owner
 *
 * Return: borrowed until the next processes_expire(); NULL when it was never seen, which
 *         happens only if its record was lost (counted) or is still in the ring.
 */
struct process *processes_find(struct processes *processes, const struct owner *owner);

/** process_image() - what @process was at @time (CLOCK_MONOTONIC ns); NULL: that is not known,
 *  as nothing is of no process */
struct image *process_image(const struct process *process, guint64 time);

/** processes_expire() - forget the long dead; @now in CLOCK_MONOTONIC ns */
void processes_expire(struct processes *processes, guint64 now);

/**
 * processes_select() - from here on follow which processes are wanted
 * @selection:	borrowed
 * @forgotten:	told of each process before it is forgotten
 */
void processes_select(struct processes *processes, const struct selection *selection,
		      process_notice forgotten, void *data);

/** process_is_selected() - was @process wanted while it was @image? */
bool process_is_selected(const struct process *process, const struct image *image);

/** process_is_at() - is @process, while it lives, in this cgroup? */
bool process_is_at(const struct process *process, const struct cgroup *cgroup);

/** processes_has_pid() - is a process alive that has this pid? */
bool processes_has_pid(struct processes *processes, guint32 pid);

/** processes_foreach() - every process that is known */
void processes_foreach(struct processes *processes, process_notice notice, void *data);

/** processes_count() - those known, the dead among them */
guint processes_count(const struct processes *processes);

#endif
