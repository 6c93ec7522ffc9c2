/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interpret.h - a classic filter, run here
 *
 * For what the kernel side leaves open (a load beyond the first bytes), and where a filter
 * cannot run there. libpcap's own interpreter will not do: it answers no ancillary load, so
 * "vlan" compiled for a live capture never matches, and it shifts by X otherwise than Linux.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_INTERPRET_H
#define PTCPDUMP_EXTCAP_FILTER_INTERPRET_H

#include <glib.h>
#include <linux/filter.h>
#include <stdbool.h>

#include "shared/filter_context.h"

struct filter_packet {
	const guint8 *bytes; /* as in the context, but all there are */
	guint32 captured;
	guint32 length;
};

/**
 * classic_matches() - does the packet match?
 * @code:	that classic_verify() accepts
 * @context:	answers ancillary loads; its bytes and lengths are not looked at
 */
bool classic_matches(const struct sock_filter *code, const struct filter_packet *packet,
		     const struct filter_context *context);

#endif
