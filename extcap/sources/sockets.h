/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sockets.h - the network sockets that processes have open now
 *
 * The two programs see differently far. Whoever links nothing else gets what the user may
 * read in /proc (sockets_proc.c): the own processes', in our own namespace. The engine
 * brings a sockets_each() of its own (sockets_kernel.c), which asks the kernel for all.
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_SOCKETS_H
#define PTCPDUMP_EXTCAP_SOURCES_SOCKETS_H

#include <stdbool.h>

#include "shared/socket_record.h"

/* Takes one socket of a process. */
typedef void (*socket_found)(const struct socket_record *record, void *data);

/** sockets_each() - tell of all that this program can see; never waits */
void sockets_each(socket_found found, void *data);

/** sockets_each_in_proc() - tell of those that /proc shows this user */
void sockets_each_in_proc(socket_found found, void *data);

/** sockets_parse() - one line of a table of /proc/net: addresses and state into @record */
bool sockets_parse(const char *line, struct socket_record *record, unsigned long *inode);

#endif
