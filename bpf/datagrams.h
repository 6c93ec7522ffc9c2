/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* datagrams.h - which datagram a socket is given, and which one somebody has read
 *
 * A socket's datagrams are read in the order in which they came, so a number says which one is
 * meant. The kernel has none, but it can be counted at both ends: what came (on_ingress), and what
 * was received (on_sock_recv). In between some wait in the queue, whose length can be read, and
 * some were dropped, which the socket counts:
 *
 *	taken out of the queue = arrived - dropped - waiting
 *
 * Who takes one out is met only when it has been copied. Where more were taken than received,
 * somebody is on the way from the one to the other; which of several that are is not known, so
 * what is received meanwhile comes with all the numbers that come into question. The counters are
 * read in such an order that what changes meanwhile makes it look like that, never the contrary.
 *
 * Of a socket that is older than the capture some datagrams are counted as received that never
 * were as arrived: whoever had one already, but had not copied it, and what came while the count
 * was begun. Then fewer seem to be taken than received. The count is set right, and what was told
 * meanwhile is not believed: neither the number that the last datagram got, nor this reader's.
 *
 * On several CPUs datagrams may overtake each other between their arrival and the queue. Then,
 * too, more seem to be taken than received. So where the one before came on another CPU, its
 * number is no more believed than this one's; and whoever has told a number looks once more
 * whether another one has come meanwhile, which could not yet find it to take it back.
 */
#ifndef PTCPDUMP_BPF_DATAGRAMS_H
#define PTCPDUMP_BPF_DATAGRAMS_H

#include "bpf/late.h"

/* From position to before end; the same: not known. */
struct part {
	u32 position;
	u32 end;
	bool one_of;	/* it is somewhere in there */
	bool recounted; /* numbers were wrong until now: nothing may be said of this one */
};

/* UDP's reader has a queue of its own, into which the other one is emptied. */
static __always_inline u32 waiting_in(struct sock *sk)
{
	u32 waiting = 0;

	if (READ(sk, sk_protocol) == IPPROTO_UDP)
		waiting = BPF_CORE_READ((struct udp_sock *)sk, reader_queue.qlen);
	barrier();
	return waiting + READ(sk, sk_receive_queue.qlen);
}

static __always_inline u32 dropped_by(struct sock *sk)
{
	struct numa_drop_counters *counters;

	if (!bpf_core_field_exists(sk->sk_drop_counters))
		return READ(sk, sk_drops.counter);
	counters = READ(sk, sk_drop_counters);
	if (!counters)
		return READ(sk, sk_drops.counter);
	return READ(counters, drops0.counter) + READ(counters, drops1.counter);
}

/* The CPU that brought the one before; an exchange, but where it is this one. */
static __always_inline u32 last_cpu(struct socket_state *state, u32 cpu)
{
	if (state->last_cpu == cpu)
		return cpu;
	return __sync_lock_test_and_set(&state->last_cpu, cpu);
}

/* One has come. Returns which number it has, if that is sure, else 0. @mine: what to give to
 * came_alone(). @overtaken: set where the number of the one before is no longer sure, either. */
static __always_inline u32 number_arrival(struct sock *sk, struct socket_state *state, u32 *mine,
					  bool *overtaken)
{
	u32 cpu = bpf_get_smp_processor_id(), last = last_cpu(state, cpu), dropped;
	u32 received_or_waiting = 0;

	if (last != cpu || !state->numbered) {
		received_or_waiting = state->datagrams;
		barrier();
		received_or_waiting += waiting_in(sk);
	}
	barrier();
	dropped = dropped_by(sk);
	if (!state->numbered) {
		state->sure = state->datagrams;
		state->arrived = received_or_waiting + dropped;
		state->numbered = NUMBERED_DATAGRAMS;
	}
	*mine = __sync_fetch_and_add(&state->arrived, 1) + 1;
	if ((last != cpu && *mine - 1 - dropped != received_or_waiting) || state->last_cpu != cpu) {
		*overtaken = true;
		return 0;
	}
	return *mine - dropped;
}

/* To be asked when the number has been told. */
static __always_inline bool came_alone(const struct socket_state *state, u32 mine)
{
	return *(volatile const u32 *)&state->arrived == mine;
}

/* One was received. It is one of those that were taken since it was sure who has which. */
static __always_inline struct part number_received(struct sock *sk, struct socket_state *state)
{
	u32 received, waiting, dropped, taken;
	struct part part = {.position = state->sure + 1};

	barrier();
	/* Readers on several CPUs count at once. */
	received = __sync_fetch_and_add(&state->datagrams, 1) + 1;
	waiting = waiting_in(sk);
	barrier();
	dropped = dropped_by(sk);
	taken = __sync_fetch_and_add(&state->arrived, 0) - dropped - waiting;
	if (!state->numbered)
		return (struct part){};
	if ((int)(taken - received) < 0) {
		__sync_fetch_and_add(&state->arrived, received - taken);
		state->sure = received;
		tell_unsure_to_all(state->last_numbers);
		return (struct part){.recounted = true};
	}
	if (taken == received)
		state->sure = received;
	part.end = taken + 1;
	part.one_of = taken != part.position;
	return part;
}

/* A socket that is older than the capture: nothing is known of those on their way. */
static __always_inline void number_held(struct sock *sk, struct socket_state *held)
{
	held->arrived = waiting_in(sk) + dropped_by(sk);
	held->numbered = NUMBERED_DATAGRAMS;
}

#endif
