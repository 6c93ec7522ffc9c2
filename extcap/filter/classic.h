/* SPDX-License-Identifier: GPL-2.0-or-later */
/* classic.h - a capture filter, in libpcap's own words
 *
 * libpcap compiles the expression for each link type that an interface can have; its program
 * is run over each packet as it is written, tag and all. (In the kernel, before they are
 * copied, it will be translate.h's.)
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_CLASSIC_H
#define PTCPDUMP_EXTCAP_FILTER_CLASSIC_H

#include <glib.h>
#include <stdbool.h>

struct filter;

/**
 * filter_compile() - compile @expression, for the common link types at once
 *
 * An expression that asks for what a link type does not have ("ether host" on a tun
 * device) captures nothing there, which is logged. One that is valid nowhere fails. One that
 * libpcap cannot optimise in a second is used as it is. Names are resolved as in tcpdump.
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
bool filter_matches(struct filter *filter, guint16 link_type, const guint8 *bytes, guint32 captured,
		    guint32 length);

/**
 * filter_check() - is @expression good somewhere? Asked at every key, so it takes no more than
 * a few milliseconds and resolves no names.
 *
 * Return: whether that can be told; @words, the caller's, is NULL for a good one, else what
 *         is wrong with it, in one line.
 */
bool filter_check(const char *expression, char **words);

#endif
