/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* multipath.h - where in a Multipath TCP connection data belong
 *
 * Its stream has numbers of its own, which each packet brings along in an option, as a mapping of
 * its subflow's. The kernel counts what it has read from the stream (lately), or nothing; so what
 * is read is counted here, from the first byte on. That byte's number is known when the first data
 * come, for it is the next that the kernel waits for.
 */
#ifndef PTCPDUMP_BPF_MULTIPATH_H
#define PTCPDUMP_BPF_MULTIPATH_H

#include "bpf/datagrams.h"

/* Data for the connection @msk have come by the subflow @sk. */
static __always_inline void place_in_connection(struct sock *sk, struct mptcp_sock *msk,
						struct socket_state *state,
						struct late_owner *receiver)
{
	struct mptcp_subflow_context *subflow;

	subflow = BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_data);
	if (!subflow)
		return;
	receiver->subflow = BPF_CORE_READ(subflow, ssn_offset);
	receiver->multipath = MULTIPATH_SUBFLOW;
	if (BPF_CORE_READ((struct tcp_sock *)sk, bytes_received) ||
	    BPF_CORE_READ(msk, first) != sk || !BPF_CORE_READ(msk, can_ack))
		return;
	receiver->begin = BPF_CORE_READ(msk, ack_seq);
	receiver->multipath |= MULTIPATH_BEGIN;
	if (!state || state->numbered == NUMBERED_MULTIPATH)
		return;
	state->arrived = receiver->begin;
	state->sure = receiver->begin;
	state->read_to = receiver->begin;
	barrier();
	state->numbered = NUMBERED_MULTIPATH;
}

/* @length bytes were read. As with datagrams: where more are gone than were counted, somebody else
 * is on the way, and which part is whose is not sure. */
static __always_inline struct part multipath_part(struct sock *sk, struct socket_state *state,
						  u32 length)
{
	struct mptcp_sock *msk = (struct mptcp_sock *)sk;
	struct part part = {.position = state->sure};
	u32 read_to;

	if (state->numbered != NUMBERED_MULTIPATH)
		return (struct part){};
	barrier();
	read_to = __sync_fetch_and_add(&state->read_to, length) + length;
	part.end = read_to;
	if (bpf_core_field_exists(msk->bytes_consumed))
		part.end = state->arrived + (u32)BPF_CORE_READ(msk, bytes_consumed);
	if (part.end == read_to)
		state->sure = read_to;
	part.one_of = part.end - part.position != length;
	return part;
}

#endif
