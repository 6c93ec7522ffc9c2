/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whole.h - a datagram that its socket takes in pieces
 *
 * What UDP_SEGMENT sends, and what UDP's GRO has merged, passes a device as one packet. A socket
 * that does not take such (UDP_GRO) gets it in pieces, which the kernel cuts in the moment before:
 * each is a datagram, with data of its own, where no record waits. But they have the addresses and
 * ports of the whole, and numbers that follow its number; so the flow tells which whole passed on
 * this CPU last, and there the record waits.
 */
#ifndef PTCPDUMP_BPF_WHOLE_H
#define PTCPDUMP_BPF_WHOLE_H

#include "bpf/pending.h"

static __always_inline u64 *whole_of_flow(const struct mark *mark)
{
	u32 index = slot_of((u64)mark->addresses << 32 ^ mark->ports, WHOLES);

	return bpf_map_lookup_elem(&wholes, &index);
}

/* @end: the packet's skb->end. @waiting: what pass_device() gave for it. */
static __always_inline void note_whole(u32 end, struct pending *waiting)
{
	struct skb_shared_info *info;
	u16 segments = 0;
	u64 *slot;

	if (!waiting || waiting->mark.protocol != IPPROTO_UDP)
		return;
	info = (struct skb_shared_info *)(waiting->head + end);
	bpf_core_read(&segments, sizeof(segments), &info->gso_segs);
	if (segments < 2)
		return;
	waiting->mark.segments = segments;
	slot = whole_of_flow(&waiting->mark);
	if (slot)
		*slot = waiting->head;
	if (!control.has_wholes)
		control.has_wholes = 1;
}

/* The record of the whole that a datagram is a piece of, or NULL. */
static __always_inline struct pending *awaiting_whole(struct sk_buff *skb)
{
	struct pending *waiting;
	struct mark piece = {};
	u64 *head;

	if (!control.has_wholes)
		return NULL;
	mark_of(head_of(skb) + READ(skb, network_header), &piece);
	head = whole_of_flow(&piece);
	if (!head)
		return NULL;
	waiting = pending_at(*head);
	if (!waiting || waiting->head != *head || waiting->dev != (u64)READ(skb, dev))
		return NULL;
	if (piece.protocol != IPPROTO_UDP || piece.addresses != waiting->mark.addresses ||
	    piece.ports != waiting->mark.ports)
		return NULL;
	return (u16)(piece.id - waiting->mark.id) < waiting->mark.segments ? waiting : NULL;
}

#endif
