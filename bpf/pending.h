/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pending.h - a packet on its way through this machine, until a socket takes it
 *
 * Theory of operation
 * From namespace to namespace a packet passes one device after another: out of a container's
 * veth, into its peer, through a bridge, a router, a translation, out again. All of it happens
 * on one CPU, as a rule within one softirq. So each CPU remembers the packets that it has seen
 * last, by the address of their data, and recognises each at its next device:
 *
 *   out -> in    a veth hands it over: the same data, the same marks, the same socket on it
 *   in  -> out   forwarded within one namespace. A router takes the socket off, may change
 *                addresses and ports (conntrack says what they were) and may copy the data
 *                (then it is found by its marks)
 *   in  -> in    a bridge hands it to itself, a device to the VLAN's, macvlan's upon it
 *   out -> out   likewise
 *
 * What is remembered goes along: who sent it, and the numbers of the records it has made. The
 * socket that takes it in the end is told to all of them. A packet that is not recognised
 * begins anew, and costs an unknown owner at most.
 */
#ifndef PTCPDUMP_BPF_PENDING_H
#define PTCPDUMP_BPF_PENDING_H

#include "bpf/late.h"
#include "bpf/mark.h"
#include "bpf/pairing.h"

static __always_inline struct pending *pending_at(u64 head)
{
	u32 index = slot_of(head, PENDING);

	return bpf_map_lookup_elem(&pending, &index);
}

static __always_inline u64 *pending_by(const struct mark *mark)
{
	u64 sum = (u64)mark->sequence << 32 | mark->id << 16 | mark->length;
	u32 index = slot_of(sum ^ mark->protocol, PENDING);

	return bpf_map_lookup_elem(&pending_by_mark, &index);
}

/* Copies that a bridge makes for several ports share their data, and part ways: each is another
 * skb. What taps hold, too, a bridge and a router hand on as a copy, within the namespace. */
static __always_inline bool same_copy(const struct pending *before, const struct pending *now)
{
	if (before->incoming && (!now->incoming || now->netns == before->netns))
		return true;
	return now->skb == before->skb;
}

/* Is this the packet of @before, at its next device? */
static __always_inline bool goes_on(const struct pending *before, struct sk_buff *skb,
				    const struct pending *now)
{
	if (now->incoming == before->incoming && now->dev == before->dev)
		return false;
	/* A router leads to no other namespace. The socket may be off by now, no other is on. */
	if (before->incoming && !now->incoming && now->netns != before->netns)
		return false;
	if (now->carrier && now->carrier != before->carrier)
		return false;
	if (!same_copy(before, now))
		return false;
	return same_packet(skb, &now->mark, &before->mark);
}

/* @now takes over what its packet has gathered so far. */
static __always_inline void take_over(struct pending *now, const struct pending *before)
{
#pragma unroll
	for (u32 i = 1; i < HOPS; i++)
		now->numbers[i] = before->numbers[i - 1];
	now->sender = before->sender;
	now->cookie = before->cookie;
	now->evidence = before->evidence;
	now->shared = before->shared;
}

/* Is there anything to remember of a packet, or to recognise it by? */
static __always_inline bool is_pending(u64 head, bool incoming)
{
	struct pending *slot = pending_at(head);

	return slot && slot->head == head && slot->incoming == incoming;
}

/* May it have been met before, elsewhere? Memory is used again at once, so what stands there is
 * most often another packet's. */
static __always_inline bool came_in_before(u64 head, struct net_device *dev)
{
	struct pending *slot = pending_at(head);

	return slot && slot->head == head && (slot->dev != (u64)dev || !slot->incoming);
}

/* One with its sender's socket on it that has come in is bridged, which a softirq does. @here: as
 * for running_counts() */
static __always_inline bool was_sent_before(u64 head, struct net_device *dev, const void *here)
{
	struct pending *slot = pending_at(head);

	if (!slot || slot->head != head)
		return false;
	return slot->incoming ? !running_counts(running_task(), here) : slot->dev != (u64)dev;
}

/* What pass_device() has returned for this packet on this device before. */
static __always_inline struct pending *passed_device(struct sk_buff *skb, u64 head,
						     struct net_device *dev, bool incoming)
{
	struct pending *slot = pending_at(head);

