// SPDX-License-Identifier: GPL-2.0-or-later
/* attribution.c - whose packet a record is */
#include "extcap/capture/attribution.h"

#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>

#include "extcap/capture/multipath.h"

enum result {
	OWNER_WAIT, /* ask again later */
	OWNER_NOBODY,
	OWNER_UNSURE, /* somebody has it, but not surely the one we know of */
	OWNER_KNOWN,
};

/* The packet from its network header on. */
static const guint8 *network(const struct packet_record *record, gsize *length)
{
	gsize link_layer;

	*length = record->captured - record->mac_length;
	link_layer = MIN(record->network, *length);
	*length -= link_layer;
	return record->data + record->mac_length + link_layer;
}

static bool is_ip(const guint8 *bytes, gsize length)
{
	return length && (bytes[0] >> 4 == 4 || bytes[0] >> 4 == 6);
}

static bool is_icmp_error(const guint8 *bytes, gsize length)
{
	return length > (bytes[0] == 0x45 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr)) &&
	       flow_is_error(bytes);
}

/* What of a packet's transport matters for who reads it. */
struct payload {
	bool is_there;	 /* bytes that a process reads; in doubt yes, which only means to wait */
	bool has_number; /* TCP: */
	guint32 number;	 /* sequence number of the first byte */
	const guint8 *options;
	gsize options_length;
};

static void read_transport(struct payload *payload, guint8 protocol, const guint8 *bytes,
			   gsize there, gsize total)
{
	struct tcphdr tcp;

	if (protocol != IPPROTO_TCP || there < sizeof(tcp))
		return;
	memcpy(&tcp, bytes, sizeof(tcp));
	payload->is_there = total > (gsize)tcp.doff * 4;
	payload->has_number = true;
	payload->number = g_ntohl(tcp.seq);
	if (tcp.doff * 4 > (int)sizeof(tcp) && tcp.doff * 4 <= (int)there) {
		payload->options = bytes + sizeof(tcp);
		payload->options_length = tcp.doff * 4 - sizeof(tcp);
	}
}

static void read_v4(struct payload *payload, const guint8 *bytes, gsize length)
{
	struct iphdr ip;
	gsize header, total;

	memcpy(&ip, bytes, sizeof(ip));
	header = ip.ihl * 4;
	total = g_ntohs(ip.tot_len);
	if (header >= sizeof(ip) && header <= length && header <= total)
		read_transport(payload, ip.protocol, bytes + header, length - header,
			       total - header);
}

static void read_v6(struct payload *payload, const guint8 *bytes, gsize length)
{
	struct ip6_hdr ip;

	memcpy(&ip, bytes, sizeof(ip));
	read_transport(payload, ip.ip6_nxt, bytes + sizeof(ip), length - sizeof(ip),
		       g_ntohs(ip.ip6_plen));
}

/* Headers are copied: on loopback they stand 14 bytes behind an aligned address. */
static struct payload payload_of(const guint8 *bytes, gsize length)
{
	struct payload payload = {.is_there = !length || !is_icmp_error(bytes, length)};

	if (length >= sizeof(struct iphdr) && bytes[0] >> 4 == 4)
		read_v4(&payload, bytes, length);
	else if (length >= sizeof(struct ip6_hdr) && bytes[0] >> 4 == 6)
		read_v6(&payload, bytes, length);
	return payload;
}

/* Others may hold the socket too, and be the ones who read. */
static bool maker_forks(const struct attribution *attribution, const struct owner *owner)
{
	const struct process *process = processes_find(attribution->processes, owner);

	return !process || process->has_forked || !attribution->sees_forks;
}

/* Nobody has read it, as far as we were told, and we have waited. The only user of a socket is
 * not told of at each read. A connection that was just accepted may be waiting for a worker,
 * also if it will be the first. */
static enum result unread(const struct attribution *attribution, const struct late_owner *late,
			  guint64 age)
{
	bool forks;

	if (late->owner.rank == RANK_USED)
		return late->shared ? OWNER_NOBODY : OWNER_KNOWN;
	forks = late->shared || maker_forks(attribution, &late->owner);
	if ((forks || late->owner.rank == RANK_INHERITED) && age < HOLD_ACCEPTED_NS &&
	    !attribution->crowded)
		return OWNER_WAIT;
	return forks ? OWNER_UNSURE : OWNER_KNOWN;
}

