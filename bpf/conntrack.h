/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conntrack.h - what a packet's addresses were when it came to this namespace
 *
 * Once conntrack has met a packet, skb->_nfct points to its connection (struct nf_conn) and
 * says in three bits which way it goes. The connection has two tuples: the packets of its
 * originator as they come in, and those of the other side as they come in. Whatever is
 * translated leaves with something else; what it came with is the tuple of its way.
 *
 * struct nf_conn belongs to a module on most distributions, so its BTF is not where libbpf
 * relocates: the engine looks up where the tuples stand (extcap/capture/conntrack.c). A
 * tuple itself has looked the same since 2.6.20, and is read as it stands.
 */
#ifndef PTCPDUMP_BPF_CONNTRACK_H
#define PTCPDUMP_BPF_CONNTRACK_H

#include "bpf/maps.h"

/* include/net/netfilter/nf_conntrack_tuple.h. Of an ICMP echo the source's port is the
 * number, the destination's type and code. */
struct conntrack_tuple {
	u8 source[16];
	u16 source_port;
	u16 family;
	u8 destination[16];
	u16 destination_port;
	u8 protocol;
	u8 way;
};

#define CONNTRACK_INFO 7ULL /* NFCT_INFOMASK */
#define CONNTRACK_IS_REPLY \
	3 /* IP_CT_IS_REPLY: this and above, include/uapi/.../nf_conntrack_common.h */

/* The addresses that the packet had as it came; false: conntrack does not know it. */
static __always_inline bool conntrack_came_with(struct sk_buff *skb, struct conntrack_tuple *tuple)
{
	u64 word, address;

	if (!config.conntrack_tuple)
		return false;
	word = READ(skb, _nfct);
	address = word & ~CONNTRACK_INFO;
	if (!address)
		return false;
	address += config.conntrack_tuple;
	if ((word & CONNTRACK_INFO) >= CONNTRACK_IS_REPLY)
		address += config.conntrack_stride;
	return !bpf_probe_read_kernel(tuple, sizeof(*tuple), (void *)address);
}

#endif
