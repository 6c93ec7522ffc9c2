// SPDX-License-Identifier: GPL-2.0-or-later
/* attribution.c - whose packet a record is */
#include "extcap/capture/attribution.h"

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
	return record->data + MAC_ROOM + link_layer;
}

static bool is_ip(const guint8 *bytes, gsize length)
{
	return length && (bytes[0] >> 4 == 4 || bytes[0] >> 4 == 6);
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
	struct payload payload = {.is_there = true};

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
	forks = maker_forks(attribution, &late->owner);
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
		return late->owner.rank == RANK_USED ? OWNER_KNOWN : OWNER_UNSURE;
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

/* Whose the packet is by the socket that took it. */
static enum result receiver_of(const struct attribution *attribution,
			       const struct packet_record *record, guint64 age, bool in_a_hurry,
			       struct owner *owner)
{
	struct late_owner late;
	const guint8 *bytes;
	gsize length;

	bytes = network(record, &length);
	if (!record->number || !is_ip(bytes, length))
		return OWNER_NOBODY;
	if (!kernel_late_owner(attribution->kernel, record->number, &late))
		return age < HOLD_NS && !in_a_hurry ? OWNER_WAIT : OWNER_NOBODY;
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

static bool outgoing(const struct attribution *attribution, const struct packet_record *record,
		     guint64 age, struct attributed *out)
{
	enum result peer;

	out->owner = record->owner;
	out->has_owner = record->evidence != EVIDENCE_SOCKET ||
			 sender_is_sure(attribution, record, &record->owner);
	/* It is known by now who took it, or it has left the machine. */
	peer = reader_of(attribution, record, age, true, &out->peer);
	out->has_peer = peer == OWNER_KNOWN;
	return peer != OWNER_WAIT;
}

/* The flow table knows who used the connection; who merely holds it, for what has no data. */
static bool flow_may_answer(const struct packet_record *record)
{
	const guint8 *bytes;
	gsize length;

	bytes = network(record, &length);
	return record->owner.rank == RANK_USED || !payload_of(bytes, length).is_there;
}

static bool incoming(const struct attribution *attribution, const struct packet_record *record,
		     guint64 age, struct attributed *out)
{
	enum result owner = reader_of(attribution, record, age, false, &out->owner);

	if (owner == OWNER_WAIT)
		return false;
	out->has_owner = owner == OWNER_KNOWN;
	/* The flow table knows no more of a reader than the socket does. */
	if (owner == OWNER_NOBODY && record->direction == DIRECTION_IN &&
	    record->evidence != EVIDENCE_NONE && flow_may_answer(record)) {
		out->has_owner = true;
		out->owner = record->owner;
	}
	out->has_peer = sender_is_sure(attribution, record, &record->peer);
	out->peer = record->peer;
	return true;
}

bool attribute(const struct attribution *attribution, const struct packet_record *record,
	       guint64 now, struct attributed *out)
{
	guint64 age = now > record->time ? now - record->time : 0;
	bool sent = record->direction == DIRECTION_OUT && record->evidence != EVIDENCE_NONE;

	memset(out, 0, sizeof(*out));
	if (sent) {
		out->direction = DIRECTION_OUT;
		return outgoing(attribution, record, age, out);
	}
	if (!incoming(attribution, record, age, out))
		return false;
	/* Loopback's packets are records of the way out, whoever is named. */
	out->direction = out->has_owner ? DIRECTION_IN : record->direction;
	return true;
}
