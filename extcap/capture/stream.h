/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - what the stream says beside packets: the machine, interfaces, counts */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_STREAM_H
#define PTCPDUMP_EXTCAP_CAPTURE_STREAM_H

#include "extcap/capture/links.h"
#include "extcap/filter/classic.h"
#include "extcap/options.h"

/* What became of the packets of one link, or of all: seen is the sum of all others, once
 * the capture has ended. */
struct counts {
	guint64 seen;	    /* passed the hook */
	guint64 rejected;   /* by the filter */
	guint64 unselected; /* by the selection of processes, users and directions */
	guint64 lost;	    /* no room in its CPU's lane */
	guint64 cut;	    /* in a lane, but not taken by the reader before the stop */
	guint64 written;
};

/** stream_section() - the first block */
void stream_section(GByteArray *out);

/**
 * stream_interface() - the block of a link that has just appeared
 * @own:	our own namespace
 * @filter:	NULL: everything
 */
void stream_interface(GByteArray *out, const struct link *link, guint32 own,
		      const struct filter *filter, const struct options *options);

/**
 * stream_statistics() - the last blocks, one for each link
 * @start, @end: of the capture, ns since 1970
 */
void stream_statistics(GByteArray *out, const struct links *links, guint64 start, guint64 end);

/** counts_unaccounted() - of a capture that has ended: 0, or something of ours is wrong */
guint64 counts_unaccounted(const struct counts *counts);

/** stream_counts() - of all links together */
struct counts stream_counts(const struct links *links);

#endif
