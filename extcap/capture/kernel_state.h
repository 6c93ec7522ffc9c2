/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel_state.h - what the loaded kernel side consists of: for its own files alone
 *
 *   kernel.c         loaded and asked
 *   kernel_config.c  what it is told before it runs: sizes, constants, what is wanted
 *   kernel_attach.c  its hooks, attached
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_KERNEL_STATE_H
#define PTCPDUMP_EXTCAP_CAPTURE_KERNEL_STATE_H

#include <bpf/libbpf.h>

#include "extcap/capture/kernel.h"

struct kernel {
	const struct kernel_options *options;
	struct bpf_object *object;
	bool perf;
	bool softirq_stacks; /* their tracepoints are not asked */
	bool filtered;
	GHashTable *left_out; /* programs that the kernel refused or --without names: why */
	GPtrArray *links;
	struct control *control;
	struct late_owner *late;
	guint cpus;
	gsize lane_size;
	guint32 late_entries;
	int cgroup;
	GByteArray *found;
};

/** kernel_wants() - has the hook something to do here? */
bool kernel_wants(const struct kernel *kernel, const struct hook *hook);

/** kernel_leave_out() - do without it; the log says what is lost */
void kernel_leave_out(struct kernel *kernel, const struct hook *hook, const char *why);

/** kernel_decide_sizes() - of the lanes and the late table, by how many CPUs share the buffer */
void kernel_decide_sizes(struct kernel *kernel);

/** kernel_configure() - constants and sizes of the object, which is open and not yet loaded */
void kernel_configure(struct kernel *kernel);

/** kernel_fill_maps() - what the programs look up instead of comparing: more than one of a kind */
bool kernel_fill_maps(struct kernel *kernel, GError **error);

/** kernel_attach() - all hooks of a stage; what may be missing is left out where it fails */
bool kernel_attach(struct kernel *kernel, enum hook_stage stage, GError **error);

#endif
