// SPDX-License-Identifier: GPL-2.0-or-later
/* talkers.c - processes by their network sockets: who talks most, where, to how many */
#define _GNU_SOURCE /* fgetpwent() */
#include "extcap/sources/talkers.h"

#include "extcap/sentence.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where Linux begins to give ports away by itself: a UDP socket below it waits for others. */
#define FIRST_PORT_OF_NOBODY 32768

/* So many in a line of the list. */
#define PORTS_SHOWN 4

struct peer {
	guint8 address[16];
};

static guint peer_hash(gconstpointer key)
{
	const struct peer *peer = key;
	guint hash = 5381;

	for (gsize i = 0; i < sizeof(peer->address); i++)
		hash = hash * 33 + peer->address[i];
	return hash;
}

static gboolean peer_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct peer)) == 0;
}

static void talker_free(gpointer data)
{
	struct talker *talker = data;

	g_array_unref(talker->ports);
	g_hash_table_unref(talker->peers);
	g_free(talker);
}

GHashTable *talkers_new(void)
{
	return g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, talker_free);
}

static struct talker *talker_of(GHashTable *talkers, const struct socket_record *record)
{
	struct talker *talker = g_hash_table_lookup(talkers, GUINT_TO_POINTER(record->pid));

	if (talker)
		return talker;
	talker = g_new0(struct talker, 1);
	talker->pid = record->pid;
	talker->host_pid = record->tgid;
	talker->uid = record->uid;
	talker->start = record->start / (G_USEC_PER_SEC * 1000 / (guint64)sysconf(_SC_CLK_TCK));
	memcpy(talker->comm, record->comm, sizeof(talker->comm) - 1);
	talker->ports = g_array_new(FALSE, FALSE, sizeof(guint16));
	talker->peers = g_hash_table_new_full(peer_hash, peer_equal, g_free, NULL);
	g_hash_table_insert(talkers, GUINT_TO_POINTER(talker->pid), talker);
	return talker;
}

static bool waits_for_others(const struct socket_record *record)
{
	if (record->protocol == IPPROTO_TCP)
		return record->state == TCP_LISTEN;
	/* What raw sockets have in its place is no port. */
	return record->protocol == IPPROTO_UDP && record->remote_port == 0 &&
	       record->local_port < FIRST_PORT_OF_NOBODY;
}

/* TCP sockets of both families on one port are one port. */
static void add_port(struct talker *talker, guint16 port)
{
	guint at;

	for (at = 0; at < talker->ports->len; at++) {
		guint16 there = g_array_index(talker->ports, guint16, at);

		if (there == port)
			return;
		if (there > port)
			break;
	}
	g_array_insert_val(talker->ports, at, port);
}

static void add_peer(struct talker *talker, const guint8 *address)
{
	g_hash_table_add(talker->peers, g_memdup2(address, sizeof(struct peer)));
}

void talkers_add(GHashTable *talkers, const struct socket_record *record)
{
	struct talker *talker = talker_of(talkers, record);

	if (waits_for_others(record))
		add_port(talker, record->local_port);
	else if (record->remote_port)
		add_peer(talker, record->remote);
}

static gint by_rank(gconstpointer left, gconstpointer right)
{
	const struct talker *a = *(const struct talker *const *)left;
	const struct talker *b = *(const struct talker *const *)right;
	guint a_peers = g_hash_table_size(a->peers), b_peers = g_hash_table_size(b->peers);

	if (a_peers != b_peers)
		return a_peers > b_peers ? -1 : 1;
	if (a->ports->len != b->ports->len)
		return a->ports->len > b->ports->len ? -1 : 1;
	if (a->start != b->start)
		return a->start > b->start ? -1 : 1;
	return a->pid > b->pid ? -1 : a->pid < b->pid;
}

GPtrArray *talkers_ranked(GHashTable *talkers)
{
	GPtrArray *ranked = g_ptr_array_new();
	GHashTableIter each;
	gpointer talker;

	g_hash_table_iter_init(&each, talkers);
	while (g_hash_table_iter_next(&each, NULL, &talker))
		g_ptr_array_add(ranked, talker);
	g_ptr_array_sort(ranked, by_rank);
	g_ptr_array_set_size(ranked, MIN((gint)ranked->len, TALKERS_LISTED));
	return ranked;
}

static void append_ports(GString *out, const GArray *ports)
{
	for (guint i = 0; i < MIN(ports->len, PORTS_SHOWN); i++)
		g_string_append_printf(out, "%s%u", i ? ", " : " on ",
				       g_array_index(ports, guint16, i));
	if (ports->len > PORTS_SHOWN)
		g_string_append_printf(out, " and %u more", ports->len - PORTS_SHOWN);
}

/* The name that /etc/passwd has: no library that nsswitch.conf names is loaded. */
static void append_user(GString *out, guint32 uid)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;

	while (passwd && (entry = fgetpwent(passwd)) && entry->pw_uid != uid)
		;
	if (entry)
		g_string_append_printf(out, ", user %s", entry->pw_name);
	else
		g_string_append_printf(out, ", user %u", uid);
	if (passwd)
		fclose(passwd);
}

char *talker_display(const struct talker *talker)
{
	GString *out = g_string_new(NULL);
	guint peers = g_hash_table_size(talker->peers);

	g_string_append_printf(out, "%s (%u)", talker->comm, talker->pid);
	if (talker->host_pid != talker->pid)
		g_string_append_printf(out, ", %u on the host", talker->host_pid);
	append_ports(out, talker->ports);
	if (peers)
		g_string_append_printf(out, " with %u peer%s", peers, peers == 1 ? "" : "s");
	append_user(out, talker->uid);
	return g_string_free(out, FALSE);
}

char *talker_value(const struct talker *talker)
{
	bool sayable = sentence_is_name(talker->comm);

	return g_strdup_printf("%u@%" G_GUINT64_FORMAT "%s%s", talker->pid, talker->start,
			       sayable ? "@" : "", sayable ? talker->comm : "");
}
