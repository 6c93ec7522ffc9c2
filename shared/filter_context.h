/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter_context.h - what a generated capture filter reads of a packet, and what it answers
 *
 * The surrounding program fills in one per CPU and tail-calls the filter (see
 * extcap/filter/translate.h). Fields hold what a classic filter's ancillary loads give on
 * Linux: numbers in host order, 32 bits each.
 */
#ifndef PTCPDUMP_SHARED_FILTER_CONTEXT_H
#define PTCPDUMP_SHARED_FILTER_CONTEXT_H

#include "shared/link_kind.h"

/* In a hook's array of programs there is a filter for each link kind, and behind them the
 * capture, which a filter calls. */
#define FILTER_CAPTURE LINK_KINDS

/* Of a packet's first bytes, which hold all headers but for rare ones. A power of two. */
#define FILTER_BYTES 256

/* The longest load starts at the last byte. */
#define FILTER_ROOM 8

enum filter_verdict {
	FILTER_NO_MATCH,
	FILTER_MATCH,
	FILTER_UNSURE, /* it needs a byte of the packet that is not in bytes[] */
};

struct filter_context {
	u32 captured;	 /* bytes that are here: at most FILTER_BYTES */
	u32 length;	 /* of the packet, as the kernel's own filter sees it: without a tag
			    that stands in metadata */
	u32 verdict;	 /* the answer, for the program that is called on a match */
	u32 protocol;	 /* ETH_P_* */
	u32 packet_type; /* PACKET_HOST, PACKET_OUTGOING, ... */
	u32 ifindex;
	u32 hardware; /* ARPHRD_* */
	u32 mark;
	u32 queue;
	u32 hash;
	u32 vlan_tag;	  /* the metadata tag's TCI */
	u32 vlan_present; /* 1: there is one */
	u32 vlan_protocol;
	u32 cpu;
	u32 random;
	u32 followed; /* for the capture: the packet was met before the filter (bpf/filter.h) */
	/* From the link layer's header on, where the link type has one. */
	u8 bytes[FILTER_BYTES + FILTER_ROOM];
};

_Static_assert(sizeof(struct filter_context) == 64 + FILTER_BYTES + FILTER_ROOM, "no padding");

#endif
