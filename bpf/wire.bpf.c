// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* wire.bpf.c - the wire side: every packet that passes a device becomes a record
 *
 * Theory of operation
 * net_dev_start_xmit and netif_receive_skb are the tracepoints at AF_PACKET's taps:
 * one attach sees every device of every namespace, also later ones, and what tcpdump
 * sees: after segmentation, with the tag in metadata. A loopback packet passes both;
 * it is shown once, where it is sent, since there its sender is known exactly.
 *
 * Not seen here: the receive side of devices that the kernel re-enters for below the
 * tracepoint (VLAN, macvlan, bond, team). Those want tc on ingress, with this record.
 *
 * Per packet: is the interface wanted, who owns it, one record into the ring. How the
 * bytes get there differs by kernel, and is payload.h's. Every packet counted as seen
 * is captured or lost (struct counters).
 */
#include "bpf/flow.h"
#include "bpf/owner.h"
#include "bpf/pairing.h"
#include "bpf/payload.h"

static __always_inline struct counters *wanted(u32 netns, u32 ifindex)
{
	struct device_key key = {.netns = netns, .ifindex = ifindex};
	struct counters zero = {}, *counters;

	if (!control.capturing || netns != config.netns)
		return NULL;
	if (config.ifindex && ifindex != config.ifindex)
		return NULL;
	counters = bpf_map_lookup_elem(&devices, &key);
	if (counters)
		return counters;
	bpf_map_update_elem(&devices, &key, &zero, BPF_NOEXIST);
	counters = bpf_map_lookup_elem(&devices, &key);
	if (!counters)
		__sync_fetch_and_add(&control.devices_refused, 1);
	return counters;
}

/* Up to 5.18 a bit of its own, later "not zero" says that a tag stands in metadata. */
static __always_inline void read_tag(struct sk_buff *skb, struct packet_record *meta)
{
	bool present = false;

	if (bpf_core_field_exists(((struct sk_buff___vlan_present *)0)->vlan_present))
		present = BPF_CORE_READ_BITFIELD_PROBED((struct sk_buff___vlan_present *)skb,
							vlan_present);
	else if (bpf_core_field_exists(((struct sk_buff___vlan_all *)0)->vlan_all))
		present = BPF_CORE_READ((struct sk_buff___vlan_all *)skb, vlan_all) != 0;
	if (!present)
		return;
	meta->vlan_tci = skb->vlan_tci;
	meta->vlan_proto = skb->vlan_proto;
	meta->flags |= PACKET_VLAN;
}

static __always_inline void name_owner(struct packet_record *meta, const struct owner *owner,
				       u64 cookie, u8 evidence)
{
	meta->owner = *owner;
	meta->cookie = cookie;
	meta->evidence = evidence;
}

/* The flow table, for packets that no socket answers for. */
static __always_inline void ask_flow(struct packet_record *meta, struct sk_buff *skb, bool outgoing)
{
	struct flow_key key = {};
	u8 bytes[FLOW_HEADERS] = {};
	struct flow *flow;
	u64 end = (u64)BPF_CORE_READ(skb, data) + skb->len - skb->data_len;
	u64 network = head_of(skb) + skb->network_header;

	/* Only what is in the linear part: behind it stands some other packet's past. */
	if (end < network + 28)
		return;
	if (bpf_probe_read_kernel(bytes, end < network + 48 ? 28 : 48, (void *)network))
		return;
	if (!flow_of(bytes, outgoing, &key) || key.protocol == IPPROTO_UDP)
		return;
	key.netns = meta->netns;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (flow)
		name_owner(meta, &flow->owner, flow->cookie, EVIDENCE_FLOW);
}

/* The note carries the full socket that egress ran with: for a SYN-ACK, the listener. */
static __always_inline struct sock *full_socket(struct sock *sk)
{
	if (sk && sk->__sk_common.skc_state == TCP_NEW_SYN_RECV)
		return BPF_CORE_READ(sk, __sk_common.skc_listener);
	return sk;
}

