/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* passing.h - whose the packets are that merely pass through a namespace
 *
 * Behind a router a packet has no socket any more. Who sent it is remembered on its way
 * (pending.h); with it the flow table of this namespace learns whose the connection is, by
 * the addresses it leaves with and by those it came with. That answers for what comes back,
 * before it has found its socket, and for packets that were not recognised.
 *
 * No listener is ever asked: what forwards or translates a packet may well listen on the
 * same port itself.
 */
#ifndef PTCPDUMP_BPF_PASSING_H
#define PTCPDUMP_BPF_PASSING_H

#include "bpf/pending.h"
#include "shared/flow.h"

/* Its tuple, @outgoing: its source is the local end. False: it has none. */
static __always_inline bool tuple_of(struct sk_buff *skb, u32 netns, bool outgoing,
				     struct flow_key *key)
{
	u8 bytes[FLOW_TUPLE] = {};
	u64 end = number_of(READ(skb, data)) + READ(skb, len) - READ(skb, data_len);
	u64 network = head_of(skb) + READ(skb, network_header);

	/* Only what is in the linear part: behind it stands some other packet's past. */
	if (end < network + 28)
		return false;
	if (bpf_probe_read_kernel(bytes, end < network + 48 ? 28 : 48, (void *)network))
		return false;
	key->netns = netns;
	return flow_of(bytes, outgoing, key);
}

static __always_inline bool same_tuple(const struct flow_key *a, const struct flow_key *b)
{
	const u32 *one = (const u32 *)a, *other = (const u32 *)b;
	u32 differ = 0;

#pragma unroll
	for (u32 i = 0; i < sizeof(*a) / sizeof(u32); i++)
		differ |= one[i] ^ other[i];
	return !differ;
}

/* The tuple that it came with, its source as the local end; false: the same one. */
static __always_inline bool translated_tuple_of(struct sk_buff *skb, const struct flow_key *leaves,
						struct flow_key *key)
{
	struct conntrack_tuple tuple = {};

	if (!conntrack_came_with(skb, &tuple) || tuple.protocol != leaves->protocol)
		return false;
	key->netns = leaves->netns;
	key->protocol = leaves->protocol;
	if (tuple.family == AF_INET) {
		v4_mapped(key->local, *(u32 *)tuple.source);
		v4_mapped(key->remote, *(u32 *)tuple.destination);
	} else {
		__builtin_memcpy(key->local, tuple.source, 16);
		__builtin_memcpy(key->remote, tuple.destination, 16);
	}
	key->local_port = tuple.source_port;
	key->remote_port = has_ports(tuple.protocol) ? tuple.destination_port : 0;
	return !same_tuple(key, leaves);
}

/* Is what the table says of this tuple still so, and was it told of late? */
static __always_inline bool is_told(const struct flow *flow, const struct pending *packet, u64 now)
{
	if (flow->lasting) /* of this namespace's own: nobody from outside takes it over */
		return true;
	return flow->cookie == packet->cookie && same_process(&flow->owner, &packet->sender) &&
	       flow->owner.rank == packet->sender.rank && flow->shared == packet->shared &&
	       flow->time + FLOW_TELL_SECONDS * 1000000000ULL > now;
}

static __always_inline void tell_flow(const struct flow_key *key, const struct pending *packet)
{
	struct flow *known = bpf_map_lookup_elem(&flows, key);
	u64 now = bpf_ktime_get_ns();
	struct flow flow = {
		.owner = packet->sender,
		.cookie = packet->cookie,
		.since = now,
		.time = now,
		.shared = packet->shared,
	};

	if (known && is_told(known, packet, now))
		return;
	if (known && known->cookie == packet->cookie) {
		flow.since = known->since;
		flow.replaced = known->replaced;
	} else if (known) {
		flow.replaced = 1;
	}
	if (bpf_map_update_elem(&flows, key, &flow, BPF_ANY))
		__sync_fetch_and_add(&control.flows_refused, 1);
}

/* Whose connection it is that the packet leaves for. */
static __always_inline void learn_passing(struct sk_buff *skb, const struct pending *packet)
{
	struct flow_key leaves = {}, came = {};

	if (!tuple_of(skb, packet->netns, true, &leaves))
		return;
	tell_flow(&leaves, packet);
	if (translated_tuple_of(skb, &leaves, &came))
		tell_flow(&came, packet);
}

#endif