/* Which part of what its socket receives a packet is. */
static struct place place_of(const struct packet_record *record, const struct late_owner *late,
			     const struct payload *payload)
{
	struct place place = {.cookie = late->cookie, .time = record->time, .more = late->more};

	if (late->multipath) {
		place.has_position = multipath_position(payload->options, payload->options_length,
							payload->number, late, &place.position);
	} else if (payload->has_number) {
		place.has_position = true;
		place.position = payload->number;
	} else {
		place.has_position = late->position;
		place.position = late->position;
	}
	return place;
}

/* Data for a socket that more than its owner may read from. */
static enum result by_reader(const struct attribution *attribution,
			     const struct packet_record *record, const struct late_owner *late,
			     const struct payload *payload, guint64 age, struct owner *owner)
{
	const struct place place = place_of(record, late, payload);

	/* Who reads next may still be busy with another one. */
	if (late->shared && !place.has_position)
		return OWNER_UNSURE;
	switch (reads_find(events_reads(attribution->events), &place, owner)) {
	case READ_BY:
		return OWNER_KNOWN;
	case READ_BEFORE:
		*owner = late->owner;
		return late->owner.rank == RANK_USED && !late->shared ? OWNER_KNOWN : OWNER_UNSURE;
	case READ_DISPUTED:
		return OWNER_UNSURE;
	case READ_BEYOND:
		/* The only reader is told of once. */
		if (age < HOLD_NS || late->shared)
			break;
		return OWNER_KNOWN;
	case READ_NOT_YET:
		break;
	}
	if (age < HOLD_NS)
		return OWNER_WAIT;
	*owner = late->owner;
	return unread(attribution, late, age);
}

static enum result by_receiver(const struct attribution *attribution,
			       const struct packet_record *record, const struct late_owner *late,
			       guint64 age, struct owner *owner)
{
	struct payload payload;
	const guint8 *bytes;
	gsize length;

	if (!late->owner.start)
		return OWNER_NOBODY;
	bytes = network(record, &length);
	payload = payload_of(bytes, length);
	*owner = late->owner;
	if (!payload.is_there)
		return OWNER_KNOWN;
	if (owner->rank == RANK_USED && !late->shared && !maker_forks(attribution, owner))
		return OWNER_KNOWN;
	return by_reader(attribution, record, late, &payload, age, owner);
}

static bool find_flow(const struct attribution *attribution, const struct packet_record *record,
		      guint64 age, bool outgoing, struct flow *flow)
{
	gsize length;
	const guint8 *bytes = network(record, &length);

	return flows_find(attribution->flows, outgoing, record->netns, bytes, length, record->time,
			  record->time + age, flow);
}

/* The flow table's answer, as if a socket had taken the packet. */
static bool by_flow(const struct attribution *attribution, const struct packet_record *record,
		    guint64 age, struct late_owner *late)
{
	struct flow flow;

	if (!find_flow(attribution, record, age, false, &flow))
		return false;
	late->cookie = flow.cookie;
	late->owner = flow.owner;
	late->shared = flow.shared;
	late->receivers = 1;
	late->position = 0;
	return true;
}

/* Whose the packet is by the socket that took it, or would have. What this machine itself sends
 * (@in_a_hurry) has left it when no socket has taken it by now. */
static enum result receiver_of(const struct attribution *attribution,
			       const struct packet_record *record, guint64 age, bool in_a_hurry,
			       struct owner *owner)
{
	struct late_owner late = {0};
	const guint8 *bytes;
	gsize length;

	bytes = network(record, &length);
	if (!is_ip(bytes, length))
		return OWNER_NOBODY;
	/* An ICMP error is for a packet's sender; raw sockets that get a copy are bystanders. */
	if (record->number && !is_icmp_error(bytes, length))
		kernel_late_owner(attribution->kernel, record->number, &late);
	if (!late.receivers) {
		if (in_a_hurry)
			return OWNER_NOBODY;
		if (age < HOLD_NS && record->number)
			return OWNER_WAIT;
		if (!by_flow(attribution, record, age, &late))
			return OWNER_NOBODY;
	}
	if (late.receivers != 1)
		return OWNER_NOBODY;
	return by_receiver(attribution, record, &late, age, owner);
}

/* The socket that takes a datagram is met with its first fragment's data: the others have
 * their owner from there. */
