/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wire.h - what every hook of the wire side does with a packet
 *
 * Is the interface wanted, who owns the packet, one record into the CPU's lane. How the bytes get
 * there differs by kernel, and is payload.h's. Every packet counted as seen is captured or
 * lost (struct counters).
 */
#ifndef PTCPDUMP_BPF_WIRE_H
#define PTCPDUMP_BPF_WIRE_H

#include "bpf/filter.h"
#include "bpf/passing.h"
#include "bpf/payload.h"
#include "bpf/select.h"

/* The engine names the interface of a packet in its block: it is told of each interface
 * before its first packet, and when its name is another one. */
static __always_inline void tell_link(struct net_device *dev, u32 netns, struct counters *counters)
{
	struct link_event *event;

	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&control.events_lost, 1);
		return;
	}
	event->time = bpf_ktime_get_ns();
	event->kind = LINK_SEEN;
	event->hardware = READ(dev, type);
	event->netns = netns;
	event->ifindex = READ(dev, ifindex);
	event->reserved = 0;
	bpf_probe_read_kernel(event->name, sizeof(event->name), dev->name);
	__builtin_memcpy(counters->name, event->name, sizeof(event->name));
	bpf_ringbuf_submit(event, wakeup_flags());
}

static __always_inline bool same_name(struct net_device *dev, const struct counters *counters)
{
	const u64 *told = (const u64 *)counters->name;
#ifdef PACKET_BY_ADDRESS
	u64 name[LINK_NAME_LENGTH / sizeof(u64)] = {};

	bpf_probe_read_kernel(name, sizeof(name), dev->name);
#else
	const u64 *name = (const u64 *)dev->name;
#endif

	return told[0] == name[0] && told[1] == name[1];
}

static __always_inline bool in_scope(u32 netns, u32 ifindex)
{
	if (config.every_netns)
		return true;
	if (netns == config.netns)
		return !config.ifindex || ifindex == config.ifindex;
	return config.more_netns && bpf_map_lookup_elem(&scope, &netns);
}

/* Those of a device that has been seen; NULL: there is none. */
static __always_inline struct counters *counters_of(struct net_device *dev, u32 netns)
{
	struct device_key key = {.netns = netns, .ifindex = READ(dev, ifindex)};

	return bpf_map_lookup_elem(&devices, &key);
}

/* NULL: not captured. */
static __always_inline struct counters *counters_for(struct net_device *dev, u32 netns)
{
	struct device_key key = {.netns = netns, .ifindex = READ(dev, ifindex)};
	struct counters zero = {}, *counters;

	if (!control.capturing || !in_scope(netns, key.ifindex))
		return NULL;
	counters = bpf_map_lookup_elem(&devices, &key);
	if (!counters) {
		bpf_map_update_elem(&devices, &key, &zero, BPF_NOEXIST);
		counters = bpf_map_lookup_elem(&devices, &key);
	}
	if (!counters) {
		__sync_fetch_and_add(&control.devices_refused, 1);
		return NULL;
	}
	if (!same_name(dev, counters))
		tell_link(dev, netns, counters);
	counters->seen++;
	return counters;
}

static __always_inline void name_owner(struct packet_record *meta, const struct owner *owner,
				       u64 cookie, u8 evidence)
{
	meta->owner = *owner;
	meta->cookie = cookie;
	meta->evidence = evidence;
}

/* The flow table, for packets that no socket answers for. */
static __always_inline void ask_flow(struct packet_record *meta, struct sk_buff *skb, bool passing)
{
	struct flow_key key = {};
	struct flow *flow;

	/* A UDP port may be open to all: the tuple alone proves nothing, but that of a packet
	 * on its way through does. */
	if (!tuple_of(skb, meta->netns, true, &key) || (key.protocol == IPPROTO_UDP && !passing))
		return;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (flow && !(passing && flow->shared))
		name_owner(meta, &flow->owner, flow->cookie, EVIDENCE_FLOW);
}

/* What egress noted of the packet, else of the listener whose SYN-ACK it is. */
static __always_inline bool noted(struct sk_buff *skb, u64 head, struct note *note)
{
	u64 carrier = carrier_of(skb);

	return find_note(head, carrier, note) || find_note(carrier, carrier, note);
}

/* A packet socket's first frame: no hook has met it yet. Its sender is running, unless the
 * frame stood in a queue that somebody else may have drained. */
static __always_inline bool sent_now(struct sk_buff *skb, struct sock *sk, const void *here)
{
	if (sk->__sk_common.skc_family != AF_PACKET || BPF_CORE_READ(skb, dev, _tx, qdisc, enqueue))
		return false;
	return running_counts(running_task(), here);
}

/* Who sent the packet by its socket: the note that egress left, else the socket's state.
 * @sk: as the helper takes it; NULL: none that may have any. */
static __always_inline void sender_of(struct sk_buff *skb, u64 head, void *sk,
				      struct sender *sender)
{
	struct socket_state *state;
	struct note note;

