/* SPDX-License-Identifier: GPL-2.0-or-later */
/* processes_state.h - what the table of processes consists of: for its own files alone
 *
 *   processes.c        the table: finds, and forgets
 *   processes_apply.c  what the records of the kernel side make of it
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_PROCESSES_STATE_H
#define PTCPDUMP_EXTCAP_IDENTITY_PROCESSES_STATE_H

#include "extcap/identity/processes.h"

#define RECENT 64 /* a power of two */

struct processes {
	struct containers *containers;
	const struct selection *selection; /* NULL: nobody is selected */
	process_notice forgotten;
	void *data;
	struct viewer viewer;
	GHashTable *table;		/* struct process, by itself: (tgid, start) */
	GQueue *dead;			/* in the order of their ends */
	GQueue *threads;		/* struct ended_thread, likewise */
	struct process *recent[RECENT]; /* found before, by their hash: most packets' */
};

/* A thread that has ended, until it is forgotten. */
struct ended_thread {
	guint64 time;
	guint64 start; /* of its process */
	guint32 tgid, tid;
};

/** processes_find_or_add() - one that is new has no image yet */
struct process *processes_find_or_add(struct processes *processes, const struct owner *owner);

/** process_last_image() - what it is now; NULL: that is not known, as nothing is of no process */
struct image *process_last_image(const struct process *process);

/** processes_add_kernel() - who owns the kernel's own sockets: no process, but shown as one
 *  (record.h) */
void processes_add_kernel(struct processes *processes);

#endif
