// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - what the stream says beside packets: the machine, interfaces, counts */
#include "extcap/capture/stream.h"

#include <sys/utsname.h>

#include "extcap/output/pcapng.h"

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

void stream_interface(GByteArray *out, const struct link *link, const struct options *options)
{
	g_autofree char *os = operating_system();
	const struct pcapng_interface interface = {
		.name = link->name,
		.description = "packets with their process",
		.filter = options->filter,
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
		.rejected = link->rejected,
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
			.accepted = counts.seen - counts.rejected,
			.dropped = counts.lost + counts.cut,
			.delivered = counts.written,
		};

		pcapng_statistics(out, &statistics);
	}
}

struct counts stream_counts(const struct links *links)
{
	const GPtrArray *all = links_all(links);
	struct counts sum = {0};

	for (guint i = 0; i < all->len; i++) {
		struct counts counts = counts_of(links, g_ptr_array_index(all, i));

		sum.seen += counts.seen;
		sum.rejected += counts.rejected;
		sum.lost += counts.lost;
		sum.cut += counts.cut;
		sum.written += counts.written;
	}
	return sum;
}
