// SPDX-License-Identifier: GPL-2.0-or-later
/* address_networks.c - which networks have an address */
#include "extcap/identity/address_networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* A process may send from as many as it likes; each takes some 100 bytes. */
#define ADDRESSES_MAX 65536

/* A key of the table, too. */
struct known {
	struct address address;
	bool has_several;
	guint64 network; /* else this one */
};

struct address_networks {
	GHashTable *table;   /* struct known, by itself */
	bool is_full;	     /* some may be missing */
	struct known recent; /* what was learnt last: most packets tell the same */
};

struct address_networks *address_networks_new(void)
{
	struct address_networks *networks = g_new0(struct address_networks, 1);

	networks->table = g_hash_table_new_full(address_hash, address_equal, g_free, NULL);
	return networks;
}

void address_networks_free(struct address_networks *networks)
{
	if (!networks)
		return;
	g_hash_table_unref(networks->table);
	g_free(networks);
}

static void add(struct address_networks *networks, const struct known *new)
{
	if (!address_is_global(&new->address))
		return;
	if (g_hash_table_size(networks->table) < ADDRESSES_MAX)
		g_hash_table_add(networks->table, g_memdup2(new, sizeof(*new)));
	else
		networks->is_full = true;
}

void address_networks_learn(struct address_networks *networks, const struct address *address,
			    guint64 network)
{
	struct known *known;

	if (network == networks->recent.network &&
	    address_equal(address, &networks->recent.address))
		return;
	networks->recent = (struct known){*address, false, network};
	known = g_hash_table_lookup(networks->table, address);
	if (known)
		known->has_several |= known->network != network;
	else
		add(networks, &networks->recent);
}

bool address_networks_only(const struct address_networks *networks, const struct address *address,
			   guint64 network)
{
	const struct known *known = g_hash_table_lookup(networks->table, address);

	return known ? !known->has_several && known->network == network : !networks->is_full;
}

static bool is_global_v4(const struct address *address)
{
	guint32 v4;

	memcpy(&v4, address->bytes + 12, sizeof(v4));
	v4 = ntohl(v4);
	return v4 >> 24 != 0 && v4 >> 24 != IN_LOOPBACKNET && v4 >> 16 != 0xa9fe &&
	       !IN_MULTICAST(v4) && !IN_BADCLASS(v4);
}

bool address_is_global(const struct address *address)
{
	struct in6_addr v6;

	if (address_is_v4(address))
		return is_global_v4(address);
	memcpy(&v6, address->bytes, sizeof(v6));
	return !IN6_IS_ADDR_UNSPECIFIED(&v6) && !IN6_IS_ADDR_LOOPBACK(&v6) &&
	       !IN6_IS_ADDR_LINKLOCAL(&v6) && !IN6_IS_ADDR_MULTICAST(&v6);
}
