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

#include "bpf/conntrack.h"
#include "bpf/pairing.h"

static __always_inline u32 addresses_v4(const u32 *source, const u32 *destination)
{
	return *source * 0x85ebca6b ^ *destination;
}

static __always_inline u32 addresses_v6(const u32 *source, const u32 *destination)
{
	u32 hash = 0;

#pragma unroll
	for (u32 i = 0; i < 4; i++)
		hash = ((hash ^ source[i]) * 0x85ebca6b ^ destination[i]) * 0xc2b2ae35;
	return hash;
}

static __always_inline bool has_ports(u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* What of a packet stays the same from the device to its socket: IPv4's number, IPv6's flow
 * label, the length, the protocol, addresses, ports, a TCP segment's number. The data's
 * address alone would fit a packet that the kernel has made by itself in memory used again: a
 * segment of a large datagram, say, which passes no device. @network: address of the network
 * header; the shortest packets end within what is read, in memory of their own. */
static __always_inline void mark_of(u64 network, struct mark *mark)
{
	u8 bytes[48] = {};
	const u32 *words = (const u32 *)bytes;

	if (bpf_probe_read_kernel(bytes, sizeof(bytes), (void *)network))
		return;
	if (bytes[0] >> 4 == 4) {
		mark->id = bytes[4] << 8 | bytes[5];
		mark->length = bytes[2] << 8 | bytes[3];
		mark->protocol = bytes[9];
		if ((bytes[6] & 0x1f) || bytes[7])
			mark->fragment = FRAGMENT_LATER;
		else if (bytes[6] & 0x20)
			mark->fragment = FRAGMENT_FIRST;
		mark->addresses = addresses_v4(words + 3, words + 4);
		if (bytes[0] == 0x45)
			mark->ports = words[5];
		if (bytes[0] == 0x45 && mark->protocol == IPPROTO_TCP)
			mark->sequence = words[6];
	} else {
		mark->id = bytes[2] << 8 | bytes[3];
		mark->length = bytes[4] << 8 | bytes[5];
		mark->protocol = bytes[6];
		if (bytes[6] == IPPROTO_FRAGMENT)
			mark->fragment =
				bytes[42] || bytes[43] & 0xf8 ? FRAGMENT_LATER : FRAGMENT_FIRST;
		mark->addresses = addresses_v6(words + 2, words + 6);
		if (has_ports(bytes[6]) || bytes[6] == IPPROTO_ICMPV6)
			mark->ports = words[10];
		if (bytes[6] == IPPROTO_TCP)
			mark->sequence = words[11];
	}
}

/* @mark as it was before a translation. */
static __always_inline bool came_with(struct sk_buff *skb, struct mark *mark)
{
	struct conntrack_tuple tuple = {};

	if (!conntrack_came_with(skb, &tuple))
		return false;
	if (tuple.family == AF_INET)
		mark->addresses =
			addresses_v4((const u32 *)tuple.source, (const u32 *)tuple.destination);
	else
		mark->addresses =
			addresses_v6((const u32 *)tuple.source, (const u32 *)tuple.destination);
	if (has_ports(tuple.protocol))
		mark->ports = tuple.source_port | (u32)tuple.destination_port << 16;
	return true;
}

/* A fragment is met again as a part of the whole: with another length, without ports, and
 * without IPv6's fragment header. */
static __always_inline bool same_marks(const struct mark *now, const struct mark *seen)
{
	if (now->id != seen->id || now->addresses != seen->addresses)
		return false;
	if (seen->fragment)
		return true;
	if (now->length != seen->length || now->protocol != seen->protocol ||
	    now->sequence != seen->sequence)
		return false;
	/* An echo's number may be translated, and its checksum with it. */
	return !seen->ports || now->ports == seen->ports || !has_ports(now->protocol);
}

static __always_inline bool same_packet(struct sk_buff *skb, const struct mark *now,
					const struct mark *seen)
{
	struct mark before = *now;

	return same_marks(now, seen) || (came_with(skb, &before) && same_marks(&before, seen));
}

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
static __always_inline bool is_pending(struct sk_buff *skb, bool incoming)
{
	u64 head = head_of(skb);
	struct pending *slot = pending_at(head);

	return slot && slot->head == head && slot->incoming == incoming;
}

/* Everybody who reads an entry looks at its number before and after; on some machines the
 * number could be seen first, hence the exchange. */
static __always_inline void publish(struct late_owner *entry, u64 number)
{
	__sync_lock_test_and_set(&entry->number, number);
}

/* The entry of a record; what it holds of an older one is wiped. */
static __always_inline struct late_owner *late_entry(u64 number)
{
	u32 index = number & config.late_mask;
	struct late_owner *entry = number ? bpf_map_lookup_elem(&late, &index) : NULL;

	if (!entry || entry->number == number)
		return entry;
	entry->number = 0;
	barrier();
	entry->cookie = 0;
	__builtin_memset(&entry->owner, 0, sizeof(entry->owner));
	entry->receivers = 0;
	entry->position = 0;
	entry->more = 0;
	entry->shared = 0;
	entry->forwarded = 0;
	entry->multipath = 0;
	return entry;
}

static __always_inline void tell_forwarded(u64 number)
{
	struct late_owner *entry = late_entry(number);

	if (!entry)
		return;
	entry->forwarded = 1;
	publish(entry, number);
}

/* Another device sends on what came in at those before it. */
static __always_inline void tell_forwarded_to_all(const struct pending *slot)
{
#pragma clang loop unroll(disable)
	for (u32 i = 1; i < HOPS; i++)
		tell_forwarded(slot->numbers[i]);
}

/* The same socket takes a packet again where it takes it in pieces: they follow each other. */
static __always_inline void tell_again(struct late_owner *entry, const struct late_owner *receiver)
{
	if (entry->cookie == receiver->cookie && receiver->cookie) {
		if (receiver->position == entry->position + entry->more + 1)
			entry->more++;
		else
			entry->position = 0;
	} else if (!same_process(&entry->owner, &receiver->owner)) {
		entry->receivers++;
	}
}

/* Which datagram these records' is for its socket is not sure after all. */
static __always_inline void tell_unsure_to_all(const u64 *numbers)
{
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < HOPS; i++) {
		u32 index = numbers[i] & config.late_mask;
		struct late_owner *entry = bpf_map_lookup_elem(&late, &index);

		if (entry && numbers[i] && entry->number == numbers[i])
			entry->position = 0;
	}
}

