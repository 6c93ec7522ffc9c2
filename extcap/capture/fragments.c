// SPDX-License-Identifier: GPL-2.0-or-later
/* fragments.c - the owner of a datagram, for its fragments */
#include "extcap/capture/fragments.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

/* A later datagram takes the place of an older one: that one's last fragments then have
 * no owner. */
#define SLOTS 1024

/* An id comes back after 65,536 datagrams; by then the old owner must be forgotten. */
#define KEEP_NS 100000000ULL

struct slot {
	struct fragment_key key;
	struct owner owner;
	guint64 time;
};

struct fragments {
	struct slot slots[SLOTS];
};

struct fragments *fragments_new(void)
{
	return g_new0(struct fragments, 1);
}

void fragments_free(struct fragments *fragments)
{
	g_free(fragments);
}

static bool parse_v4(guint32 netns, const guint8 *bytes, struct fragment_key *key, bool *first)
{
	struct iphdr ip;
	guint16 offset;

	memcpy(&ip, bytes, sizeof(ip));
	offset = g_ntohs(ip.frag_off);
	if (!(offset & (IP_MF | IP_OFFMASK)))
		return false;
	*key = (struct fragment_key){.netns = netns};
	memcpy(key->source, &ip.saddr, sizeof(ip.saddr));
	memcpy(key->destination, &ip.daddr, sizeof(ip.daddr));
	key->protocol = ip.protocol;
	key->id = ip.id;
	*first = !(offset & IP_OFFMASK);
	return true;
}

static bool parse_v6(guint32 netns, const guint8 *bytes, struct fragment_key *key, bool *first)
{
	struct ip6_hdr ip;
	struct ip6_frag fragment;

	memcpy(&ip, bytes, sizeof(ip));
	memcpy(&fragment, bytes + sizeof(ip), sizeof(fragment));
	if (ip.ip6_nxt != IPPROTO_FRAGMENT)
		return false;
	*key = (struct fragment_key){.netns = netns};
	memcpy(key->source, &ip.ip6_src, sizeof(ip.ip6_src));
	memcpy(key->destination, &ip.ip6_dst, sizeof(ip.ip6_dst));
	key->protocol = IPPROTO_FRAGMENT;
	key->id = fragment.ip6f_ident;
	*first = !(fragment.ip6f_offlg & IP6F_OFF_MASK);
	return true;
}

/* @bytes are at no particular address: headers are copied. */
bool fragment_parse(guint32 netns, const guint8 *bytes, gsize length, struct fragment_key *key,
		    bool *first)
{
	if (length >= sizeof(struct iphdr) && bytes[0] >> 4 == 4)
		return parse_v4(netns, bytes, key, first);
	if (length >= sizeof(struct ip6_hdr) + sizeof(struct ip6_frag) && bytes[0] >> 4 == 6)
		return parse_v6(netns, bytes, key, first);
	return false;
}

static guint slot_of(const struct fragment_key *key)
{
	const guint32 *words = (const guint32 *)key;
	guint32 hash = 0;

	for (gsize i = 0; i < sizeof(*key) / sizeof(*words); i++)
		hash = (hash ^ words[i]) * 0x9e3779b1;
	return hash >> 22;
}

void fragments_learn(struct fragments *fragments, const struct fragment_key *key,
		     const struct owner *owner, guint64 now)
{
	fragments->slots[slot_of(key)] = (struct slot){*key, *owner, now};
}

const struct owner *fragments_find(const struct fragments *fragments,
				   const struct fragment_key *key, guint64 now)
{
	const struct slot *slot = &fragments->slots[slot_of(key)];

	if (memcmp(&slot->key, key, sizeof(*key)) != 0 || slot->time + KEEP_NS < now)
		return NULL;
	return &slot->owner;
}

G_STATIC_ASSERT(SLOTS == 1 << (32 - 22));
