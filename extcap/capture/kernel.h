/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel.h - the kernel side of a capture, loaded and attached
 *
 * All links are the process's own: they go when it goes, however it ends.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_KERNEL_H
#define PTCPDUMP_EXTCAP_CAPTURE_KERNEL_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/capture/hooks.h"
#include "extcap/capture/scope.h"
#include "extcap/filter/classic.h"
#include "extcap/filter/selection.h"
#include "shared/control.h"

struct kernel_options {
	const struct scope *scope;
	const struct selection *selection;
	guint32 directions; /* bits of enum direction */
	guint32 snapshot_length;
	const struct filter *filter; /* NULL: everything is wanted */
	gsize buffer_size;   /* for packets in bytes, a power of two; shared out among CPUs */
	const char *btf;     /* NULL: the kernel's own */
	const char *without; /* hooks to do without, comma separated; NULL: none */
	guint32 table_size;  /* of flows, devices, scope and the selected; 0: their own */
};

struct kernel;

/**
 * kernel_load() - load all programs and maps, attach all that teaches, read what was there
 *
 * Needs the capabilities of privilege_raise(). Returns with nothing captured yet.
 *
 * Return: NULL with one sentence for the user in @error.
 */
struct kernel *kernel_load(const struct kernel_options *options, GError **error);

/** kernel_attach_wire() - attach what sees packets; they count once control says so */
bool kernel_attach_wire(struct kernel *kernel, GError **error);

void kernel_free(struct kernel *kernel);

/** kernel_control() - the memory shared with the programs */
struct control *kernel_control(struct kernel *kernel);

/** kernel_cpus() - as many as share the buffer, numbered from 0 */
guint kernel_cpus(const struct kernel *kernel);

/** kernel_lane_size() - of each one's share in bytes: map "lanes" */
gsize kernel_lane_size(const struct kernel *kernel);

/** kernel_map() - descriptor of a map of bpf/maps.h; -1 when there is none */
int kernel_map(struct kernel *kernel, const char *name);

/** kernel_program() - descriptor of a hook's program, which stays the kernel side's; -1 when it
 *  is off */
int kernel_program(const struct kernel *kernel, const char *hook);

/** kernel_has_hook() - is a hook (its name in hooks.c) on? */
bool kernel_has_hook(const struct kernel *kernel, const char *name);

/** kernel_why_off() - why a hook is off, in the kernel's or libbpf's words; NULL: it is on, or not
 *  needed here */
const char *kernel_why_off(const struct kernel *kernel, const struct hook *hook);

/** kernel_has_perf() - packets come in perf rings (map "packets_perf"), not in lanes (map "lanes")
 */
bool kernel_has_perf(const struct kernel *kernel);

/**
 * kernel_late_owner() - who took the packet of a record
 * @out:	filled where it is known by now
 */
bool kernel_late_owner(const struct kernel *kernel, guint64 number, struct late_owner *out);

/** kernel_select() - packets of a process are wanted, from here on; or no longer */
void kernel_select(struct kernel *kernel, guint32 tgid, guint64 start, bool wanted);

/** kernel_select_cgroup() - processes in it are wanted, may be (the engine decides), or are not */
void kernel_select_cgroup(struct kernel *kernel, const struct cgroup_key *key,
			  enum cgroup_wanted wanted);

/** kernel_select_network() - packets in a container's network namespace are wanted, or may be */
void kernel_select_network(struct kernel *kernel, guint32 netns, enum cgroup_wanted wanted);

/** kernel_found_processes() - what was there at the start: process events in a row */
const GByteArray *kernel_found_processes(const struct kernel *kernel);

#endif
