/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packets.h - from the records to the stream: filter, owner, block
 *
 * Packets leave in the order in which they came, so one that waits for its owner holds
 * up those behind it, where the kernel side has put them.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_PACKETS_H
#define PTCPDUMP_EXTCAP_CAPTURE_PACKETS_H

#include "extcap/capture/attribution.h"
#include "extcap/capture/host_names.h"
#include "extcap/capture/links.h"
#include "extcap/capture/name_ends.h"
#include "extcap/capture/records.h"
#include "extcap/filter/classic.h"

struct packets {
	struct records *records;
	struct links *links;
	struct attribution attribution;
	struct filter *filter;	       /* NULL: everything */
	struct selection *selection;   /* of processes and users */
	struct addresses *addresses;   /* of containers and pods */
	struct host_names *host_names; /* NULL: addresses get no blocks with their names */
	struct named_ends named;
	GByteArray *out;
	guint32 snapshot_length;
	guint32 context;
	guint32 directions; /* bits of enum direction */
	guint64 count;	    /* stop after so many written; 0: never */
	gint64 offset;	    /* from CLOCK_MONOTONIC to the time of day, ns */
	guint64 written;
	guint64 owned;
};

enum drained {
	DRAINED_ALL,
	DRAINED_WAITS, /* the next packet has to wait for its time, or its owner */
	DRAINED_FULL,  /* there may be more, the output has no room for it */
};

/** packets_free() - what belongs to @packets, not itself */
void packets_free(struct packets *packets);

/**
 * packets_drain() - append blocks to the output
 * @room:	stop when the output holds so many bytes
 * @now:	CLOCK_MONOTONIC ns; all events up to then are known, younger packets than
 *		SETTLE_NS are left
 * @last:	nothing is waited for any more: the capture ends
 *
 * Return: why it stopped.
 */
enum drained packets_drain(struct packets *packets, gsize room, guint64 now, bool last);

/** packets_find_lost() - what was lost, and no record tells of, is for the next packet to tell */
void packets_find_lost(struct packets *packets);

/** packets_discard() - read the rest and count it as cut, without writing it */
void packets_discard(struct packets *packets);

/** packets_cut() - a packet that was written has not left us, and will not: an untaken_packet */
void packets_cut(guint32 interface, bool owned, void *data);

/** packets_oldest() - the time up to which no packet will be asked about any more */
guint64 packets_oldest(const struct packets *packets, guint64 now);

#endif
