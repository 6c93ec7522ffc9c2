// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* reentry.bpf.c - the wire side of packets that the kernel gives from device to device
 *
 * Theory of operation
 * What comes in for a VLAN, macvlan, ipvlan, bond or team device passes netif_receive_skb
 * as a packet of the device below. Then the kernel puts the other device into it and begins
 * anew, but below the tracepoint: tcpdump sees it, the tracepoint does not. tc's ingress hook
 * stands there as well. It is attached on devices of such kinds alone (extcap/attach/kinds.c).
 *
 * Some of their packets do pass the tracepoint: broadcasts for macvlan take another
 * way. On one CPU the tracepoint comes first, and then the tc hooks of each device, before
 * any other packet does: so the device that was seen last tells whether this is shown already,
 * also where the program is attached to one device twice.
 *
 * The packet is one that begins with its link layer, which tc has put back.
 */
#define PACKET_BY_ADDRESS
#include "bpf/whole.h"
#include "bpf/wire.h"

static __always_inline void reenter(struct __sk_buff *ctx)
{
	struct sk_buff *skb = skb_of(ctx);
	struct net_device *dev = BPF_CORE_READ(skb, dev);
	struct packet_record meta = {.direction = DIRECTION_IN};
	struct counters *counters;
	struct bpf_sock *sk = ctx->sk;
	struct pending *packet;

	if (now_seen_on((u64)dev) == (u64)dev)
		return;
	meta.netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	counters = counters_for(dev, meta.netns);
	if (!counters)
		return;
	describe(&meta, skb, dev, counters);
	meta.length = ctx->len;
	meta.network = network_of(skb);
	if (PACKET_TYPE_MANY(ctx->pkt_type))
		meta.flags |= PACKET_MULTICAST;
	packet = pass_device(skb, meta.netns, INCOMING_ABOVE);
	/* A veth below keeps the sender's socket on the packet. */
	find_peer(&meta, skb, sk ? bpf_sk_fullsock(sk) : NULL, packet);
	note_whole(BPF_CORE_READ(skb, end), packet);
	record(&meta, ctx, 0, counters, packet, true);
}

/* TCX_NEXT, to tc TC_ACT_UNSPEC: whoever comes after us decides. */
SEC("?tc")
int on_reentry(struct __sk_buff *ctx)
{
	reenter(ctx);
	return -1;
}
