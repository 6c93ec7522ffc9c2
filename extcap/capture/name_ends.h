/* SPDX-License-Identifier: GPL-2.0-or-later */
/* name_ends.h - the names of a packet's ends, by their addresses */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_NAME_ENDS_H
#define PTCPDUMP_EXTCAP_CAPTURE_NAME_ENDS_H

#include "extcap/identity/addresses.h"
#include "shared/record.h"

/**
 * name_ends() - which containers or pods have a packet's addresses
 * @out:	the comment that says so, as a pcapng option, takes the place of what is there
 *
 * Return: false when nobody is known to have either; @out is empty then.
 */
bool name_ends(const struct addresses *addresses, const struct packet_record *record,
	       GByteArray *out);

#endif
