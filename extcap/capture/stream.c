// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - what the stream says beside packets: the machine, interfaces, counts */
#include "extcap/capture/stream.h"

#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

#include "extcap/capture/scope.h"
#include "extcap/output/pcapng.h"
#include "extcap/seal.h"
#include "shared/annotation.h"

/* An interface may come at any time. */
SEAL_NEEDS("uname");

static char *operating_system(void)
{
	struct utsname system;

	uname(&system);
	return g_strdup_printf("%s %s", system.sysname, system.release);
}

void stream_section(GByteArray *out)
{
	g_autofree char *os = operating_system();
	struct utsname system;

	uname(&system);
	pcapng_section(out, system.machine, os, "ptcpdump " PTCPDUMP_VERSION);
}

/* "eth0", or "eth0@blue" in another namespace. */
static char *interface_name(const struct link *link, guint32 own)
{
	g_autofree char *netns = NULL;
	GString *name = g_string_new(NULL);

	/* Other people's names: a container's root may call a device nearly anything. */
	annotation_printable(name, link->name, strlen(link->name), NAME_MAX);
	if (link->key.netns != own) {
		netns = netns_display(link->key.netns);
		g_string_append_c(name, '@');
		annotation_printable(name, netns, strlen(netns), NAME_MAX);
	}
	return g_string_free(name, FALSE);
}

void stream_interface(GByteArray *out, const struct link *link, guint32 own,
		      const struct filter *filter, const struct options *options)
{
	g_autofree char *os = operating_system();
	g_autofree char *name = interface_name(link, own);
	const struct pcapng_interface interface = {
		.name = name,
		.description = "packets with their process",
		.filter = filter ? filter_expression(filter) : NULL,
		.os = os,
		.link_type = link->link_type,
		.snapshot_length = options->snapshot_length,
	};

	pcapng_interface(out, &interface);
}

static struct counts counts_of(const struct links *links, const struct link *link)
{
	struct counters counters = links_counters(links, link);

	return (struct counts){
		.seen = counters.seen,
		/* What else the kernel side does with a packet it counts. */
		.rejected = link->rejected + counters.seen - counters.captured - counters.lost -
			    counters.unselected,
		.unselected = counters.unselected + link->unselected,
		.lost = counters.lost,
		.cut = link->cut,
		.written = link->written,
	};
}

void stream_statistics(GByteArray *out, const struct links *links, guint64 start, guint64 end)
{
	const GPtrArray *all = links_all(links);

	for (guint i = 0; i < all->len; i++) {
		struct counts counts = counts_of(links, g_ptr_array_index(all, i));
		const struct pcapng_statistics statistics = {
			.interface = i,
			.start = start,
			.end = end,
			.received = counts.seen,
			.accepted = counts.lost + counts.cut + counts.written,
			.dropped = counts.lost + counts.cut,
			.delivered = counts.written,
		};

		pcapng_statistics(out, &statistics);
	}
}

guint64 counts_unaccounted(const struct counts *counts)
{
	return counts->seen - counts->rejected - counts->unselected - counts->lost - counts->cut -
	       counts->written;
}

struct counts stream_counts(const struct links *links)
{
	const GPtrArray *all = links_all(links);
	struct counts sum = {0};

	for (guint i = 0; i < all->len; i++) {
		struct counts counts = counts_of(links, g_ptr_array_index(all, i));

		sum.seen += counts.seen;
		sum.rejected += counts.rejected;
		sum.unselected += counts.unselected;
		sum.lost += counts.lost;
		sum.cut += counts.cut;
		sum.written += counts.written;
	}
	return sum;
}
