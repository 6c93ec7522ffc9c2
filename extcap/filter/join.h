/* SPDX-License-Identifier: GPL-2.0-or-later */
/* join.h - two capture filters that must both hold, as one
 *
 * Joined by "and" each keeps its meaning, but for what stands behind a "vlan", "mpls", "pppoes" or
 * "geneve": to libpcap that speaks of the packet inside, whatever brackets there are. So the filter
 * with such a word comes last, and where both have one they cannot be joined.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_JOIN_H
#define PTCPDUMP_EXTCAP_FILTER_JOIN_H

#include <glib.h>

/**
 * filter_join() - "(@one) and (@other)", or the other way round
 *
 * Each must be right by itself: "tcp) or (udp" is so only in these brackets.
 *
 * Return: to be freed; NULL with a sentence in @error.
 */
char *filter_join(const char *one, const char *other, GError **error);

#endif
