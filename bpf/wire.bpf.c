// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* wire.bpf.c - the wire side: every packet that passes a device becomes a record
 *
 * Theory of operation
 * net_dev_start_xmit and netif_receive_skb are the tracepoints at AF_PACKET's taps:
 * one attach sees every device of every namespace, also later ones, and what tcpdump
 * sees: after segmentation, with the tag in metadata. A loopback packet passes both;
 * it is shown once, where it is sent, since there its sender is known exactly.
 *
 * Not seen here: what the kernel gives to a device below the tracepoint (VLAN, macvlan,
 * bond, team): reentry.bpf.c.
 */
#include "bpf/whole.h"
#include "bpf/wire.h"

/* ---- what a device sends ---- */

/* Both ends of it may be on this machine; elsewhere the receiver is so only behind a veth, in
 * another namespace. */
static __always_inline bool may_have_two_ends(struct sk_buff *skb, struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK || !skb->sk || config.every_netns || config.more_netns;
}

static __always_inline void find_sender_of(struct packet_record *meta, struct sk_buff *skb,
					   u64 head, struct pending *packet, const void *here)
{
	if (skb->sk)
		find_sender(meta, skb, head, packet, here);
	else
		find_passing_sender(meta, skb, packet);
}

static __always_inline void record_outgoing(struct packet_record *meta, struct sk_buff *skb,
					    const struct start *start, struct net_device *dev,
					    struct counters *counters, struct pending *packet)
{
	describe(meta, skb, dev, counters);
	meta->length = skb->len;
	meta->network = network_of(skb, start);
	if (dev->flags & IFF_LOOPBACK)
		note_whole(skb->end, packet);
	record(meta, skb, 0, counters, packet, may_have_two_ends(skb, dev));
}

/* What passes through teaches whose it is, wanted or not. */
static __always_inline void follow_outgoing(struct sk_buff *skb, const struct start *start,
					    u32 netns)
{
	struct packet_record meta = {.netns = netns};
	struct pending *packet = pass_device(skb, start, netns, OUTGOING);

	if (!skb->sk)
		find_passing_sender(&meta, skb, packet);
}

static __always_inline void ask_filter_outgoing(void *ctx, struct sk_buff *skb,
						struct net_device *dev, u32 netns)
{
	struct filter_context *context = filter_context();
	struct start start;
	u32 kind;

	if (!context)
		return;
	read_start(skb, &start);
	context->followed = !skb->sk || was_sent_before(start.head, dev, ctx);
	if (context->followed)
		follow_outgoing(skb, &start, netns);
	kind = show(context, skb, dev, start.data, 0, network_of(skb, &start));
	if (config.filter_asks)
		show_more(context, skb, dev, true);
	ask(ctx, &filters_out, kind);
}

/* What nobody captures here is followed all the same where it may be seen further on: what a
 * router sends on, and what comes in from a socket of this machine. */
SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_transmit, struct sk_buff *skb, struct net_device *dev)
{
	struct packet_record meta = {.netns = dev->nd_net.net->ns.inum, .direction = DIRECTION_OUT};
	struct counters *counters = counters_for(dev, meta.netns);
	struct pending *packet = NULL;
	struct start start;

	if (!control.capturing || (!counters && skb->sk))
		return 0;
	if (config.filtered && counters) {
		ask_filter_outgoing(ctx, skb, dev, meta.netns);
		return 0;
	}
	read_start(skb, &start);
	if (may_have_two_ends(skb, dev) || is_pending(start.head, true))
		packet = pass_device(skb, &start, meta.netns, OUTGOING);
	find_sender_of(&meta, skb, start.head, packet, ctx);
	if (counters)
		record_outgoing(&meta, skb, &start, dev, counters, packet);
	return 0;
}

SEC("?tp_btf/net_dev_start_xmit")
int BPF_PROG(on_wanted_transmit, struct sk_buff *skb, struct net_device *dev)
{
	struct packet_record meta = {.netns = dev->nd_net.net->ns.inum, .direction = DIRECTION_OUT};
	struct counters *counters = counters_of(dev, meta.netns);
	struct filter_context *context = filter_context();
	struct pending *packet = NULL;
	struct start start;

	if (!counters || !context)
		return 0;
	take_verdict(&meta, context);
	read_start(skb, &start);
	if (context->followed)
		packet = passed_device(skb, start.head, dev, false);
	else if (may_have_two_ends(skb, dev))
		packet = pass_device(skb, &start, meta.netns, OUTGOING);
	find_sender_of(&meta, skb, start.head, packet, ctx);
	record_outgoing(&meta, skb, &start, dev, counters, packet);
	return 0;
}

/* ---- what comes in ---- */

/* The data begins behind the link layer's header here; at least 0 for raw devices. Returns
 * where that header is. */
