// SPDX-License-Identifier: GPL-2.0-or-later
/* addresses.c - which container or pod has an address, by time */
#include "extcap/identity/addresses.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <string.h>

/* Of one address: the oldest are forgotten. */
#define HOLDINGS_MAX 8

struct holding {
	char *holder;
	char *name;
	guint64 since, until; /* CLOCK_MONOTONIC ns */
};

/* Those who have, or had, one address, the oldest first. */
struct holdings {
	GPtrArray *all;	      /* struct holding */
	bool has_other_names; /* not all that there ever were have the same one */
};

struct addresses {
	guint64 version;
	GHashTable *table; /* struct address -> struct holdings */
	GHashTable *held;  /* char *holder -> GArray of struct address that it has now */
};

guint address_hash(gconstpointer key)
{
	const struct address *address = key;
	guint hash = 5381;

	for (gsize i = 0; i < sizeof(address->bytes); i++)
		hash = hash * 33 + address->bytes[i];
	return hash;
}

gboolean address_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct address)) == 0;
}

static void holding_free(gpointer data)
{
	struct holding *holding = data;

	g_free(holding->holder);
	g_free(holding->name);
	g_free(holding);
}

static void free_array(gpointer array)
{
	g_array_unref(array);
}

static struct holdings *new_holdings(void)
{
	struct holdings *holdings = g_new0(struct holdings, 1);

	holdings->all = g_ptr_array_new_with_free_func(holding_free);
	return holdings;
}

static void free_holdings(gpointer data)
{
	struct holdings *holdings = data;

	g_ptr_array_unref(holdings->all);
	g_free(holdings);
}

static struct holding *holding_at(const struct holdings *holdings, guint i)
{
	return g_ptr_array_index(holdings->all, i);
}

struct addresses *addresses_new(void)
{
	struct addresses *addresses = g_new0(struct addresses, 1);

	addresses->table =
		g_hash_table_new_full(address_hash, address_equal, g_free, free_holdings);
	addresses->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_array);
	return addresses;
}

void addresses_free(struct addresses *addresses)
{
	if (!addresses)
		return;
	g_hash_table_unref(addresses->table);
	g_hash_table_unref(addresses->held);
	g_free(addresses);
}

guint64 addresses_version(const struct addresses *addresses)
{
	return g_hash_table_size(addresses->table) ? addresses->version : 0;
}

static void map_v4(struct address *address, const void *v4)
{
	*address = (struct address){.bytes = {[10] = 0xff, 0xff}};
	memcpy(address->bytes + 12, v4, 4);
}

static bool read_address(const char *text, struct address *address)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		map_v4(address, &v4);
		return true;
	}
	return inet_pton(AF_INET6, text, address->bytes) == 1;
}

static bool is_among(const struct address *address, char *const *texts)
{
	struct address other;

	for (; texts && *texts; texts++)
		if (read_address(*texts, &other) && address_equal(&other, address))
			return true;
	return false;
}

/* Ends what @holder has no more, or has under another name. */
static void let_go(const struct addresses *addresses, const char *holder, const char *name,
		   char *const *texts, guint64 now)
{
	const GArray *held = g_hash_table_lookup(addresses->held, holder);

	for (guint h = 0; held && h < held->len; h++) {
		const struct address *address = &g_array_index(held, struct address, h);
		const struct holdings *holdings = g_hash_table_lookup(addresses->table, address);

		for (guint i = 0; holdings && i < holdings->all->len; i++) {
			struct holding *it = holding_at(holdings, i);

			if (it->until == G_MAXUINT64 && strcmp(it->holder, holder) == 0 &&
			    (strcmp(it->name, name) != 0 || !is_among(address, texts)))
				it->until = now;
		}
	}
	g_hash_table_remove(addresses->held, holder);
}

static void note_held(const struct addresses *addresses, const char *holder,
		      const struct address *address)
{
	GArray *held = g_hash_table_lookup(addresses->held, holder);

	if (!held) {
		held = g_array_new(FALSE, FALSE, sizeof(*address));
		g_hash_table_insert(addresses->held, g_strdup(holder), held);
	}
	g_array_append_vals(held, address, 1);
}

