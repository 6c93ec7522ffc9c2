/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.h - the flow table: whose connection a packet belongs to that no socket answers for
 *
 * The kernel side writes the table (bpf/maps.h) and deletes what ends without leaving
 * packets behind. What lingers, TIME_WAIT above all, is forgotten from here, a part of
 * the table at a time. A table that is full refuses new flows; then some of those late
 * packets have no owner, which is logged.
 *
 * It is asked here about packets that no socket has taken: what comes back for a connection
 * that passes through, or has just ended. A router's packets would be a system call each, so
 * an answer, also that there is none, is good for ANSWER_NS.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_FLOWS_H
#define PTCPDUMP_EXTCAP_CAPTURE_FLOWS_H

#include <glib.h>
#include <stdbool.h>

#include "shared/flow.h"

struct flows;

/**
 * flows_new() - ask and age the table
 * @map:	descriptor of the map "flows"
 */
struct flows *flows_new(int map);
void flows_free(struct flows *flows);

/**
 * flows_age() - delete what is older than FLOW_KEEP_SECONDS
 * @now:	CLOCK_MONOTONIC ns
 *
 * Return: how many were deleted.
 */
guint flows_age(struct flows *flows, guint64 now);

/**
 * flows_find() - whose connection a packet belongs to
 * @outgoing:	its source is the local end, else its destination
 * @netns:	where it was seen, inode number
 * @bytes:	the packet from its network header on
 * @time:	when it was seen, CLOCK_MONOTONIC ns
 * @now:	likewise
 * @out:	filled where the table knows
 *
 * Return: false where nobody is known, or where the tuple has passed from one socket to
 *         another since @time.
 */
bool flows_find(struct flows *flows, bool outgoing, guint32 netns, const guint8 *bytes,
		gsize length, guint64 time, guint64 now, struct flow *out);

#endif