	if (noted(skb, head, &note)) {
		sender->owner = note.owner;
		sender->cookie = note.cookie;
		sender->evidence = note.evidence;
		sender->shared = note.shared;
		return;
	}
	/* NULL too for a request or TIME_WAIT socket, which has no storage. */
	state = sk ? bpf_sk_storage_get(&sockets, sk, NULL, 0) : NULL;
	if (!state || !state->owner.start)
		return;
	sender->owner = state->owner;
	sender->cookie = carrier_of(skb);
	sender->owner.rank = rank_of(state, sender->cookie);
	sender->evidence = EVIDENCE_SOCKET;
	sender->shared = state->shared;
}

/* For the packet's next device, where its socket does not tell. */
static __always_inline void remember_sender(struct pending *packet,
					    const struct packet_record *meta)
{
	if (!packet || meta->evidence == EVIDENCE_NONE)
		return;
	packet->sender = meta->owner;
	packet->cookie = meta->cookie;
	packet->evidence = meta->evidence;
}

static __always_inline void find_sender(struct packet_record *meta, struct sk_buff *skb, u64 head,
					struct pending *packet, const void *here)
{
	struct sock *sk = skb->sk;
	struct sender sender = {};

	if (sk) {
		sender_of(skb, head, sk, &sender);
		name_owner(meta, &sender.owner, sender.cookie, sender.evidence);
		if (meta->evidence != EVIDENCE_NONE)
			return;
		if (sent_now(skb, sk, here)) {
			owner_of_task(running_task(), &meta->owner, RANK_USED);
			meta->evidence = EVIDENCE_RUNNING;
			remember_sender(packet, meta);
			return;
		}
	}
	ask_flow(meta, skb, false);
}

/* Who sent what passes through: remembered on its way, else known to the flow table. */
static __always_inline void find_passing_sender(struct packet_record *meta, struct sk_buff *skb,
						struct pending *packet)
{
	meta->flags |= PACKET_PASSING;
	if (packet && packet->sender.start) {
		name_owner(meta, &packet->sender, packet->cookie, packet->evidence);
		learn_passing(skb, packet);
		return;
	}
	ask_flow(meta, skb, true);
	remember_sender(packet, meta);
}

/* An incoming packet's socket, where it has one, is its sender's, on this machine: a veth
 * keeps it until ip_rcv. Behind a tap it is the tap's own, which has no state. Behind a router
 * it is off, and remembered. @sk: as the helper takes it. */
static __always_inline void find_peer(struct packet_record *meta, struct sk_buff *skb, u64 head,
				      void *sk, struct pending *packet)
{
	struct sender sender = {};

	if (sk)
		sender_of(skb, head, sk, &sender);
	if (packet && sender.evidence != EVIDENCE_NONE) {
		packet->sender = sender.owner;
		packet->cookie = sender.cookie;
		packet->evidence = sender.evidence;
		packet->shared = sender.shared;
	}
	/* A later fragment may have no place to be remembered at. */
	meta->peer = packet ? packet->sender : sender.owner;
}

/* Where a packet that has its link layer has its network header. */
static __always_inline u8 network_of(struct sk_buff *skb, const struct start *start)
{
	return start->head + READ(skb, network_header) - start->data;
}

/* Of one packet that goes from device to device each hook sees one: where it was before. */
static __always_inline u64 now_seen_on(u64 dev)
{
	u32 zero = 0;
	u64 *last = bpf_map_lookup_elem(&seen_on, &zero), before;

	if (!last)
		return 0;
	before = *last;
	*last = dev;
	return before;
}

static __always_inline void describe(struct packet_record *meta, struct sk_buff *skb,
				     struct net_device *dev, struct counters *counters)
{
	struct tag tag;

	meta->ifindex = READ(dev, ifindex);
	meta->hardware = READ(dev, type);
	meta->lost = counters->lost - counters->reported;
	if (read_tag(skb, &tag)) {
		meta->vlan_tci = tag.tci;
		meta->vlan_proto = tag.protocol;
		meta->flags |= PACKET_VLAN;
	}
}

static __always_inline void take_verdict(struct packet_record *meta,
					 const struct filter_context *context)
{
	if (context->verdict == FILTER_UNSURE)
		meta->flags |= PACKET_UNSURE;
}

/* The packet's record, if it may be wanted, into the lane; its number to @packet, if it awaits
 * its receiver. @bytes: the skb, as the helpers take it. On loopback it has both directions, of
 * which the engine knows when it knows both ends. */
static __always_inline void record(struct packet_record *meta, void *bytes, u64 mac,
				   struct counters *counters, struct pending *packet,
				   bool has_other_end)
{
	bool wanted_direction =
		meta->hardware == ARPHRD_LOOPBACK || config.directions & meta->direction;

	if (!wanted_direction || !may_be_wanted(meta, has_other_end)) {
		counters->unselected++;
		return;
	}
	meta->number = packet != NULL;
	if (!deliver(bytes, meta, mac)) {
		counters->lost++;
		if (!control.has_lost)
			control.has_lost = 1;
		return;
	}
	counters->captured++;
	counters->reported += meta->lost;
	if (packet)
		packet->numbers[0] = meta->number;
}

#endif
