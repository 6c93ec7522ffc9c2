/* SPDX-License-Identifier: GPL-2.0-or-later */
/* links.h - the interfaces of the captured namespaces, as they come, go and change name
 *
 * Theory of operation
 * Of our own namespace the kernel tells (link_news.h). A packet of an interface that is not
 * known makes us read its news at once: it tells of a link before that can carry a packet.
 *
 * Of other namespaces nothing is held: an open socket inside would keep a deleted namespace
 * alive. What is there at the start is listed once (elsewhere.h); after that the kernel side
 * tells of each interface there before its first packet, by name.
 *
 * A link is one interface block of the stream, and keeps its number for good: an interface
 * that changes its name or its kind becomes a further link, from then on.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_LINKS_H
#define PTCPDUMP_EXTCAP_CAPTURE_LINKS_H

#include <glib.h>
#include <stdbool.h>

#include "shared/record.h"

struct link {
	struct device_key key;
	char name[LINK_NAME_LENGTH];
	guint16 hardware;  /* ARPHRD_* */
	guint16 link_type; /* LINKTYPE_* */
	guint32 interface; /* number of its block in the stream */

	/* What the kernel had counted for the interface when this link began and ended. */
	struct counters before;
	struct counters after;
	bool ended; /* no longer counts: another link has its interface, or it was forgotten */
	struct counters kept; /* of when it had left the kernel side's table for a while */
	guint64 seen;	      /* when it was looked at last */
	bool away;	      /* it has left, and has not come back */
	bool forgotten;	      /* its counters are no longer in the kernel side's table */
	guint64 gone;	      /* CLOCK_MONOTONIC ns of its interface's end; 0: it has not ended */
	struct link *before_this; /* the same interface's; NULL: none */
	guint64 began; /* CLOCK_MONOTONIC ns; packets from before are its predecessor's */
	bool replaced; /* is the predecessor of another one */
	guint listed;  /* in which list of our own namespace it was seen last */

	guint64 written;    /* packets in the stream */
	guint64 rejected;   /* by the filter */
	guint64 unselected; /* by the selection, here; the kernel side counts its own */
	guint64 cut;	    /* read, but not written before the stop */
	guint64 lost;	    /* not yet told of by a packet in the stream */
	guint64 told;	    /* by records; each tells of its own CPU's losses */
	guint64 foretold;   /* found in the counters: records will tell of these as well */
};

#define LINKS_NONE G_MAXUINT32

struct links;

/* Called for each new link, in the order of their numbers. */
typedef void (*link_appeared)(struct link *link, void *data);

/**
 * links_open() - follow the links of our own namespace
 * @netns:	its inode number
 * @ifindex:	only this interface; 0: all; LINKS_NONE: it is not captured
 * @counters_map: descriptor of the map "devices"
 */
struct links *links_open(guint32 netns, guint32 ifindex, int counters_map, link_appeared appeared,
			 void *data, GError **error);
void links_free(struct links *links);

/** links_fd() - readable when there is something for links_read() */
int links_fd(const struct links *links);
void links_read(struct links *links);

/** links_learn() - the kernel side has seen an interface, perhaps under a new name */
void links_learn(struct links *links, const struct link_event *event);

/** links_find() - the present link of an interface; read anew if it is not known; one that
 *  is gone without a trace is described by what its packet tells */
struct link *links_find(struct links *links, const struct packet_record *record);

/**
 * links_forget() - interfaces that are gone leave the kernel side's table, which has an end
 * @now:	CLOCK_MONOTONIC ns; what has ended a moment ago may still have packets on their way
 *
 * Of our own namespace those that have ended. Nobody tells of the others' end: when the table is
 * half full, those leave that have been silent since the last call. When such a one speaks again
 * the kernel side tells of it anew, and it goes on counting.
 */
void links_forget(struct links *links, guint64 now);

/** links_all() - every link there was, by number */
const GPtrArray *links_all(const struct links *links);

/**
 * links_counters() - what the kernel side counted for @link
 *
 * A packet belongs to the link that its interface was at its time, which the kernel side does not
 * know: what was read too early or too late when one link followed another is set right here, by
 * the records that there were.
 */
struct counters links_counters(const struct links *links, const struct link *link);

#endif
