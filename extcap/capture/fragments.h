/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fragments.h - the owner of a datagram, for its fragments
 *
 * A later fragment has no ports, and none of its bytes may be read as ports: a sender
 * could choose the owner shown. Its socket takes the whole datagram, whose data begins with
 * the first fragment's; so the first one learns the owner, and the others are told by
 * (namespace, addresses, protocol, id), as the kernel itself puts them together.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_FRAGMENTS_H
#define PTCPDUMP_EXTCAP_CAPTURE_FRAGMENTS_H

#include <glib.h>
#include <stdbool.h>

#include "shared/record.h"

struct fragment_key {
	guint32 netns;
	guint32 id;
	guint8 source[16];
	guint8 destination[16];
	guint32 protocol;
};

struct fragments;

struct fragments *fragments_new(void);
void fragments_free(struct fragments *fragments);

/**
 * fragment_parse() - is a packet a fragment, and of which datagram?
 * @bytes:	from the network header on, @length of them
 * @first:	set to whether it is the datagram's first
 */
bool fragment_parse(guint32 netns, const guint8 *bytes, gsize length, struct fragment_key *key,
		    bool *first);

/** fragments_learn() - the owner of a datagram's first fragment; @now in CLOCK_MONOTONIC ns */
void fragments_learn(struct fragments *fragments, const struct fragment_key *key,
		     const struct owner *owner, guint64 now);

/** fragments_find() - NULL: not known, or longer ago than a datagram is waited for */
const struct owner *fragments_find(const struct fragments *fragments,
				   const struct fragment_key *key, guint64 now);

#endif
