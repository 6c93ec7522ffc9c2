/* SPDX-License-Identifier: GPL-2.0-or-later */
/* name_ends.h - the names of a packet's ends, by their addresses */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_NAME_ENDS_H
#define PTCPDUMP_EXTCAP_CAPTURE_NAME_ENDS_H

#include "extcap/identity/addresses.h"
#include "shared/record.h"

/* The comment of the packet before, which mostly has the same ends; to begin with zero. */
struct named_ends {
	GByteArray *bytes; /* a pcapng option */
	const char *source, *destination;
	guint64 version; /* of the addresses */
};

/** ends_of() - a packet's addresses; false where it has none */
bool ends_of(const struct packet_record *record, struct address *source,
	     struct address *destination);

/**
 * name_ends() - which containers or pods have a packet's addresses
 * @named:	what was said before, and is said again where it is the same
 *
 * Return: the comment that says so, as a pcapng option, borrowed until the next call; NULL when
 *         nobody is known to have either.
 */
const GByteArray *name_ends(const struct addresses *addresses, const struct packet_record *record,
			    struct named_ends *named);

#endif
