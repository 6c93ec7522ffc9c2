/* SPDX-License-Identifier: GPL-2.0-or-later */
/* talkers.h - processes by their network sockets: who talks most, where, to how many
 *
 * The sockets come from sockets.h, one by one; here they become the few processes that
 * a list can show.
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_TALKERS_H
#define PTCPDUMP_EXTCAP_SOURCES_TALKERS_H

#include <glib.h>

#include "shared/socket_record.h"

/* More of them make no list that anybody reads, and cost Wireshark 11 ms each. */
#define TALKERS_LISTED 10

struct talker {
	guint32 pid;	  /* in our pid namespace */
	guint32 host_pid; /* as its packets show it */
	guint32 uid;
	guint64 start; /* clock ticks after boot, as in /proc/PID/stat */
	char comm[COMM_LENGTH];
	GArray *ports;	   /* guint16 that it waits for others on, ascending, once each */
	GHashTable *peers; /* addresses that it is connected with */
};

/** talkers_new() - a table without any; g_hash_table_unref() frees it and the talkers */
GHashTable *talkers_new(void);

/** talkers_add() - take a socket into account */
void talkers_add(GHashTable *talkers, const struct socket_record *record);

/**
 * talkers_ranked() - those that a list shows
 *
 * Those with most peers first, then those that listen on most ports, then the youngest:
 * what was started a moment ago is what somebody looks for.
 *
 * Return: struct talker, at most TALKERS_LISTED, borrowed from @talkers.
 */
GPtrArray *talkers_ranked(GHashTable *talkers);

/** talker_display() - "nginx (812) on 80, 443 with 12 peers, user www-data"; free it. The
 *  name in it is any bytes. */
char *talker_display(const struct talker *talker);

/** talker_value() - as process_check() takes it: "812@10234567@nginx"; free it */
char *talker_value(const struct talker *talker);

#endif
