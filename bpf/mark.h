/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mark.h - what of a packet stays the same on its way through this machine
 *
 * The data's address alone would fit a packet that the kernel has made by itself in memory used
 * again: a segment of a large datagram, say, which passes no device. So a packet is recognised
 * by its marks as well. Of these a router leaves all but addresses and ports, and what those were
 * conntrack says.
 */
#ifndef PTCPDUMP_BPF_MARK_H
#define PTCPDUMP_BPF_MARK_H

#include "bpf/conntrack.h"

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

/* IPv4's number, IPv6's flow label, the length, the protocol, addresses, ports, a TCP segment's
 * number. @network: address of the network header; the shortest packets end within what is
 * read, in memory of their own. */
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

#endif
