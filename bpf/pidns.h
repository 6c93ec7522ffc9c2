/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pidns.h - the number that a process has in the engine's pid namespace
 *
 * A process has a number in its own pid namespace and in each one above, up to the host's;
 * owners are told apart by the host's. What the user types, and what /proc shows, are the
 * numbers of the namespace that the engine is in.
 */
#ifndef PTCPDUMP_BPF_PIDNS_H
#define PTCPDUMP_BPF_PIDNS_H

#include "bpf/kernel_types.h"

/* A pid namespace: its depth below the host's, and itself. */
struct pidns {
	u64 ns;
	u32 level;
};

static __always_inline struct upid *number_at(struct pid *pid, u32 level)
{
	return (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       (u64)level * bpf_core_type_size(struct upid);
}

/* That of the running process: the engine, where it reads an iterator. */
static __always_inline void pidns_of_reader(struct pidns *pidns)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);

	pidns->level = level;
	pidns->ns = (u64)BPF_CORE_READ(number_at(pid, level), ns);
}

/* 0: the process is not in it. */
static __always_inline u32 number_in(const struct pidns *pidns, struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	struct upid *number = number_at(pid, pidns->level);

	if (!pid || BPF_CORE_READ(pid, level) < pidns->level ||
	    (u64)BPF_CORE_READ(number, ns) != pidns->ns)
		return 0;
	return BPF_CORE_READ(number, nr);
}

#endif
