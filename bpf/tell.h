/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tell.h - records of processes and cgroups, for the engine */
#ifndef PTCPDUMP_BPF_TELL_H
#define PTCPDUMP_BPF_TELL_H

#include "bpf/cgroup.h"
#include "bpf/owner.h"
#include "bpf/pidns.h"

static __always_inline void describe_cgroups(struct process_event *event, struct task_struct *task)
{
	struct cgroup *v1 = v1_cgroup_of(task), *v2 = v2_cgroup_of(task);

	event->cgroup_v1 = v1 ? BPF_CORE_READ(v1, kn, id) : 0;
	event->cgroup_v1_hierarchy = v1 ? BPF_CORE_READ(v1, root, hierarchy_id) : 0;
	event->cgroup_v2 = v2 ? BPF_CORE_READ(v2, kn, id) : 0;
}

/* The pid namespace that the process is in; nsproxy has the one for its children. */
static __always_inline u32 pid_namespace_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);

	return BPF_CORE_READ(number_at(pid, level), ns, ns.inum);
}

/* Before the iterator has run, nothing is known of the engine: it tells of who is there then. */
static __always_inline u32 number_here(struct task_struct *task)
{
	struct pidns here = {.ns = control.pidns, .level = control.pidns_level};

	return here.ns ? number_in(&here, task) : 0;
}

static __always_inline void describe(struct process_event *event, struct task_struct *task,
				     u16 kind)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

	event->time = bpf_ktime_get_ns();
	owner_of_task(task, &event->owner, RANK_NONE);
	event->parent_start = BPF_CORE_READ(parent, group_leader, start_boottime);
	event->parent_tgid = BPF_CORE_READ(parent, tgid);
	event->kind = kind;
	event->flags = 0;
	event->path_length = 0;
	event->args_length = 0;
	event->pid = number_here(task);
	describe_cgroups(event, task);
	event->netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
	event->mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	event->pid_ns = pid_namespace_of(task);
	BPF_CORE_READ_INTO(&event->comm, task, comm);
}

static __always_inline void *begin(u64 size)
{
	void *event = bpf_ringbuf_reserve(&events, size, 0);

	if (!event)
		__sync_fetch_and_add(&control.events_lost, 1);
	return event;
}

static __always_inline int tell(struct task_struct *task, u16 kind)
{
	struct process_event *event = begin(sizeof(*event));

	if (!event)
		return 0;
	describe(event, task, kind);
	bpf_ringbuf_submit(event, wakeup_flags());
	return 0;
}

static __always_inline void tell_cgroup(struct cgroup *cgroup, u16 kind)
{
	struct cgroup_event *event = begin(sizeof(*event) + PATH_LENGTH);

	if (!event)
		return;
	describe_cgroup(event, cgroup, kind);
	bpf_ringbuf_submit(event, wakeup_flags());
}

/* What a process's records name by number, for who has not met it yet. */
static __always_inline void tell_cgroups_of(struct task_struct *task)
{
	struct cgroup *v1 = v1_cgroup_of(task), *v2 = v2_cgroup_of(task);

	if (v1)
		tell_cgroup(v1, CGROUP_NEW);
	if (v2)
		tell_cgroup(v2, CGROUP_NEW);
}

#endif
