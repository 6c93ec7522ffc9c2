/* SPDX-License-Identifier: GPL-2.0-or-later */
/* classic.h - a capture filter, compiled for every kind of link
 *
 * libpcap compiles the expression for each; the kernel side runs the programs (translate.h,
 * capture/placement.h). What it leaves open is decided here, by the same programs.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_CLASSIC_H
#define PTCPDUMP_EXTCAP_FILTER_CLASSIC_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/filter/compile.h"
#include "extcap/filter/interpret.h"
#include "shared/link_kind.h"

struct filter;

/** filter_needs_live() - does @expression ask for tags? Only a live handle knows where they are */
bool filter_needs_live(const char *expression);

/* The interfaces that a filter is for. */
struct filter_links {
	guint kinds;	 /* bits of enum link_kind */
	guint32 netmask; /* of the only one, or NETMASK_UNKNOWN */
};

/**
 * filter_compile() - compile @expression, for all kinds of links
 * @live:	for Ethernet; NULL: for files, which is the same but for tags
 * @netmask:	of the only interface, or NETMASK_UNKNOWN
 *
 * An expression that asks for what a link does not have ("ether host" on a tun device) captures
 * nothing there. One that is valid on no common kind fails. One that libpcap cannot optimise in
 * a second is used as it is. Names are resolved as in tcpdump.
 *
 * Return: NULL with libpcap's message in @error.
 */
struct filter *filter_compile(const char *expression, struct compiler *live, guint32 netmask,
			      GError **error);
void filter_free(struct filter *filter);

const char *filter_expression(const struct filter *filter);

/** filter_program() - NULL: nothing of that kind is wanted, or filter_is_open() */
const struct classic *filter_program(const struct filter *filter, enum link_kind kind);

/** filter_is_open() - will be compiled when the first packet comes: it takes too long, and the
 *  kind is rare */
bool filter_is_open(const struct filter *filter, enum link_kind kind);

/** filter_refusal() - libpcap's words on why nothing of that kind is wanted; NULL: something is */
const char *filter_refusal(const struct filter *filter, enum link_kind kind);

/** filter_asks() - does it ask for more than the packet's bytes: tag, direction, interface? */
bool filter_asks(const struct filter *filter);

/**
 * filter_matches() - is the packet wanted?
 * @packet:	as the kernel's filters see it, without a tag that stands in metadata
 * @context:	answers what does not stand in the bytes
 */
bool filter_matches(struct filter *filter, enum link_kind kind, const struct filter_packet *packet,
		    const struct filter_context *context);

enum filter_answer {
	FILTER_GOOD,
	FILTER_BAD,
	FILTER_UNKNOWN, /* or good in part */
};

/* What a check may take at every key, which all link types that are there share. The clock by which
 * it is cut off goes in steps of up to 4 ms, and a large child takes 2 to end: so nobody waits
 * longer than 20. */
#define FILTER_CHECK_MS 12

/**
 * filter_check() - is @expression good? Resolves no names.
 * @links:	good is what is so on all of their kinds, bad what is so on none
 * @ms:		of the processor's time
 * @words:	the caller's: in one line what is wrong, also where it is good in part; else NULL
 */
enum filter_answer filter_check(const char *expression, const struct filter_links *links, guint ms,
				char **words);

#endif
