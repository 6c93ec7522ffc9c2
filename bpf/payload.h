/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* payload.h - a packet's bytes, into a record
 *
 * Two ways, chosen when the object is built, each with all packets whole, also those
 * whose bytes lie in pages:
 *   - from 6.12 on a dynptr over the skb reads into a record of the ring. The ring
 *     takes constant sizes only: one reservation per size class;
 *   - before, bpf_skb_output copies header and packet into a perf ring per CPU
 *     (PAYLOAD_PERF), which costs twice as much.
 * @packet is what the helpers take: the skb, and in tc the context. The record is the same:
 * the link layer's header that the kernel has already taken
 * off stands right-aligned in front of the rest (MAC_ROOM).
 */
#ifndef PTCPDUMP_BPF_PAYLOAD_H
#define PTCPDUMP_BPF_PAYLOAD_H

#include "bpf/maps.h"

/* The link layer's header, behind which the packet goes on at data + MAC_ROOM. */
static __always_inline void copy_mac(u8 *data, u64 mac, u64 length)
{
	/* The verifier learns nothing from "is not 0" up to 6.1, but it does from a mask. */
	if (length)
		bpf_probe_read_kernel(data + ((MAC_ROOM - length) & (MAC_ROOM - 1)),
				      ((length - 1) & (MAC_ROOM - 1)) + 1, (void *)mac);
}

/* A record that awaits its receiver (any number but 0) has its number when its place in the
 * ring is sure: a packet that is lost must not take an entry of the late table. */
static __always_inline void number_record(struct packet_record *meta)
{
	if (meta->number)
		meta->number = __sync_add_and_fetch(&control.number, 1);
}

#ifdef PAYLOAD_PERF

/* One helper under two names: for tc, and for a tracing program. */
#ifdef PACKET_BY_ADDRESS
#define PERF_OUTPUT bpf_perf_event_output
#else
#define PERF_OUTPUT bpf_skb_output
#endif

/* A sample's size is 16 bits wide and a multiple of 8, with its header (8 bytes), its own
 * length (4) and our record in it. The largest segment that TCP leaves to a device has
 * 65,226 bytes and fits; loopback's may have 65,550, and lose the rest. */
#define PERF_PAYLOAD_MAX (65528 - 8 - 4 - sizeof(struct packet_record) - MAC_ROOM)

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} packets_perf __weak SEC(".maps");

/* The front part of a sample. One per CPU is enough: both hooks run with softirqs off. */
struct sample_head {
	u8 bytes[sizeof(struct packet_record) + 2 * MAC_ROOM];
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct sample_head);
} sample_heads __weak SEC(".maps");

static __always_inline bool deliver(void *packet, struct packet_record *meta, u64 mac)
{
	u32 zero = 0;
	struct sample_head *head = bpf_map_lookup_elem(&sample_heads, &zero);
	u64 payload = meta->length - meta->mac_length;

	if (!head)
		return false;
	if (payload > PERF_PAYLOAD_MAX)
		payload = PERF_PAYLOAD_MAX;
	if (payload > config.snapshot_length && !(meta->flags & PACKET_UNSURE))
		payload = config.snapshot_length;
	copy_mac(head->bytes + sizeof(*meta), mac, meta->mac_length);
	meta->captured = payload + meta->mac_length;
	number_record(meta);
	__builtin_memcpy(head->bytes, meta, sizeof(*meta));
	return !PERF_OUTPUT(packet, &packets_perf, BPF_F_CURRENT_CPU | payload << 32, head->bytes,
			    sizeof(*meta) + MAC_ROOM);
}

#else

#ifdef PACKET_BY_ADDRESS

/* tc has had its own helper for this from the beginning. */
static __always_inline bool read_bytes(void *packet, void *to, u64 length)
{
	return length == 0 || bpf_skb_load_bytes(packet, 0, to, length) == 0;
}

#else

extern int bpf_dynptr_from_skb(struct sk_buff *skb, u64 flags, struct bpf_dynptr *dynptr) __ksym;

static __always_inline bool read_bytes(void *packet, void *to, u64 length)
{
	struct bpf_dynptr bytes;

	return bpf_dynptr_from_skb(packet, 0, &bytes) == 0 &&
	       bpf_dynptr_read(to, length, &bytes, 0, 0) == 0;
}

#endif

static __always_inline bool deliver_class(void *packet, struct packet_record *meta, u64 mac,
					  u64 payload, const u64 room)
{
	struct packet_record *record;

	record = bpf_ringbuf_reserve(&packets, sizeof(*record) + MAC_ROOM + room, 0);
	if (!record)
		return false;
	number_record(meta);
	*record = *meta;
	copy_mac(record->data, mac, meta->mac_length);
	if (payload > room)
		payload = room;
	if (!read_bytes(packet, record->data + MAC_ROOM, payload)) {
		bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
		__sync_fetch_and_add(&control.records_unread, 1);
		return false;
	}
	bpf_ringbuf_submit(record, wakeup());
	return true;
}

#define DELIVER_UP_TO(room)    \
	if (payload <= (room)) \
	return deliver_class(packet, meta, mac, payload, room)

static __always_inline bool deliver(void *packet, struct packet_record *meta, u64 mac)
{
	u64 payload = meta->length - meta->mac_length;

	if (payload > config.snapshot_length && !(meta->flags & PACKET_UNSURE))
		payload = config.snapshot_length;
	if (payload > PAYLOAD_MAX)
		payload = PAYLOAD_MAX;
	meta->captured = payload + meta->mac_length;
	/* Fine steps where packets are many: what a record reserves is what the ring holds less. */
	DELIVER_UP_TO(96);
	DELIVER_UP_TO(128);
	DELIVER_UP_TO(192);
	DELIVER_UP_TO(256);
	DELIVER_UP_TO(384);
	DELIVER_UP_TO(576);
	DELIVER_UP_TO(1024);
	DELIVER_UP_TO(1536);
	DELIVER_UP_TO(4096);
	DELIVER_UP_TO(16384);
	/* The largest frame of loopback has 65,550 bytes. */
	DELIVER_UP_TO(65664);
	return deliver_class(packet, meta, mac, payload, PAYLOAD_MAX);
}

#endif
#endif
