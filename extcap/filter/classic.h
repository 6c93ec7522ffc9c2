/* SPDX-License-Identifier: GPL-2.0-or-later */
/* classic.h - a capture filter, in libpcap's own words
 *
 * libpcap compiles the expression for each link type; its program is run over each
 * packet as it is written, tag and all. (The translation to eBPF, which rejects packets
 * before they are copied, goes beside this file.)
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_CLASSIC_H
#define PTCPDUMP_EXTCAP_FILTER_CLASSIC_H

#include <glib.h>
#include <stdbool.h>

struct filter;

/**
 * filter_compile() - compile @expression for Ethernet and for raw IP
 *
 * An expression that asks for what a link type does not have ("ether host" on a tun
 * device) captures nothing there, which is logged. One that is valid nowhere fails.
 *
 * Return: NULL with libpcap's message in @error.
 */
struct filter *filter_compile(const char *expression, GError **error);
void filter_free(struct filter *filter);

/**
 * filter_matches() - is the packet wanted?
 * @link_type:	LINKTYPE_*
 * @length:	of the packet, of which @captured bytes are there
 */
bool filter_matches(const struct filter *filter, guint16 link_type, const guint8 *bytes,
		    guint32 captured, guint32 length);

#endif