static __always_inline u64 lay_out_incoming(struct packet_record *meta, struct sk_buff *skb,
					    const struct start *start)
{
	u64 mac = start->head + skb->mac_header;
	u64 mac_length = start->data - mac;

	if (mac_length > MAC_ROOM)
		mac_length = 0;
	meta->mac_length = mac_length;
	meta->length = skb->len + mac_length;
	meta->network = tag_inside(skb);
	return mac;
}

static __always_inline void record_incoming(struct packet_record *meta, struct sk_buff *skb,
					    const struct start *start, struct counters *counters,
					    struct pending *packet)
{
	u64 mac;

	describe(meta, skb, skb->dev, counters);
	mac = lay_out_incoming(meta, skb, start);
	if (PACKET_TYPE_MANY(BPF_CORE_READ_BITFIELD(skb, pkt_type)))
		meta->flags |= PACKET_MULTICAST;
	note_whole(skb->end, packet);
	record(meta, skb, mac, counters, packet, true);
}

/* May what comes in here go out again: bridged, redirected, routed? */
static __always_inline bool may_go_on(struct net_device *dev)
{
	struct ipv6_devconf *v6 = NULL;
	struct in_device *v4 = dev->ip_ptr;

	if (dev->rx_handler || dev->xdp_prog || (v4 && v4->cnf.data[DEVCONF_FORWARDING]))
		return true;
	if (bpf_core_field_exists(dev->nf_hooks_ingress) && dev->nf_hooks_ingress)
		return true;
	if (bpf_core_field_exists(dev->tcx_ingress) && dev->tcx_ingress)
		return true;
	if (bpf_core_field_exists(dev->miniq_ingress) && dev->miniq_ingress)
		return true;
	if (bpf_core_field_exists(dev->nd_net.net->ipv6))
		v6 = dev->nd_net.net->ipv6.devconf_all;
	return v6 && v6->forwarding;
}

static __always_inline void follow_incoming(struct sk_buff *skb, const struct start *start,
					    u32 netns)
{
	struct packet_record meta = {.netns = netns};

	find_peer(&meta, skb, start->head, skb->sk, pass_device(skb, start, netns, INCOMING));
}

static __always_inline void ask_filter_incoming(void *ctx, struct sk_buff *skb,
						struct net_device *dev, u32 netns)
{
	struct filter_context *context = filter_context();
	struct start start;
	u64 taken_off;
	u32 kind;

	if (!context)
		return;
	read_start(skb, &start);
	context->followed = skb->sk || came_in_before(start.head, dev);
	if (context->followed)
		follow_incoming(skb, &start, netns);
	taken_off = start.data - start.head - skb->mac_header;
	if (taken_off > MAC_ROOM)
		taken_off = 0;
	kind = show(context, skb, dev, start.data, taken_off, tag_inside(skb));
	if (config.filter_asks)
		show_more(context, skb, dev, false);
	ask(ctx, &filters_in, kind);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_receive, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct packet_record meta = {.netns = dev->nd_net.net->ns.inum, .direction = DIRECTION_IN};
	struct counters *counters;
	struct pending *packet;
	struct start start;

	if (!control.capturing)
		return 0;
	now_seen_on((u64)dev);
	/* A broadcast that its sender's machine receives as well is not from the wire: like
	 * AF_PACKET, we show it where it is sent. */
	if (dev->flags & IFF_LOOPBACK ||
	    BPF_CORE_READ_BITFIELD(skb, pkt_type) == PACKET_TYPE_LOOPBACK)
		return 0;
	counters = counters_for(dev, meta.netns);
	if (config.filtered && counters) {
		ask_filter_incoming(ctx, skb, dev, meta.netns);
		return 0;
	}
	read_start(skb, &start);
	if (!counters && !(skb->sk && may_go_on(dev)) && !is_pending(start.head, false))
		return 0;
	packet = pass_device(skb, &start, meta.netns, INCOMING);
	find_peer(&meta, skb, start.head, skb->sk, packet);
	if (counters)
		record_incoming(&meta, skb, &start, counters, packet);
	return 0;
}

SEC("?tp_btf/netif_receive_skb")
int BPF_PROG(on_wanted_receive, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct packet_record meta = {.netns = dev->nd_net.net->ns.inum, .direction = DIRECTION_IN};
	struct counters *counters = counters_of(dev, meta.netns);
	struct filter_context *context = filter_context();
	struct pending *packet;
	struct start start;

	if (!counters || !context)
		return 0;
	take_verdict(&meta, context);
	read_start(skb, &start);
	if (context->followed)
		packet = passed_device(skb, start.head, dev, true);
	else
		packet = pass_device(skb, &start, meta.netns, INCOMING);
	find_peer(&meta, skb, start.head, skb->sk, packet);
	record_incoming(&meta, skb, &start, counters, packet);
	return 0;
}
