/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pairing.h - how the socket side and the wire side meet over one packet
 *
 * Out: egress leaves a note under the address of the packet's data, the wire side picks it
 * up. In: the wire side leaves its record's number there, ingress picks it up and answers
 * into the late table (pending.h). The data's address (skb->head) and not the skb's: clones
 * share it, which is what several receivers and a flooding bridge get, while a segment that
 * was cut from a larger packet has another, and does not fit a note that is not its own.
 */
#ifndef PTCPDUMP_BPF_PAIRING_H
#define PTCPDUMP_BPF_PAIRING_H

#include "bpf/owner.h"

/* The skb behind the context, whose address is its own. */
#ifdef PACKET_BY_ADDRESS
static __always_inline struct sk_buff *skb_of(struct __sk_buff *ctx)
{
	return (struct sk_buff *)number_of(ctx);
}
#else
extern void *bpf_cast_to_kern_ctx(void *ctx) __ksym;

static __always_inline struct sk_buff *skb_of(struct __sk_buff *ctx)
{
	return bpf_cast_to_kern_ctx(ctx);
}
#endif

/* The address of the packet's data. */
static __always_inline u64 head_of(struct sk_buff *skb)
{
	return number_of(READ(skb, head));
}

/* Where its memory begins, and its bytes. */
struct start {
	u64 head, data;
};

static __always_inline void read_start(struct sk_buff *skb, struct start *start)
{
#ifdef PACKET_BY_ADDRESS
	/* They stand side by side, and one read costs what two do not. */
	if (bpf_core_field_offset(struct sk_buff, head) + sizeof(start->head) ==
	    bpf_core_field_offset(struct sk_buff, data)) {
		bpf_core_read(start, sizeof(*start), &skb->head);
		return;
	}
#endif
	start->head = number_of(READ(skb, head));
	start->data = number_of(READ(skb, data));
}

/* The cookie of the socket on a packet, by which egress and wire mean the same: a request's
 * (SYN-ACK) is its listener's. 0: no socket, or one that nobody has asked for its cookie;
 * egress has, for those it noted. */
static __always_inline u64 carrier_of(struct sk_buff *skb)
{
	struct sock *sk = READ(skb, sk);

	if (!sk)
		return 0;
	if (READ(sk, __sk_common.skc_state) != TCP_NEW_SYN_RECV)
		return READ(sk, __sk_common.skc_cookie.counter);
	/* In a union, by which the verifier does not know it for a socket. */
	return BPF_CORE_READ(sk, __sk_common.skc_listener, __sk_common.skc_cookie.counter);
}

/* Slab addresses differ in their middle bits; the multiplication spreads them (Knuth). */
static __always_inline u32 slot_of(u64 address, u32 slots)
{
	return (u32)((address * 0x9e3779b97f4a7c15ULL) >> 40) & (slots - 1);
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

/* Who sends by a socket, and on what evidence (enum evidence). */
struct sender {
	struct owner owner;
	u64 cookie; /* of the socket */
	u32 evidence;
	u32 shared; /* several processes have used the socket */
};

static __always_inline void leave_note(u64 head, u64 carrier, const struct sender *sender)
{
	struct note note = {
		.head = head,
		.carrier = carrier,
		.cookie = sender->cookie,
		.owner = sender->owner,
		.shared = sender->shared,
		.evidence = sender->evidence,
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
	struct sender listener = {
		.owner = *owner,
		.cookie = cookie,
		.evidence = owner->start ? EVIDENCE_SOCKET : EVIDENCE_NONE,
	};

	leave_note(carrier, carrier, &listener);
}

#endif