static bool holds(const struct holdings *holdings, const char *holder)
{
	for (guint i = 0; i < holdings->all->len; i++) {
		const struct holding *it = holding_at(holdings, i);

		if (it->until == G_MAXUINT64 && strcmp(it->holder, holder) == 0)
			return true;
	}
	return false;
}

static void take(const struct addresses *addresses, const struct address *address,
		 const char *holder, const char *name, guint64 now)
{
	struct holdings *holdings = g_hash_table_lookup(addresses->table, address);
	struct holding *holding;

	if (!holdings) {
		holdings = new_holdings();
		g_hash_table_insert(addresses->table, g_memdup2(address, sizeof(*address)),
				    holdings);
		now = 0;
	}
	if (holds(holdings, holder))
		return;
	if (holdings->all->len && strcmp(holding_at(holdings, 0)->name, name) != 0)
		holdings->has_other_names = true;
	if (holdings->all->len >= HOLDINGS_MAX)
		g_ptr_array_remove_index(holdings->all, 0);
	holding = g_new(struct holding, 1);
	*holding = (struct holding){g_strdup(holder), g_strdup(name), now, G_MAXUINT64};
	g_ptr_array_add(holdings->all, holding);
}

void addresses_hold(struct addresses *addresses, const char *holder, const char *name,
		    char *const *texts, guint64 now)
{
	struct address address;

	addresses->version++;
	let_go(addresses, holder, name, texts, now);
	for (; texts && *texts; texts++) {
		if (!read_address(*texts, &address))
			continue;
		take(addresses, &address, holder, name, now);
		note_held(addresses, holder, &address);
	}
}

const char *addresses_name(const struct addresses *addresses, const struct address *address,
			   guint64 time)
{
	const struct holdings *holdings = g_hash_table_lookup(addresses->table, address);
	const char *name = NULL;

	for (guint i = 0; holdings && i < holdings->all->len; i++) {
		const struct holding *it = holding_at(holdings, i);

		if (time < it->since || time >= it->until)
			continue;
		if (name && strcmp(name, it->name) != 0)
			return NULL;
		name = it->name;
	}
	return name;
}

void addresses_foreach_certain(const struct addresses *addresses, address_certain told, void *data)
{
	g_autoptr(GPtrArray) holders = g_ptr_array_new();
	GHashTableIter each;
	gpointer address, value;

	g_hash_table_iter_init(&each, addresses->table);
	while (g_hash_table_iter_next(&each, &address, &value)) {
		const struct holdings *holdings = value;

		if (holdings->has_other_names)
			continue;
		g_ptr_array_set_size(holders, 0);
		for (guint i = 0; i < holdings->all->len; i++)
			if (holding_at(holdings, i)->until == G_MAXUINT64)
				g_ptr_array_add(holders, holding_at(holdings, i)->holder);
		if (holders->len)
			told(address, holding_at(holdings, 0)->name, holders, data);
	}
}

void address_set(struct address *address, int family, const void *bytes)
{
	if (family == AF_INET)
		map_v4(address, bytes);
	else
		memcpy(address->bytes, bytes, sizeof(address->bytes));
}

bool address_is_v4(const struct address *address)
{
	static const guint8 mapped[12] = {[10] = 0xff, 0xff};

	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

bool addresses_of_packet(const guint8 *bytes, gsize length, struct address *source,
			 struct address *destination)
{
	if (length >= sizeof(struct iphdr) && bytes[0] >> 4 == 4) {
		map_v4(source, bytes + offsetof(struct iphdr, saddr));
		map_v4(destination, bytes + offsetof(struct iphdr, daddr));
		return true;
	}
	if (length < sizeof(struct ip6_hdr) || bytes[0] >> 4 != 6)
		return false;
	memcpy(source, bytes + offsetof(struct ip6_hdr, ip6_src), sizeof(*source));
	memcpy(destination, bytes + offsetof(struct ip6_hdr, ip6_dst), sizeof(*destination));
	return true;
}
