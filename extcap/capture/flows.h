/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.h - the flow table's age
 *
 * The kernel side writes the table (bpf/maps.h) and deletes what ends without leaving
 * packets behind. What lingers, TIME_WAIT above all, is forgotten from here, a part of
 * the table at a time. A table that is full refuses new flows; then some of those late
 * packets have no owner, which is logged.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_FLOWS_H
#define PTCPDUMP_EXTCAP_CAPTURE_FLOWS_H

#include <glib.h>

/**
 * flows_age() - delete what is older than FLOW_KEEP_SECONDS
 * @map:	descriptor of the map "flows"
 * @now:	CLOCK_MONOTONIC ns
 *
 * Return: how many were deleted.
 */
guint flows_age(int map, guint64 now);

#endif
