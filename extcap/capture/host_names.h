/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_names.h - names of containers' and pods' addresses, for whoever resolves names
 *
 * Theory of operation
 * A name-resolution block names an address for a whole file, before it and behind it, and cannot
 * be taken back; an address may be the next container's in a moment. So an address gets a name, one
 * and once, when
 *   - all who had it while we captured were called the same,
 *   - the container that has it has lived for LIFE_NS, and has a network of its own,
 *   - no other network namespace that is captured is known to have the address, nor had it: a
 *     container that is started anew has another one than before,
 *   - it is one that belongs to one host, and the name is one of a host.
 *
 * What comes later cannot be known: an address that has its name keeps it, also where another
 * namespace turns out to have it. And namespaces that elsewhere.h leaves out, or that are younger
 * than the capture, are known to have one only when one of their processes has sent from it or
 * received there.
 *
 * ptcpdump.src.name and .dst.name (name_ends.h) go by each packet's time, and need none of this.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_HOST_NAMES_H
#define PTCPDUMP_EXTCAP_CAPTURE_HOST_NAMES_H

#include "extcap/identity/address_networks.h"
#include "extcap/identity/processes.h"
#include "shared/record.h"

struct host_names;

/** host_names_new() - @processes, borrowed, are to know what was there before the capture */
struct host_names *host_names_new(struct processes *processes);
void host_names_free(struct host_names *names);

/** host_names_learn() - the namespace has this address */
void host_names_learn(struct host_names *names, guint32 netns, const struct address *address);

/** host_names_see() - a packet of a process in the namespace that it was seen in
 *  @sent: by that process; else it receives it */
void host_names_see(struct host_names *names, const struct packet_record *record, bool sent);

/**
 * host_names_write() - append a block with the addresses that may be named by now, if there are any
 * @now:	CLOCK_BOOTTIME ns
 *
 * Return: how many.
 */
guint host_names_write(struct host_names *names, const struct addresses *addresses, guint64 now,
		       GByteArray *out);

#endif
