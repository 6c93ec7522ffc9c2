// SPDX-License-Identifier: GPL-2.0-or-later
/* any.c - the source "ptcpdump.any": every interface of our network namespace, or of --netns */
#include "extcap/sources/source.h"

#include <pcap/dlt.h>

static bool any_parse(const char *which, struct source *source, GError **error)
{
	return true;
}

static void any_list(source_found found, void *data)
{
	found("ptcpdump.any", "All interfaces with processes", data);
}

static int any_link_type(const char *which)
{
	return DLT_EN10MB; /* of most; the others say so in their interface block */
}

const struct source_class source_any = {
	.name = "ptcpdump.any",
	.lasting = true,
	.parse = any_parse,
	.list = any_list,
	.link_type = any_link_type,
};
