/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pairing.h - how the socket side and the wire side meet over one packet
 *
 * Out: egress leaves a note under the address of the packet's data, the wire side picks it
 * up. In: the wire side leaves its record's number there, ingress picks it up and answers
 * into the late table. The data's address (skb->head) and not the skb's: clones share it,
 * which is what several receivers and a flooding bridge get, while a segment that was cut
 * from a larger packet has another, and does not fit a note that is not its own.
 */
#ifndef PTCPDUMP_BPF_PAIRING_H
#define PTCPDUMP_BPF_PAIRING_H

#include "bpf/owner.h"

/* The skb behind the context. The context pointer is its address, but no arithmetic is
 * allowed on it; reading it back from our own stack makes it a number. */
static __always_inline struct sk_buff *skb_of(struct __sk_buff *ctx)
{
	struct __sk_buff *copy = ctx;
	u64 address = 0;

	bpf_probe_read_kernel(&address, sizeof(address), &copy);
	return (struct sk_buff *)address;
}

/* The address of the packet's data, as a number: loaded plainly it would be a pointer, with
 * which the verifier allows no arithmetic. */
static __always_inline u64 head_of(struct sk_buff *skb)
{
	return (u64)BPF_CORE_READ(skb, head);
}

/* The cookie of the socket on a packet, by which egress and wire mean the same: a request's
 * (SYN-ACK) is its listener's. 0: no socket, or one that nobody has asked for its cookie;
 * egress has, for those it noted. */
static __always_inline u64 carrier_of(struct sk_buff *skb)
{
	struct sock *sk = BPF_CORE_READ(skb, sk);

	if (sk && BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_NEW_SYN_RECV)
		sk = BPF_CORE_READ(sk, __sk_common.skc_listener);
	return sk ? BPF_CORE_READ(sk, __sk_common.skc_cookie.counter) : 0;
}

#define HASH_FACTOR 0x9e3779b97f4a7c15ULL

/* Slab addresses differ in their middle bits; the multiplication spreads them (Knuth). */
static __always_inline u32 slot_of(u64 address, u32 slots)
{
	return (u32)((address * HASH_FACTOR) >> 40) & (slots - 1);
}

static __always_inline u32 note_seal(const struct note *note)
{
	const u64 *words = (const u64 *)note;
	u64 sum = note->evidence;

#pragma unroll
	for (u32 i = 0; i < offsetof(struct note, evidence) / sizeof(u64); i++)
		sum = (sum << 7 | sum >> 57) ^ words[i];
	return (u32)sum ^ (u32)(sum >> 32);
}

static __always_inline void leave_note(u64 head, u64 carrier, const struct owner *owner, u64 cookie,
				       u32 evidence)
{
	struct note note = {
		.head = head,
		.carrier = carrier,
		.cookie = cookie,
		.owner = *owner,
		.evidence = evidence,
	};
	u32 index = slot_of(head, NOTES);
	struct note *slot = bpf_map_lookup_elem(&notes, &index);

	note.seal = note_seal(&note);
	if (slot)
		*slot = note;
}

/* The note for @head and @carrier, copied; false: none that fits both and says who. */
static __always_inline bool find_note(u64 head, u64 carrier, struct note *out)
{
	u32 index = slot_of(head, NOTES);
	struct note *slot = bpf_map_lookup_elem(&notes, &index);

	if (!slot || !carrier || slot->head != head)
		return false;
	*out = *slot;
	return out->head == head && out->carrier == carrier && out->seal == note_seal(out) &&
	       out->evidence != EVIDENCE_NONE;
}

/* Whose listener takes a SYN, under the listener's cookie alone. Its SYN-ACK follows in the
 * same softirq, with a socket that has no storage, and over IPv6 on 6.1 it passes no
 * egress hook (tested for by the macro that runs those: the two sockets in play differ). */
static __always_inline void note_listener(u64 carrier, const struct owner *owner, u64 cookie)
{
	leave_note(carrier, carrier, owner, cookie, owner->start ? EVIDENCE_SOCKET : EVIDENCE_NONE);
}

/* What of a packet stays the same from the device to its socket: IPv4's number, IPv6's flow
 * label, the length, the protocol, the ports. An address alone would fit a packet that the
 * kernel has made by itself in memory used again: a segment of a large datagram, say, which
 * passes no device. @network: address of the network header. */
static __always_inline void mark_of(u64 network, struct mark *mark)
{
	u8 bytes[44] __attribute__((aligned(8))) = {};
	const u64 *v6 = (const u64 *)(bytes + 8);

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
		mark->addresses = (u64) * (u32 *)(bytes + 12) << 32 | *(u32 *)(bytes + 16);
		if (bytes[0] == 0x45)
			mark->ports = *(u32 *)(bytes + 20);
	} else {
		mark->id = bytes[2] << 8 | bytes[3];
		mark->length = bytes[4] << 8 | bytes[5];
		mark->protocol = bytes[6];
		mark->addresses =
			((v6[0] * HASH_FACTOR + v6[1]) * HASH_FACTOR + v6[2]) * HASH_FACTOR + v6[3];
		if (bytes[6] == IPPROTO_FRAGMENT)
			mark->fragment =
				bytes[42] || bytes[43] & 0xf8 ? FRAGMENT_LATER : FRAGMENT_FIRST;
		if (bytes[6] == IPPROTO_TCP || bytes[6] == IPPROTO_UDP ||
		    bytes[6] == IPPROTO_ICMPV6)
			mark->ports = *(u32 *)(bytes + 40);
	}
}

