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

struct tag {
	u16 tci;
	u16 protocol; /* network order */
};

/* A tag that stands in metadata: up to 5.18 a bit of its own, later "not zero" says that one
 * does. */
static __always_inline bool read_tag(struct sk_buff *skb, struct tag *tag)
{
	bool present = false;

	if (bpf_core_field_exists(((struct sk_buff___vlan_present *)0)->vlan_present))
		present = BPF_CORE_READ_BITFIELD_PROBED((struct sk_buff___vlan_present *)skb,
							vlan_present);
	else if (bpf_core_field_exists(((struct sk_buff___vlan_all *)0)->vlan_all))
		present = READ((struct sk_buff___vlan_all *)skb, vlan_all) != 0;
	tag->tci = present ? READ(skb, vlan_tci) : 0;
	tag->protocol = present ? READ(skb, vlan_proto) : 0;
	return present;
}

/* What does not stand in the bytes, as AF_PACKET's filters see it. */
static __always_inline void show_more(struct filter_context *context, struct sk_buff *skb,
				      struct net_device *dev, bool outgoing)
{
	struct tag tag;

	/* A frame of loopback is seen once more where it comes in, by tcpdump then. */
	if (outgoing && !(READ(dev, flags) & IFF_LOOPBACK))
		context->packet_type = PACKET_TYPE_OUTGOING;
	else
		context->packet_type = BPF_CORE_READ_BITFIELD_PROBED(skb, pkt_type);
	context->ifindex = READ(dev, ifindex);
	context->hardware = READ(dev, type);
	context->protocol = bpf_ntohs(READ(skb, protocol));
	context->vlan_present = read_tag(skb, &tag);
	context->vlan_tag = tag.tci;
	context->vlan_protocol = bpf_ntohs(tag.protocol);
}

/* @data: where the packet's bytes begin, but for @taken_off of them that stand in front: the
 * link layer of what comes in. @network: how far behind @data the network header is, for
 * devices whose packets begin there. Returns which program to ask. */
static __always_inline u32 show(struct filter_context *context, struct sk_buff *skb,
				struct net_device *dev, u64 data, u64 taken_off, u64 network)
{
	u32 kind = link_kind_of(READ(dev, type));
	u64 length = READ(skb, len), linear = length - READ(skb, data_len);

	if (kind != LINK_RAW) {
		data -= taken_off;
		length += taken_off;
		linear += taken_off;
	} else {
		data += network;
		length = length > network ? length - network : 0;
		linear = linear > network ? linear - network : 0;
	}
	context->length = length;
	show_bytes(context, data, linear);
	/* For where the engine has the capture in the filter's place. */
	context->verdict = FILTER_UNSURE;
	return kind;
}

/* A call by a number that is known beforehand is a jump; by any other it is an indirect one. */
static __always_inline void ask(void *ctx, const void *filters, u32 kind)
{
	if (kind == LINK_ETHERNET)
		bpf_tail_call_static(ctx, filters, LINK_ETHERNET);
	else
		bpf_tail_call(ctx, (void *)filters, kind);
}

#endif
