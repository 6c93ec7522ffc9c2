// SPDX-License-Identifier: GPL-2.0-or-later
/* host_names.c - names of containers' and pods' addresses, for whoever resolves names */
#include "extcap/capture/host_names.h"

#include <string.h>

#include "extcap/capture/name_ends.h"
#include "extcap/identity/container_lives.h"
#include "extcap/output/pcapng.h"

/* What is run for a moment, and what crashes and starts again, has ended by then; its address is
 * given to the next one at once. */
#define LIFE_NS 5000000000ULL

struct host_names {
	struct processes *processes;
	GHashTable *named; /* struct address: those that have their name in the file */
	struct address_networks *networks;
};

/* What one look consists of. */
struct look {
	struct host_names *names;
	guint64 now;
	GHashTable *lives; /* NULL: nobody has asked yet */
	GArray *found;	   /* struct pcapng_name */
};

struct host_names *host_names_new(struct processes *processes)
{
	struct host_names *names = g_new0(struct host_names, 1);

	names->processes = processes;
	names->named = g_hash_table_new_full(address_hash, address_equal, g_free, NULL);
	names->networks = address_networks_new();
	return names;
}

void host_names_free(struct host_names *names)
{
	if (!names)
		return;
	g_hash_table_unref(names->named);
	address_networks_free(names->networks);
	g_free(names);
}

/* A namespace's number is given to the next one as soon as it has ended, and an address, too: a
 * container's network is another one than the container's before. So is another one of
 * the same container: what Docker in Docker has inside may have the same addresses. The network
 * from before a container was started anew cannot be told from that. */
static guint64 network_of(const struct host_names *names, guint32 netns)
{
	const struct container *container =
		containers_of_network(processes_containers(names->processes), netns);

	return (guint64)(container ? g_str_hash(container->key) : 0) << 32 | netns;
}

void host_names_learn(struct host_names *names, guint32 netns, const struct address *address)
{
	address_networks_learn(names->networks, address, network_of(names, netns));
}

void host_names_see(struct host_names *names, const struct packet_record *record, bool sent)
{
	struct address source, destination;

	if (ends_of(record, &source, &destination))
		host_names_learn(names, record->netns, sent ? &source : &destination);
}

/* Runtimes and Kubernetes take no others. A line end would be a second line of the table that
 * Wireshark exports, and "192.0.2.1" would be shown for another address. */
static bool is_host_name(const char *name)
{
	bool has_letter = false;
	gsize length = 0;

	for (; name[length]; length++) {
		if (!g_ascii_isalnum(name[length]) && !strchr("_.-", name[length]))
			return false;
		has_letter |= g_ascii_isalpha(name[length]);
	}
	return has_letter && g_ascii_isalnum(*name) && length <= PCAPNG_NAME_MAX;
}

/* The life of who holds an address: of several, a pod's containers, the longest; NULL: nothing is
 * known of it, or they are in different networks. */
static const struct container_life *life_of(struct look *look, const GPtrArray *holders)
{
	const struct containers *containers = processes_containers(look->names->processes);
	const struct container_life *longest = NULL;

	if (!look->lives)
		look->lives = container_lives(look->names->processes);
	for (guint i = 0; i < holders->len; i++) {
		const struct container *container =
			containers_find(containers, g_ptr_array_index(holders, i));
		const struct container_life *life =
			container ? g_hash_table_lookup(look->lives, container) : NULL;

		if (!life)
			continue;
		if (longest && longest->netns != life->netns)
			return NULL;
		if (!longest || life->start < longest->start)
			longest = life;
	}
	return longest;
}

static void consider(const struct address *address, const char *name, const GPtrArray *holders,
		     void *data)
{
	struct look *look = data;
	const struct containers *containers = processes_containers(look->names->processes);
	bool is_v4 = address_is_v4(address);
	const struct container_life *life;
	struct pcapng_name found;

	if (g_hash_table_contains(look->names->named, address) || !is_host_name(name) ||
	    !address_is_global(address))
		return;
	life = life_of(look, holders);
	if (!life || life->start + LIFE_NS > look->now ||
	    !containers_of_network(containers, life->netns) ||
	    !address_networks_only(look->names->networks, address,
				   network_of(look->names, life->netns)))
		return;
	found.address = address->bytes + (is_v4 ? 12 : 0);
	found.address_length = is_v4 ? 4 : 16;
	found.name = name;
	g_array_append_val(look->found, found);
	g_hash_table_add(look->names->named, g_memdup2(address, sizeof(*address)));
}

guint host_names_write(struct host_names *names, const struct addresses *addresses, guint64 now,
		       GByteArray *out)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct pcapng_name));
	struct look look = {names, now, NULL, found};

	addresses_foreach_certain(addresses, consider, &look);
	pcapng_names(out, (const struct pcapng_name *)(void *)found->data, found->len);
	g_clear_pointer(&look.lives, g_hash_table_unref);
	return found->len;
}
