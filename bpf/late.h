/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* late.h - what becomes known of a packet when its record is already out
 *
 * One entry for each record that waits for its receiver, at its number; the engine reads it
 * through shared memory when it comes to the record.
 */
#ifndef PTCPDUMP_BPF_LATE_H
#define PTCPDUMP_BPF_LATE_H

#include "bpf/owner.h"

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

static __always_inline void tell_unsure(u64 number)
{
	u32 index = number & config.late_mask;
	struct late_owner *entry = number ? bpf_map_lookup_elem(&late, &index) : NULL;

	if (entry && entry->number == number)
		entry->position = 0;
}

/* Which datagram these records' is for its socket is not sure after all. */
static __always_inline void tell_unsure_to_all(const u64 *numbers)
{
#pragma clang loop unroll(disable)
	for (u32 i = 0; i < HOPS; i++)
		tell_unsure(numbers[i]);
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

#endif