static enum result reader_of(const struct attribution *attribution,
			     const struct packet_record *record, guint64 age, bool in_a_hurry,
			     struct owner *owner)
{
	guint64 now = record->time + age;
	struct fragment_key key;
	const struct owner *known;
	const guint8 *bytes;
	enum result result;
	gsize length;
	bool first;

	bytes = network(record, &length);
	if (!fragment_parse(record->netns, bytes, length, &key, &first))
		return receiver_of(attribution, record, age, in_a_hurry, owner);
	if (first) {
		result = receiver_of(attribution, record, age, in_a_hurry, owner);
		if (result == OWNER_KNOWN)
			fragments_learn(attribution->fragments, &key, owner, now);
		return result;
	}
	known = fragments_find(attribution->fragments, &key, now);
	if (!known)
		return age < HOLD_NS && !in_a_hurry ? OWNER_WAIT : OWNER_NOBODY;
	*owner = *known;
	return OWNER_KNOWN;
}

/* May the sender that a record tells of be named? Not where all we know is who made the
 * socket, and a child may have sent what is in the packet: where uses are not told of. */
static bool sender_is_sure(const struct attribution *attribution,
			   const struct packet_record *record, const struct owner *sender)
{
	const guint8 *bytes;
	gsize length;

	if (!sender->start || sender->rank == RANK_USED)
		return sender->start;
	bytes = network(record, &length);
	return !payload_of(bytes, length).is_there || !maker_forks(attribution, sender);
}

/* What came in here and no socket has taken: does it pass through? Another device of this
 * namespace has sent it on, or its connection is known to, when the packet itself was not
 * recognised there (it had to wait for a neighbour's address). */
static bool was_forwarded(const struct attribution *attribution, const struct packet_record *record,
			  guint64 age)
{
	struct late_owner late = {0};
	struct flow flow;

	if (record->number)
		kernel_late_owner(attribution->kernel, record->number, &late);
	return !late.receivers &&
	       (late.forwarded || find_flow(attribution, record, age, true, &flow));
}

/* Is the packet named for its far end, where the near one is nobody? What passes through is
 * any local process's that is known; loopback is near to both. */
static bool may_be_far_ends(const struct attribution *attribution,
			    const struct packet_record *record, guint64 age)
{
	if (record->direction == DIRECTION_OUT)
		return record->hardware == ARPHRD_LOOPBACK || record->flags & PACKET_PASSING;
	return was_forwarded(attribution, record, age);
}

/* Of what passes through, the flow table may have learnt since. */
static bool find_sender(const struct attribution *attribution, const struct packet_record *record,
			guint64 age, struct owner *sender)
{
	bool out = record->direction == DIRECTION_OUT;
	struct flow flow;

	*sender = out ? record->owner : record->peer;
	if (out && record->evidence == EVIDENCE_NONE && record->flags & PACKET_PASSING &&
	    age >= HOLD_NS && find_flow(attribution, record, age, true, &flow) && !flow.shared) {
		*sender = flow.owner;
		return sender_is_sure(attribution, record, sender);
	}
	if (out && record->evidence != EVIDENCE_SOCKET)
		return record->evidence != EVIDENCE_NONE;
	return sender_is_sure(attribution, record, sender);
}

bool attribute(const struct attribution *attribution, const struct packet_record *record,
	       guint64 now, struct attributed *out)
{
	guint64 age = now > record->time ? now - record->time : 0;
	bool outgoing = record->direction == DIRECTION_OUT;
	bool in_a_hurry =
		outgoing && record->evidence != EVIDENCE_NONE && !(record->flags & PACKET_PASSING);
	struct owner sender, receiver = {0};
	bool has_sender = find_sender(attribution, record, age, &sender);
	enum result reader = reader_of(attribution, record, age, in_a_hurry, &receiver);
	bool has_receiver = reader == OWNER_KNOWN;
	bool near_is_known = outgoing ? has_sender : has_receiver;
	bool far_is_known = outgoing ? has_receiver : has_sender;
	bool sent = outgoing;

	if (reader == OWNER_WAIT)
		return false;
	if (!near_is_known && far_is_known && may_be_far_ends(attribution, record, age))
		sent = !outgoing;
	out->direction = sent ? DIRECTION_OUT : DIRECTION_IN;
	out->has_owner = sent ? has_sender : has_receiver;
	out->has_peer = sent ? has_receiver : has_sender;
	out->owner = sent ? sender : receiver;
	out->peer = sent ? receiver : sender;
	return true;
}
