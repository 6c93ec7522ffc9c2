/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* payload.h - a packet's bytes, into a record
 *
 * Two ways, chosen when the object is built, each with all packets whole, also those
 * whose bytes lie in pages:
 *   - from 6.12 on a dynptr over the skb reads into a record in the CPU's lane
 *     (shared/lane.h);
 *   - before, bpf_skb_output copies header and packet into a perf ring per CPU
 *     (PAYLOAD_PERF), which costs twice as much.
 * @packet is what the helpers take: the skb, and in tc the context. The record is the same:
 * the link layer's header that the kernel has already taken off, then the rest.
 *
 * A record that awaits its receiver (any number but 0) has its number when its place is sure: a
 * packet for which there is no room must not take an entry of the late table.
 */
#ifndef PTCPDUMP_BPF_PAYLOAD_H
#define PTCPDUMP_BPF_PAYLOAD_H

#include "bpf/owner.h"
#include "shared/lane.h"

/* Returns how long it is, as the verifier believes it. */
static __always_inline u64 copy_mac(u8 *data, u64 mac, u64 length)
{
	/* The verifier learns nothing from "is not 0" up to 6.1, but it does from a mask. */
	if (length)
		bpf_probe_read_kernel(data, ((length - 1) & (MAC_ROOM - 1)) + 1, (void *)mac);
	return length & (2 * MAC_ROOM - 1);
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
	u64 payload = meta->length - meta->mac_length, front;

	if (!head)
		return false;
	if (payload > PERF_PAYLOAD_MAX)
		payload = PERF_PAYLOAD_MAX;
	if (payload > config.snapshot_length && !(meta->flags & PACKET_UNSURE))
		payload = config.snapshot_length;
	front = sizeof(*meta) + copy_mac(head->bytes + sizeof(*meta), mac, meta->mac_length);
	meta->time = bpf_ktime_get_ns();
	meta->captured = payload + meta->mac_length;
	if (meta->number)
		meta->number = __sync_add_and_fetch(&control.number, 1);
	__builtin_memcpy(head->bytes, meta, sizeof(*meta));
	return !PERF_OUTPUT(packet, &packets_perf, BPF_F_CURRENT_CPU | payload << 32, head->bytes,
			    front);
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

/* One for each CPU that is there at the start; value_size is set at load (LANE_BYTES). Written by
 * the wire side of its CPU, but for what the engine has read; nobody deletes. Full, or none for a
 * CPU that came later: the record is lost, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(u32));
	__uint(value_size, LANE_BYTES(4096));
	__uint(max_entries, 1);
} lanes __weak SEC(".maps");

/* What was written before is seen before: x86-64 keeps the order of its writes. */
static __always_inline void publish_record(struct lane *lane, u64 written)
{
#ifdef __TARGET_ARCH_x86
	barrier();
	*(volatile u64 *)&lane->written = written;
#else
	__sync_lock_test_and_set(&lane->written, written);
#endif
}

#define CACHE_LINE 64

/* Memory that was used a round ago is in no near cache, and takes as long to come as the next
 * packet. So it is asked for now. */
static __always_inline void ask_for_next(const struct lane *lane, u64 position)
{
	const volatile u8 *place = lane->bytes + (position & config.lane_mask);

	place[0];
	place[CACHE_LINE];
	place[2 * CACHE_LINE];
	place[3 * CACHE_LINE];
}

static __always_inline bool write_record(struct lane *lane, u32 cpu, void *packet,
					 struct packet_record *meta, u64 mac, u64 payload)
{
	u64 position = lane->written, size = (u64)config.lane_mask + 1;
	u64 after = lane_after(position, meta->captured, size), front;
	struct packet_record *record = (void *)(lane->bytes + (position & config.lane_mask));

	if (after - *(volatile u64 *)&lane->read > size)
		return false;
	meta->time = bpf_ktime_get_ns();
	if (meta->number)
		meta->number = (lane->numbered += config.number_step) + cpu;
	*record = *meta;
	front = copy_mac(record->data, mac, meta->mac_length);
	if (!read_bytes(packet, record->data + front, payload)) {
		__sync_fetch_and_add(&control.records_unread, 1);
		return false;
	}
	publish_record(lane, after);
	ask_for_next(lane, after);
	return true;
}

/* Nothing comes between where softirqs have stacks; with PREEMPT_RT another program may. */
static __always_inline bool take_lane(struct lane *lane)
{
	if (!config.softirq_stacks)
		return !__sync_lock_test_and_set(&lane->busy, 1);
	if (lane->busy)
		return false;
	*(volatile u64 *)&lane->busy = 1;
	return true;
}

static __always_inline bool deliver(void *packet, struct packet_record *meta, u64 mac)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct lane *lane = bpf_map_lookup_elem(&lanes, &cpu);
	u64 payload = meta->length - meta->mac_length;
	bool written;

	if (!lane || !take_lane(lane))
		return false;
	barrier();
	if (payload > config.snapshot_length && !(meta->flags & PACKET_UNSURE))
		payload = config.snapshot_length;
	if (payload > PAYLOAD_MAX)
		payload = PAYLOAD_MAX;
	meta->captured = payload + meta->mac_length;
	written = write_record(lane, cpu, packet, meta, mac, payload);
	barrier();
	*(volatile u64 *)&lane->busy = 0;
	wake_engine();
	return written;
}

#endif
#endif