static __always_inline bool same_mark(const struct mark *a, const struct mark *b)
{
	return a->id == b->id && a->ports == b->ports && a->length == b->length &&
	       a->protocol == b->protocol && a->fragment == b->fragment;
}

/* A fragment is met again as a part of the whole: with another length, and without IPv6's
 * fragment header. A translation (conntrack's mark is on the packet) may change ports. */
static __always_inline bool same_packet(struct sk_buff *skb, const struct mark *seen)
{
	struct mark now = {};

	mark_of(head_of(skb) + BPF_CORE_READ(skb, network_header), &now);
	if (now.id != seen->id)
		return false;
	if (seen->fragment)
		return true;
	if (now.length != seen->length || now.protocol != seen->protocol)
		return false;
	return !seen->ports || now.ports == seen->ports || BPF_CORE_READ(skb, _nfct);
}

/* On the way in the network header is where the data begins, and not yet noted; but a tag that
 * the device has left in the packet stands before it. */
static __always_inline u64 incoming_network(struct sk_buff *skb)
{
	u64 data = (u64)BPF_CORE_READ(skb, data);
	u16 protocol = BPF_CORE_READ(skb, protocol);

	if (protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD))
		return data + VLAN_TAG_LENGTH;
	return data;
}

/* Makes ready for the socket that takes the packet. One that was sent through a veth is met a
 * second time, with its sender's socket still on: then the receiver is told to both records.
 * Returns where the record's number belongs, once it has one; NULL for a later fragment: what
 * its socket takes is the whole, with the first one's data. */
static __always_inline struct pending *await_receiver(struct sk_buff *skb, bool incoming)
{
	u64 head = head_of(skb), carrier = carrier_of(skb);
	u32 index = slot_of(head, PENDING);
	struct pending *slot = bpf_map_lookup_elem(&pending, &index);
	struct mark mark = {};

	mark_of(incoming ? incoming_network(skb) : head + BPF_CORE_READ(skb, network_header),
		&mark);
	if (!slot || mark.fragment == FRAGMENT_LATER)
		return NULL;
	slot->earlier[0] = incoming && carrier && slot->head == head && slot->carrier == carrier
				   ? slot->number
				   : 0;
	slot->earlier[1] = slot->earlier[2] = 0;
	slot->head = head;
	slot->carrier = incoming ? 0 : carrier;
	slot->dev = (u64)BPF_CORE_READ(skb, dev);
	slot->number = 0;
	slot->mark = mark;
	return slot;
}

/* The kernel has given an incoming packet on, to a device above the one that it came in by:
 * the records of both wait for the same socket. */
static __always_inline struct pending *await_receiver_above(struct sk_buff *skb)
{
	u64 head = head_of(skb);
	u32 index = slot_of(head, PENDING);
	struct pending *slot = bpf_map_lookup_elem(&pending, &index);
	struct mark mark = {};

	mark_of(head + BPF_CORE_READ(skb, network_header), &mark);
	if (!slot || mark.fragment == FRAGMENT_LATER)
		return NULL;
	if (slot->head == head && !slot->carrier && same_mark(&slot->mark, &mark)) {
		slot->earlier[2] = slot->earlier[1];
		slot->earlier[1] = slot->earlier[0];
		slot->earlier[0] = slot->number;
	} else {
		__builtin_memset(slot->earlier, 0, sizeof(slot->earlier));
	}
	slot->head = head;
	slot->carrier = 0;
	slot->dev = (u64)BPF_CORE_READ(skb, dev);
	slot->number = 0;
	slot->mark = mark;
	return slot;
}

static __always_inline struct pending *awaiting(struct sk_buff *skb)
{
	u64 head = head_of(skb);
	u32 index = slot_of(head, PENDING);
	struct pending *slot = bpf_map_lookup_elem(&pending, &index);

	if (!slot || slot->head != head || slot->dev != (u64)BPF_CORE_READ(skb, dev) ||
	    !same_packet(skb, &slot->mark))
		return NULL;
	return slot;
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

/* Which datagram this record's is for its socket is not sure after all. */
static __always_inline void tell_unsure(u64 number)
{
	u32 index = number & config.late_mask;
	struct late_owner *entry;

	if (!number)
		return;
	entry = bpf_map_lookup_elem(&late, &index);
	if (entry && entry->number == number)
		entry->position = 0;
}

static __always_inline void tell_all_unsure(u64 number, const u64 *earlier)
{
	tell_unsure(number);
#pragma unroll
	for (u32 i = 0; i < EARLIER; i++)
		tell_unsure(earlier[i]);
}

/* The first socket's owner is told; that of any further one makes it nobody's. */
static __always_inline void tell_receiver(u64 number, const struct late_owner *receiver)
{
	u32 index = number & config.late_mask;
	struct late_owner *entry = bpf_map_lookup_elem(&late, &index);

	if (!entry || !number)
		return;
	if (entry->number == number) {
		tell_again(entry, receiver);
		return;
	}
	entry->number = 0;
	barrier();
	entry->cookie = receiver->cookie;
	entry->owner = receiver->owner;
	entry->receivers = 1;
	entry->position = receiver->position;
	entry->more = 0;
	entry->shared = receiver->shared;
	entry->multipath = receiver->multipath;
	entry->subflow = receiver->subflow;
	entry->begin = receiver->begin;
	/* An exchange, for its order: on some machines the number could be seen first. */
	__sync_lock_test_and_set(&entry->number, number);
}

#endif
