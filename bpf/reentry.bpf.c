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

static __always_inline void find_peer_above(struct packet_record *meta, struct __sk_buff *ctx,
					    struct sk_buff *skb, u64 head, struct pending *packet)
{
	struct bpf_sock *sk = ctx->sk;

	/* A veth below keeps the sender's socket on the packet. */
	find_peer(meta, skb, head, sk ? bpf_sk_fullsock(sk) : NULL, packet);
}

static __always_inline void record_above(struct packet_record *meta, struct __sk_buff *ctx,
					 struct sk_buff *skb, const struct start *start,
					 struct net_device *dev, struct counters *counters,
					 struct pending *packet)
{
	describe(meta, skb, dev, counters);
	meta->length = ctx->len;
	meta->network = network_of(skb, start);
	if (PACKET_TYPE_MANY(ctx->pkt_type))
		meta->flags |= PACKET_MULTICAST;
	find_peer_above(meta, ctx, skb, start->head, packet);
	note_whole(BPF_CORE_READ(skb, end), packet);
	record(meta, ctx, 0, counters, packet, true);
}

static __always_inline void follow_above(struct __sk_buff *ctx, struct sk_buff *skb,
					 const struct start *start, u32 netns)
{
	struct packet_record meta = {.netns = netns};

	find_peer_above(&meta, ctx, skb, start->head,
			pass_device(skb, start, netns, INCOMING_ABOVE));
}

static __always_inline void ask_filter_above(struct __sk_buff *ctx, struct sk_buff *skb,
					     struct net_device *dev, u32 netns)
{
	struct filter_context *context = filter_context();
	struct start start;
	u32 kind;

	if (!context)
		return;
	read_start(skb, &start);
	context->followed = ctx->sk || came_in_before(start.head, dev);
	if (context->followed)
		follow_above(ctx, skb, &start, netns);
	kind = show(context, skb, dev, start.data, 0, network_of(skb, &start));
	if (config.filter_asks)
		show_more(context, skb, dev, false);
	ask(ctx, &filters_above, kind);
}

static __always_inline void reenter(struct __sk_buff *ctx)
{
	struct sk_buff *skb = skb_of(ctx);
	struct net_device *dev = BPF_CORE_READ(skb, dev);
	struct packet_record meta = {.direction = DIRECTION_IN};
	struct counters *counters;
	struct start start;

	if (now_seen_on((u64)dev) == (u64)dev)
		return;
	meta.netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	counters = counters_for(dev, meta.netns);
	if (!counters)
		return;
	if (config.filtered) {
		ask_filter_above(ctx, skb, dev, meta.netns);
		return;
	}
	read_start(skb, &start);
	record_above(&meta, ctx, skb, &start, dev, counters,
		     pass_device(skb, &start, meta.netns, INCOMING_ABOVE));
}

static __always_inline void reenter_wanted(struct __sk_buff *ctx)
{
	struct sk_buff *skb = skb_of(ctx);
	struct net_device *dev = BPF_CORE_READ(skb, dev);
	struct filter_context *context = filter_context();
	struct packet_record meta = {.direction = DIRECTION_IN};
	struct counters *counters;
	struct pending *packet;
	struct start start;

	meta.netns = BPF_CORE_READ(dev, nd_net.net, ns.inum);
	counters = counters_of(dev, meta.netns);
	if (!counters || !context)
		return;
	take_verdict(&meta, context);
	read_start(skb, &start);
	packet = context->followed ? passed_device(skb, start.head, dev, true)
				   : pass_device(skb, &start, meta.netns, INCOMING_ABOVE);
	record_above(&meta, ctx, skb, &start, dev, counters, packet);
}

/* TCX_NEXT, to tc TC_ACT_UNSPEC: whoever comes after us decides. The filter says the same. */
SEC("?tc")
int on_reentry(struct __sk_buff *ctx)
{
	reenter(ctx);
	return -1;
}

SEC("?tc")
int on_wanted_reentry(struct __sk_buff *ctx)
{
	reenter_wanted(ctx);
	return -1;
}
