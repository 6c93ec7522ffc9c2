/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* owner.h - who a process is, and what a use of a socket teaches
 *
 * Plain functions over the maps; the hooks that call them are in learn.bpf.c and
 * socket.bpf.c.
 */
#ifndef PTCPDUMP_BPF_OWNER_H
#define PTCPDUMP_BPF_OWNER_H

#include "bpf/maps.h"
#include "bpf/stack.h"

static __always_inline void owner_of_task(struct task_struct *task, struct owner *owner, u32 rank)
{
	owner->start = task->group_leader->start_boottime;
	owner->tgid = task->tgid;
	owner->tid = task->pid;
	owner->uid = task->cred->euid.val;
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

/* Is the running process the one that makes the kernel do this? Not in a softirq, which runs on
 * top of whatever was running, and not for a kernel thread. Where neither the stack nor the
 * softirqs' tracepoints tell, we trust nothing. @here: as for is_called_by() */
static __always_inline bool running_counts(struct task_struct *task, const void *here)
{
	u32 zero = 0, *flag;

	if (task->flags & PF_KTHREAD)
		return false;
	if (config.softirq_stacks)
		return is_called_by(task, here);
	flag = bpf_map_lookup_elem(&in_softirq, &zero);
	return control.sees_softirqs && flag && !*flag;
}

/* An accepted socket of Multipath TCP has its listener's cookie; its token is its own. */
static __always_inline u64 msk_cookie(u64 cookie, u32 token)
{
	return cookie ^ (u64)token << 32;
}

/* An accepted socket carries a copy of the listener's state (BPF_F_CLONE), cookie included. */
static __always_inline u32 rank_of(const struct socket_state *state, u64 cookie)
{
	if (!state->owner.start)
		return RANK_NONE;
	return state->cookie == cookie ? state->owner.rank : RANK_INHERITED;
}

/* An accepted stream is a new one; of one that we never met nothing is known. */
static __always_inline u8 stream_of(const struct socket_state *state, u64 cookie)
{
	if (state->cookie == cookie)
		return state->stream;
	return state->cookie ? STREAM_NEW : STREAM_UNKNOWN;
}

/* How a record of the ring is submitted: it wakes the engine only where that sleeps (struct
 * control). */
static __always_inline u64 wakeup_flags(void)
{
	if (likely(!control.sleeping))
		return BPF_RB_NO_WAKEUP;
	control.sleeping = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/* The same for what comes by no ring: an empty record is its bell. */
static __always_inline void wake_engine(void)
{
	void *bell;

	if (likely(!control.sleeping))
		return;
	bell = bpf_ringbuf_reserve(&events, 8, 0);
	if (!bell)
		return;
	control.sleeping = 0;
	bpf_ringbuf_discard(bell, BPF_RB_FORCE_WAKEUP);
}

/* The running process has sent or received by this socket: it owns it from now on. */
static __always_inline void learn_use(struct socket_state *state, u64 cookie,
				      const struct owner *user)
{
	u32 rank = rank_of(state, cookie);

	if (rank == RANK_USED && same_process(&state->owner, user)) {
		if (state->owner.tid == user->tid && state->owner.uid == user->uid)
			return;
	} else {
		/* Once shared, always: who has it may use it again. */
		if (state->cookie != cookie)
			state->shared = 0;
		else if (rank != RANK_NONE && !same_process(&state->owner, user))
			state->shared = 1; /* who made it has it as well */
		state->has_read = 0;
		state->flow = 0; /* the flow table names somebody else */
		state->stream = stream_of(state, cookie);
	}
	state->owner = *user;
	state->cookie = cookie;
}

#endif