/* A packet socket's first frame: no hook has met it yet. Its sender is running, unless the
 * frame stood in a queue that somebody else may have drained. */
static __always_inline bool sent_now(struct sk_buff *skb, struct sock *sk)
{
	if (sk->__sk_common.skc_family != AF_PACKET || BPF_CORE_READ(skb, dev, _tx, qdisc, enqueue))
		return false;
	return running_counts(running_task());
}

static __always_inline void find_sender(struct packet_record *meta, struct sk_buff *skb)
{
	struct sock *sk = skb->sk;
	struct socket_state *state;
	struct note note;
	u64 cookie;

	if (noted_sender(skb, full_socket(sk), &note)) {
		name_owner(meta, &note.owner, note.cookie, note.evidence);
		if (note.evidence != EVIDENCE_NONE)
			return;
	}
	if (sk) {
		/* NULL too for a request or TIME_WAIT socket, which has no storage. */
		state = bpf_sk_storage_get(&sockets, sk, NULL, 0);
		if (state && state->owner.start) {
			cookie = sk->__sk_common.skc_cookie.counter;
			name_owner(meta, &state->owner, cookie, EVIDENCE_SOCKET);
			meta->owner.rank = rank_of(state, cookie);
			return;
		}
		if (sent_now(skb, sk)) {
			owner_of_task(running_task(), &meta->owner, RANK_USED);
			meta->evidence = EVIDENCE_RUNNING;
			return;
		}
	}
	ask_flow(meta, skb, true);
}

static __always_inline void describe(struct packet_record *meta, struct sk_buff *skb,
				     struct net_device *dev, struct counters *counters)
{
	meta->time = bpf_ktime_get_ns();
	meta->ifindex = dev->ifindex;
	meta->netns = config.netns;
	meta->hardware = dev->type;
	meta->lost = counters->lost - counters->reported;
	read_tag(skb, meta);
}

static __always_inline void count(struct counters *counters, const struct packet_record *meta,
				  bool delivered)
{
	if (!delivered) {
		counters->lost++;
		return;
	}
	counters->captured++;
	counters->reported += meta->lost;
}

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_transmit, struct sk_buff *skb, struct net_device *dev)
{
	struct counters *counters = wanted(dev->nd_net.net->ns.inum, dev->ifindex);
	struct packet_record meta = {};

	if (!counters)
		return 0;
	counters->seen++;
	describe(&meta, skb, dev, counters);
	meta.direction = DIRECTION_OUT;
	meta.length = skb->len;
	find_sender(&meta, skb);
	/* On loopback this is also where the packet comes in. */
	if (dev->flags & IFF_LOOPBACK)
		await_receiver(&meta, skb);
	count(counters, &meta, deliver(skb, &meta, 0));
	return 0;
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_receive, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	struct packet_record meta = {};
	struct counters *counters;
	u64 mac, mac_length;

	if (dev->flags & IFF_LOOPBACK)
		return 0;
	counters = wanted(dev->nd_net.net->ns.inum, dev->ifindex);
	if (!counters)
		return 0;
	counters->seen++;
	describe(&meta, skb, dev, counters);
	/* The data begins behind the link layer's header here; at least 0 for raw devices. */
	mac = head_of(skb) + skb->mac_header;
	mac_length = (u64)BPF_CORE_READ(skb, data) - mac;
	if (mac_length > MAC_ROOM)
		mac_length = 0;
	meta.direction = DIRECTION_IN;
	meta.mac_length = mac_length;
	meta.length = skb->len + mac_length;
	if (PACKET_TYPE_MANY(BPF_CORE_READ_BITFIELD(skb, pkt_type)))
		meta.flags |= PACKET_MULTICAST;
	ask_flow(&meta, skb, false);
	await_receiver(&meta, skb);
	count(counters, &meta, deliver(skb, &meta, mac));
	return 0;
}
