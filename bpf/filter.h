/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter.h - the capture filter decides before anything is known or copied
 *
 * Theory of operation
 * The engine has made a program of the filter for each link kind and each hook
 * (extcap/filter/translate.h). A hook shows a packet to it: its first bytes and what else the
 * filter asks for go into a struct filter_context, then the filter is called. A tail call does
 * not come back, so there are two programs for each hook:
 *
 *	hook ── context ──► filter ── wanted, or unsure ──► capture
 *	                       └── not wanted: the end
 *
 * Without a filter the hook captures by itself, and the others are not loaded.
 *
 * What is not wanted is nobody's business, but for one: a packet on its way through this
 * machine must be met at each device, or it is not recognised at the next, where it may be
 * wanted. So that is done before the filter is asked, for packets that it may concern; else
 * the capture does it.
 *
 * A packet that was seen and neither captured nor lost nor unselected was rejected: whatever
 * way a tail call ends, the counts are true.
 */
#ifndef PTCPDUMP_BPF_FILTER_H
#define PTCPDUMP_BPF_FILTER_H

#include "bpf/pending.h"

static __always_inline struct filter_context *filter_context(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&filter_contexts, &zero);
}

/* The first bytes, as far as they are in one piece: that all headers are but for rare ones. The
 * filter is unsure of what lies behind. */
static __always_inline void show_bytes(struct filter_context *context, u64 from, u64 length)
{
	if (length > FILTER_BYTES)
		length = FILTER_BYTES;
	/* The verifier learns nothing from "is not 0" up to 6.1, but it does from a mask. */
	if (!length || bpf_probe_read_kernel(context->bytes,
					     ((length - 1) & (FILTER_BYTES - 1)) + 1, (void *)from))
		length = 0;
	context->captured = length;
}

/* What does not stand in the bytes, as AF_PACKET's filters see it. */
static __always_inline void show_more(struct filter_context *context, struct sk_buff *skb,
				      const struct packet_record *meta)
{
	bool tagged = meta->flags & PACKET_VLAN;

	/* A frame of loopback is seen once more where it comes in, by tcpdump then. */
	if (meta->direction == DIRECTION_OUT && meta->hardware != ARPHRD_LOOPBACK)
		context->packet_type = PACKET_TYPE_OUTGOING;
	else
		context->packet_type = BPF_CORE_READ_BITFIELD_PROBED(skb, pkt_type);
	context->ifindex = meta->ifindex;
	context->hardware = meta->hardware;
	context->protocol = bpf_ntohs(READ(skb, protocol));
	context->vlan_present = tagged;
	context->vlan_tag = tagged ? meta->vlan_tci : 0;
	context->vlan_protocol = tagged ? bpf_ntohs(meta->vlan_proto) : 0;
}

/* Which program to ask; @meta says where the packet's bytes are. */
static __always_inline u32 show(struct filter_context *context, struct sk_buff *skb,
				const struct packet_record *meta, bool followed)
{
	u32 kind = link_kind_of(meta->hardware);
	u64 skip = kind == LINK_RAW ? meta->mac_length + meta->network : 0;
	u64 from = (u64)BPF_CORE_READ(skb, data) - meta->mac_length + skip;
	u64 linear = READ(skb, len) - READ(skb, data_len) + meta->mac_length;

	show_bytes(context, from, linear > skip ? linear - skip : 0);
	context->length = meta->length > skip ? meta->length - skip : 0;
	if (config.filter_asks)
		show_more(context, skb, meta);
	/* For where the engine has the capture in the filter's place. */
	context->verdict = FILTER_UNSURE;
	context->followed = followed;
	return kind;
}

#endif