/* The first socket's owner is told; that of any further one makes it nobody's. */
static __always_inline void tell_receiver(u64 number, const struct late_owner *receiver)
{
	struct late_owner *entry = late_entry(number);

	if (!entry)
		return;
	if (entry->receivers) {
		tell_again(entry, receiver);
		return;
	}
	entry->number = 0;
	barrier();
	entry->cookie = receiver->cookie;
	entry->owner = receiver->owner;
	entry->receivers = 1;
	entry->position = receiver->position;
	entry->shared = receiver->shared;
	entry->multipath = receiver->multipath;
	entry->subflow = receiver->subflow;
	entry->begin = receiver->begin;
	publish(entry, number);
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

/* At the tracepoint of what comes in, the network header is where the data begins, and not
 * yet noted; but a tag that the device has left in the packet stands before it. */
static __always_inline u64 incoming_network(struct sk_buff *skb)
{
	u64 data = (u64)BPF_CORE_READ(skb, data);
	u16 protocol = BPF_CORE_READ(skb, protocol);

	if (protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD))
		return data + VLAN_TAG_LENGTH;
	return data;
}

static __always_inline u64 network_header_of(struct sk_buff *skb, enum meeting meeting)
{
	if (meeting == INCOMING)
		return incoming_network(skb);
	return head_of(skb) + BPF_CORE_READ(skb, network_header);
}

/* What a socket takes of a datagram in fragments is the whole, with the first one's data: no
 * later one may take its place. */
static __always_inline bool is_in_the_way(const struct pending *slot, const struct pending *now)
{
	return now->mark.fragment == FRAGMENT_LATER && slot->mark.fragment == FRAGMENT_FIRST;
}

/* The packet has come to a device. Returns where the number of its record here belongs, once
 * it has one; NULL: nothing can be remembered. */
static __always_inline struct pending *pass_device(struct sk_buff *skb, u32 netns,
						   enum meeting meeting)
{
	bool incoming = meeting != OUTGOING;
	u64 head = head_of(skb), *by_mark;
	struct pending *slot = pending_at(head), *before;
	struct pending now = {
		.head = head,
		.dev = (u64)BPF_CORE_READ(skb, dev),
		.carrier = carrier_of(skb),
		.netns = netns,
		.incoming = incoming,
	};
	bool forwarded = false;

	mark_of(network_header_of(skb, meeting), &now.mark);
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

	if (!slot || slot->head != head || slot->dev != (u64)BPF_CORE_READ(skb, dev))
		return NULL;
	mark_of(head + BPF_CORE_READ(skb, network_header), &now);
	return same_packet(skb, &now, &slot->mark) ? slot : NULL;
}

#endif
