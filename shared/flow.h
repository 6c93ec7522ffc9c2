/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flow.h - the tuple of a packet, as the flow table keys it
 *
 * Only headers that stand at a place that needs no search are read: no IPv4
 * options, no IPv6 extension headers, no later fragments (their first bytes are
 * payload: a sender could choose the owner shown). A packet with any of those has
 * no tuple, which costs a few unknown owners and no wrong one.
 *
 * Both sides read a packet by these functions, so that they mean the same entry.
 */
#ifndef PTCPDUMP_SHARED_FLOW_H
#define PTCPDUMP_SHARED_FLOW_H

#include <stdbool.h>

#include "shared/record.h"

#ifndef __bpf__
#include <netinet/in.h> /* eBPF programs have the protocols from bpf/kernel_types.h */
#endif

#define FLOW_INLINE static inline __attribute__((always_inline))

/* The longest headers that have a tuple: IPv6's, and the ports. */
#define FLOW_TUPLE 48
/* An ICMP error quotes the packet it is about: its own headers, then that packet's. */
#define FLOW_HEADERS 96

struct ipv4 {
	u8 version_length;
	u8 tos;
	u16 total_length;
	u16 id;
	u16 fragment;
	u8 ttl;
	u8 protocol;
	u16 checksum;
	u32 source;
	u32 destination;
};

struct ipv6 {
	u32 version_flow;
	u16 payload_length;
	u8 next_header;
	u8 hop_limit;
	u8 source[16];
	u8 destination[16];
};

struct ports {
	u16 source;
	u16 destination;
};

struct icmp {
	u8 type;
	u8 code;
	u16 checksum;
	u16 id;
	u16 sequence;
};

FLOW_INLINE void v4_mapped(u8 *out, u32 address)
{
	u32 *words = (u32 *)out;

	words[0] = 0;
	words[1] = 0;
	words[2] = 0;
	out[10] = out[11] = 0xff;
	words[3] = address;
}

/* The network layer's part of @key; @outgoing tells which end is local.
 * Returns where the next header starts; 0: nothing that has a tuple. */
FLOW_INLINE u32 flow_addresses(const u8 *bytes, bool outgoing, struct flow_key *key)
{
	u8 *source = outgoing ? key->local : key->remote;
	u8 *destination = outgoing ? key->remote : key->local;

	if (bytes[0] == 0x45) {
		const struct ipv4 *ip = (const struct ipv4 *)bytes;

		if (bytes[6] & 0x1f || bytes[7]) /* a later fragment */
			return 0;
		v4_mapped(source, ip->source);
		v4_mapped(destination, ip->destination);
		key->protocol = ip->protocol;
		return sizeof(*ip);
	}
	if (bytes[0] >> 4 == 6) {
		const struct ipv6 *ip = (const struct ipv6 *)bytes;

		__builtin_memcpy(source, ip->source, 16);
		__builtin_memcpy(destination, ip->destination, 16);
		key->protocol = ip->next_header;
		return sizeof(*ip);
	}
	return 0;
}

FLOW_INLINE void flow_ports(struct flow_key *key, const u8 *bytes, bool outgoing)
{
	const struct ports *ports = (const struct ports *)bytes;

	key->local_port = outgoing ? ports->source : ports->destination;
	key->remote_port = outgoing ? ports->destination : ports->source;
}

/* An echo has one number for both ends; it stands as the local port. */
FLOW_INLINE bool flow_echo(struct flow_key *key, const u8 *bytes, u8 type4, u8 type6)
{
	const struct icmp *icmp = (const struct icmp *)bytes;

	if (icmp->type != (key->protocol == IPPROTO_ICMP ? type4 : type6))
		return false;
	key->local_port = icmp->id;
	key->remote_port = 0;
	return true;
}

#define ECHO_REPLY    0
#define ECHO	      8
#define ECHO_V6	      128
#define ECHO_REPLY_V6 129

/* The transport layer's part of @key. */
FLOW_INLINE bool flow_transport(struct flow_key *key, const u8 *bytes, bool outgoing)
{
	switch (key->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
		flow_ports(key, bytes, outgoing);
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (outgoing)
			return flow_echo(key, bytes, ECHO, ECHO_V6);
		return flow_echo(key, bytes, ECHO_REPLY, ECHO_REPLY_V6);
	}
	return false;
}

/* @bytes: FLOW_TUPLE bytes from the network header on, zero behind the packet's end. */
FLOW_INLINE bool flow_of(const u8 *bytes, bool outgoing, struct flow_key *key)
{
	u32 next = flow_addresses(bytes, outgoing, key);

	/* Two constants, not one variable: the verifier follows offsets it can see. */
	if (next == sizeof(struct ipv4))
		return flow_transport(key, bytes + sizeof(struct ipv4), outgoing);
	if (next == sizeof(struct ipv6))
		return flow_transport(key, bytes + sizeof(struct ipv6), outgoing);
	return false;
}

/* Does an ICMP error say why a packet could not be delivered? @bytes: as above. */
FLOW_INLINE bool flow_is_error(const u8 *bytes)
{
	u8 type;

	if (bytes[0] == 0x45 && bytes[9] == IPPROTO_ICMP) {
		type = bytes[sizeof(struct ipv4)];
		/* unreachable, source quench, redirect, time exceeded, parameter problem */
		return (type >= 3 && type <= 5) || type == 11 || type == 12;
	}
	/* RFC 4443 2.1: errors are below 128. */
	return bytes[0] >> 4 == 6 && bytes[6] == IPPROTO_ICMPV6 && bytes[sizeof(struct ipv6)] < 128;
}

/* The tuple of the packet that an ICMP error is about: whoever sent that is local.
 * @bytes: FLOW_HEADERS bytes. */
FLOW_INLINE bool flow_of_quoted(const u8 *bytes, struct flow_key *key)
{
	return flow_of(bytes + 8 + (bytes[0] == 0x45 ? sizeof(struct ipv4) : sizeof(struct ipv6)),
		       true, key);
}

#endif
