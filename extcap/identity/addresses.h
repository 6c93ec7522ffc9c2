/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addresses.h - which container or pod has an address, by time
 *
 * A runtime gives an address to the next container as soon as the last one has gone. So a name
 * holds from the moment on at which its container is told of, or, where nobody had the address
 * before, from the beginning: runtimes tell of an address after its first packets. An address
 * that several hold at a time has no name, unless it is the same: a pod's containers share one.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_ADDRESSES_H
#define PTCPDUMP_EXTCAP_IDENTITY_ADDRESSES_H

#include <glib.h>
#include <stdbool.h>

/* IPv4 as v4-mapped. */
struct address {
	guint8 bytes[16];
};

/** address_set() - from 4 bytes of AF_INET, or 16 of AF_INET6 */
void address_set(struct address *address, int family, const void *bytes);
/** address_is_v4() - its last four bytes are one of IPv4 */
bool address_is_v4(const struct address *address);
/** address_hash(), address_equal() - for a table whose keys they are */
guint address_hash(gconstpointer key);
gboolean address_equal(gconstpointer a, gconstpointer b);

struct addresses;

struct addresses *addresses_new(void);
void addresses_free(struct addresses *addresses);

/**
 * addresses_hold() - from @now on a container has these addresses and no others
 * @holder:	its id
 * @texts:	"10.88.0.2", "fd00::2"; what is no address is passed over; NULL: none
 * @now:	CLOCK_MONOTONIC ns
 */
void addresses_hold(struct addresses *addresses, const char *holder, const char *name,
		    char *const *texts, guint64 now);

/** addresses_name() - who had an address at @time, borrowed; NULL: nobody, or not for sure */
const char *addresses_name(const struct addresses *addresses, const struct address *address,
			   guint64 time);

/* An address that somebody has now, and all who ever had it were called @name. @holders: the ids of
 * those who have it, char *, borrowed. */
typedef void (*address_certain)(const struct address *address, const char *name,
				const GPtrArray *holders, void *data);

/** addresses_foreach_certain() - all those, in any order */
void addresses_foreach_certain(const struct addresses *addresses, address_certain told, void *data);

/** addresses_version() - changes with all that is held; 0: nothing is known. Names that were
 *  borrowed are the same ones as long as it is the same. */
guint64 addresses_version(const struct addresses *addresses);

/** addresses_of_packet() - both ends of an IP packet; @bytes from its network header on */
bool addresses_of_packet(const guint8 *bytes, gsize length, struct address *source,
			 struct address *destination);

#endif
