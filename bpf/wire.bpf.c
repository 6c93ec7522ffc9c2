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

/* What nobody captures here is followed all the same where it may be seen further on: what a
 * router sends on, and what comes in from a socket of this machine. */
SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_transmit, struct sk_buff *skb, struct net_device *dev)
{
	u32 netns = dev->nd_net.net->ns.inum;
	bool loopback = dev->flags & IFF_LOOPBACK, passing = !skb->sk;
	/* Elsewhere the receiver is on this machine only behind a veth, in another namespace. */
	bool two_ends = loopback || passing || config.every_netns || config.more_netns;
	struct packet_record meta = {.netns = netns, .direction = DIRECTION_OUT};
	struct pending *packet = NULL;
	struct counters *counters = counters_for(dev, netns);

	if (!control.capturing || (!counters && !passing))
		return 0;
	if (two_ends || is_pending(skb, true))
		packet = pass_device(skb, netns, OUTGOING);
	if (passing)
		find_passing_sender(&meta, skb, packet);
	else
		find_sender(&meta, skb, packet);
	if (!counters)
		return 0;
	describe(&meta, skb, dev, counters);
	meta.length = skb->len;
	meta.network = network_of(skb);
	if (loopback)
		note_whole(skb->end, packet);
	record(&meta, skb, 0, counters, packet, two_ends);
	return 0;
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_receive, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	u32 netns = dev->nd_net.net->ns.inum;
	struct packet_record meta = {.netns = netns, .direction = DIRECTION_IN};
	struct counters *counters;
	struct pending *packet;
	u64 mac, mac_length;

	if (!control.capturing)
		return 0;
	now_seen_on((u64)dev);
	/* A broadcast that its sender's machine receives as well is not from the wire: like
	 * AF_PACKET, we show it where it is sent. */
	if (dev->flags & IFF_LOOPBACK ||
	    BPF_CORE_READ_BITFIELD(skb, pkt_type) == PACKET_TYPE_LOOPBACK)
		return 0;
	counters = counters_for(dev, netns);
	if (!counters && !skb->sk && !is_pending(skb, false))
		return 0;
	packet = pass_device(skb, netns, INCOMING);
	find_peer(&meta, skb, skb->sk, packet);
	if (!counters)
		return 0;
	describe(&meta, skb, dev, counters);
	/* The data begins behind the link layer's header here; at least 0 for raw devices. */
	mac = head_of(skb) + skb->mac_header;
	mac_length = (u64)BPF_CORE_READ(skb, data) - mac;
	if (mac_length > MAC_ROOM)
		mac_length = 0;
	meta.mac_length = mac_length;
	meta.length = skb->len + mac_length;
	meta.network = incoming_network(skb) - (u64)BPF_CORE_READ(skb, data);
	if (PACKET_TYPE_MANY(BPF_CORE_READ_BITFIELD(skb, pkt_type)))
		meta.flags |= PACKET_MULTICAST;
	note_whole(skb->end, packet);
	record(&meta, skb, mac, counters, packet, true);
	return 0;
}
