/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* owner.h - who a process is, and what a use of a socket teaches
 *
 * Plain functions over the maps; the hooks that call them are in learn.bpf.c and
 * socket.bpf.c.
 */
#ifndef PTCPDUMP_BPF_OWNER_H
#define PTCPDUMP_BPF_OWNER_H

#include "bpf/maps.h"

static __always_inline void owner_of_task(struct task_struct *task, struct owner *owner, u32 rank)
{
	owner->start = BPF_CORE_READ(task, group_leader, start_boottime);
	owner->tgid = BPF_CORE_READ(task, tgid);
	owner->tid = BPF_CORE_READ(task, pid);
	owner->uid = BPF_CORE_READ(task, cred, euid.val);
	owner->rank = rank;
}

static __always_inline struct task_struct *running_task(void)
{
	return (struct task_struct *)bpf_get_current_task_btf();
}

static __always_inline bool same_process(const struct owner *a, const struct owner *b)
{
	return a->tgid == b->tgid && a->start == b->start;
}

/* Is the running process the one that makes the kernel do this? Not in a softirq, which
 * runs on top of whatever was running, and not for a kernel thread. Without the flag
 * (tracepoints refused) we cannot tell, and trust nothing. */
static __always_inline bool running_counts(struct task_struct *task)
{
	u32 zero = 0, *flag;

	if (!config.has_softirq_flag)
		return false;
	flag = bpf_map_lookup_elem(&in_softirq, &zero);
	if (!flag || *flag)
		return false;
	return !(task->flags & PF_KTHREAD);
}

/* An accepted socket carries a copy of the listener's state (BPF_F_CLONE), cookie included. */
static __always_inline u32 rank_of(const struct socket_state *state, u64 cookie)
{
	if (!state->owner.start)
		return RANK_NONE;
	return state->cookie == cookie ? state->owner.rank : RANK_INHERITED;
}

/* Wakes the engine only where it sleeps: see struct control. */
static __always_inline u64 wakeup(void)
{
	if (likely(!control.sleeping))
		return BPF_RB_NO_WAKEUP;
	control.sleeping = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void tell_use(u64 cookie, const struct owner *owner)
{
	struct process_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event) {
		__sync_fetch_and_add(&control.events_lost, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time = bpf_ktime_get_ns();
	event->kind = SOCKET_USED;
	event->cookie = cookie;
	event->owner = *owner;
	bpf_ringbuf_submit(event, wakeup());
}

/* The running process has sent or received by this socket: it owns it from now on. The
 * engine is told of a change, for packets that arrived before it (the 20 ms hold). */
static __always_inline void learn_use(struct socket_state *state, u64 cookie,
				      const struct owner *user)
{
	bool known = rank_of(state, cookie) == RANK_USED && same_process(&state->owner, user);

	if (known && state->owner.tid == user->tid && state->owner.uid == user->uid)
		return;
	if (!known)
		state->flow = 0; /* the flow table names somebody else */
	state->owner = *user;
	state->cookie = cookie;
	if (!known)
		tell_use(cookie, user);
}

#endif
