// SPDX-License-Identifier: GPL-2.0-or-later
/* attribution.c - whose packet a record is */
#include "extcap/capture/attribution.h"

enum result {
	OWNER_WAIT, /* ask again later */
	OWNER_NOBODY,
	OWNER_KNOWN,
};

#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <string.h>

/* The packet from its network header on. One that is on its way out has its link layer
 * still on; only loopback's are asked for here, which is Ethernet's. */
static const guint8 *network(const struct packet_record *record, gsize *length)
{
	guint32 link_layer = record->direction == DIRECTION_OUT ? ETHER_HDR_LEN : 0;

	*length = record->captured - record->mac_length;
	link_layer = MIN(link_layer, *length);
	*length -= link_layer;
	return record->data + MAC_ROOM + link_layer;
}

static bool is_ip(const guint8 *bytes, gsize length)
{
	return length && (bytes[0] >> 4 == 4 || bytes[0] >> 4 == 6);
}

/* Bytes that a process reads? In doubt yes, which only means to wait. */
static bool transport_has_data(guint8 protocol, const guint8 *bytes, gsize there, gsize total)
{
	const struct tcphdr *tcp = (const struct tcphdr *)bytes;

	if (protocol != IPPROTO_TCP || there < sizeof(*tcp))
		return true;
	return total > (gsize)tcp->doff * 4;
}

static bool has_data(const guint8 *bytes, gsize length)
{
	const struct iphdr *ip = (const struct iphdr *)bytes;
	const struct ip6_hdr *ip6 = (const struct ip6_hdr *)bytes;

	if (length >= sizeof(*ip) && bytes[0] >> 4 == 4) {
		gsize header = ip->ihl * 4, total = g_ntohs(ip->tot_len);

		if (header < sizeof(*ip) || header > length || total < header)
			return true;
		return transport_has_data(ip->protocol, bytes + header, length - header,
					  total - header);
	}
	if (length >= sizeof(*ip6) && bytes[0] >> 4 == 6)
		return transport_has_data(ip6->ip6_nxt, bytes + sizeof(*ip6), length - sizeof(*ip6),
					  g_ntohs(ip6->ip6_plen));
	return true;
}

/* Others may hold the socket too, and be the ones who read. */
static bool maker_forks(const struct attribution *attribution, const struct owner *owner)
{
	const struct process *process = processes_find(attribution->processes, owner);

	return !process || process->has_forked;
}

/* The first to read from a socket that nobody had used when the packet came. */
static enum result by_reader(const struct attribution *attribution, const struct late_owner *late,
			     guint64 age, struct owner *owner)
{
	const struct owner *user = events_first_use(attribution->events, late->cookie);
	bool forks;

	if (user) {
		*owner = *user;
		return OWNER_KNOWN;
	}
	if (age < HOLD_NS)
		return OWNER_WAIT;
	forks = maker_forks(attribution, owner);
	if (forks && age < HOLD_FORKING_NS && !attribution->crowded)
		return OWNER_WAIT;
	return forks ? OWNER_NOBODY : OWNER_KNOWN;
}

static enum result by_receiver(const struct attribution *attribution,
			       const struct packet_record *record, const struct late_owner *late,
			       guint64 age, struct owner *owner)
{
	const guint8 *bytes;
	gsize length;

	if (!late->owner.start)
		return OWNER_NOBODY;
	*owner = late->owner;
	bytes = network(record, &length);
	if (owner->rank == RANK_USED || !has_data(bytes, length))
		return OWNER_KNOWN;
	return by_reader(attribution, late, age, owner);
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

/* The record's owner, unless all we know is who made the socket, and a child may have sent
 * what is in the packet. */
static bool sender_of(const struct attribution *attribution, const struct packet_record *record,
		      struct owner *owner)
{
	const struct owner *user;
	const guint8 *bytes;
	gsize length;

	*owner = record->owner;
	bytes = network(record, &length);
	if (record->evidence != EVIDENCE_SOCKET || owner->rank == RANK_USED ||
	    !has_data(bytes, length) || !maker_forks(attribution, owner))
		return true;
	user = events_first_use(attribution->events, record->cookie);
	if (user)
		*owner = *user;
	return user;
}

static bool outgoing(const struct attribution *attribution, const struct packet_record *record,
		     guint64 age, struct attributed *out)
{
	enum result peer;

	out->has_owner = sender_of(attribution, record, &out->owner);
	/* It is known by now who took it, or it has left the machine. */
	peer = receiver_of(attribution, record, age, true, &out->peer);
	out->has_peer = peer == OWNER_KNOWN;
	return peer != OWNER_WAIT;
}

/* The socket that takes a datagram is met with its first fragment's data: the others have
 * their owner from there. */
static enum result reader_of(const struct attribution *attribution,
			     const struct packet_record *record, guint64 age, struct owner *owner)
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
		return receiver_of(attribution, record, age, false, owner);
	if (first) {
		result = receiver_of(attribution, record, age, false, owner);
		if (result == OWNER_KNOWN)
			fragments_learn(attribution->fragments, &key, owner, now);
		return result;
	}
	known = fragments_find(attribution->fragments, &key, now);
	if (!known)
		return age < HOLD_NS ? OWNER_WAIT : OWNER_NOBODY;
	*owner = *known;
	return OWNER_KNOWN;
}

static bool incoming(const struct attribution *attribution, const struct packet_record *record,
		     guint64 age, struct attributed *out)
{
	enum result owner = reader_of(attribution, record, age, &out->owner);

	if (owner == OWNER_WAIT)
		return false;
	out->has_owner = owner == OWNER_KNOWN;
	if (!out->has_owner && record->direction == DIRECTION_IN &&
	    record->evidence != EVIDENCE_NONE) {
		out->has_owner = true;
		out->owner = record->owner;
	}
	out->has_peer = record->peer.start;
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