	if (slot && slot->head == head && slot->skb == (u64)skb && slot->dev == (u64)dev &&
	    slot->incoming == incoming)
		return slot;
	return NULL;
}

/* Another device sends on what came in at those before it. */
static __always_inline void tell_forwarded_to_all(const struct pending *slot)
{
#pragma clang loop unroll(disable)
	for (u32 i = 1; i < HOPS; i++)
		tell_forwarded(slot->numbers[i]);
}

static __always_inline void tell_receiver_to_all(const struct pending *slot,
						 const struct late_owner *receiver)
{
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < HOPS; i++)
		tell_receiver(slot->numbers[i], receiver);
}

/* The slot of the packet at its last device; NULL: it has none. */
static __always_inline struct pending *came_from(struct pending *slot, const struct pending *now,
						 u64 by_mark)
{
	struct pending *copied = now->incoming ? NULL : pending_at(by_mark);

	/* What was copied may stand where some other packet has left its slot. */
	if (copied && copied->head == by_mark && copied->incoming &&
	    copied->mark.id == now->mark.id && copied->mark.length == now->mark.length &&
	    copied->mark.sequence == now->mark.sequence)
		return copied;
	return slot->head == now->head ? slot : NULL;
}

/* Where a packet is met: on its way out, come in, and given on to a device above. */
enum meeting { OUTGOING, INCOMING, INCOMING_ABOVE };

/* The length of a tag that the device has left in the packet. */
static __always_inline u32 tag_inside(struct sk_buff *skb)
{
	u16 protocol = READ(skb, protocol);

	if (protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD))
		return VLAN_TAG_LENGTH;
	return 0;
}

/* At the tracepoint of what comes in, the network header is where the data begins, and not
 * yet noted; but a tag that the device has left in the packet stands before it. */
static __always_inline u64 network_header_of(struct sk_buff *skb, const struct start *start,
					     enum meeting meeting)
{
	if (meeting == INCOMING)
		return start->data + tag_inside(skb);
	return start->head + READ(skb, network_header);
}

/* What a socket takes of a datagram in fragments is the whole, with the first one's data: no
 * later one may take its place. */
static __always_inline bool is_in_the_way(const struct pending *slot, const struct pending *now)
{
	return now->mark.fragment == FRAGMENT_LATER && slot->mark.fragment == FRAGMENT_FIRST;
}

/* The packet has come to a device. Returns where the number of its record here belongs, once
 * it has one; NULL: nothing can be remembered. */
static __always_inline struct pending *pass_device(struct sk_buff *skb, const struct start *start,
						   u32 netns, enum meeting meeting)
{
	bool incoming = meeting != OUTGOING;
	u64 head = start->head, *by_mark;
	struct pending *slot = pending_at(head), *before;
	struct pending now = {
		.head = head,
		.skb = (u64)skb,
		.dev = (u64)READ(skb, dev),
		.carrier = carrier_of(skb),
		.netns = netns,
		.incoming = incoming,
	};
	bool forwarded = false;

	mark_of(network_header_of(skb, start, meeting), &now.mark);
	by_mark = pending_by(&now.mark);
	if (!slot || !by_mark || is_in_the_way(slot, &now))
		return NULL;
	before = came_from(slot, &now, *by_mark);
	if (before && goes_on(before, skb, &now)) {
		forwarded = before->incoming && !incoming;
		take_over(&now, before);
	}
	if (incoming)
		*by_mark = head;
	*slot = now;
	if (forwarded)
		tell_forwarded_to_all(slot);
	return slot;
}

/* The record of the packet that a socket is about to take; NULL: it was not seen. */
static __always_inline struct pending *awaiting(struct sk_buff *skb)
{
	u64 head = head_of(skb);
	struct pending *slot = pending_at(head);
	struct mark now = {};

	if (!slot || slot->head != head || slot->dev != (u64)READ(skb, dev))
		return NULL;
	mark_of(head + READ(skb, network_header), &now);
	return same_packet(skb, &now, &slot->mark) ? slot : NULL;
}

#endif
