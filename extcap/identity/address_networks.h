/* SPDX-License-Identifier: GPL-2.0-or-later */
/* address_networks.h - which networks have an address
 *
 * As the kernel lists them when a capture begins, and as packets tell later: a process that sends
 * from an address, or receives at one, in its own namespace, has it there.
 *
 * A network is a number, whatever it is made of: a namespace's own is given to the next one at
 * once.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_ADDRESS_NETWORKS_H
#define PTCPDUMP_EXTCAP_IDENTITY_ADDRESS_NETWORKS_H

#include "extcap/identity/addresses.h"

struct address_networks;

struct address_networks *address_networks_new(void);
void address_networks_free(struct address_networks *networks);

/** address_networks_learn() - @network, any number but 0, has @address */
void address_networks_learn(struct address_networks *networks, const struct address *address,
			    guint64 network);

/**
 * address_networks_only() - is @network the only one that may have @address?
 *
 * Also where none is known to have it; but not where there was no room to know of more.
 */
bool address_networks_only(const struct address_networks *networks, const struct address *address,
			   guint64 network);

/** address_is_global() - is it one that may belong to a single host? Not loopback's, a group's, or
 *  of one link alone, which all have */
bool address_is_global(const struct address *address);

#endif
