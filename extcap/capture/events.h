/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - the process ring: processes and cgroups as they change, reads from sockets, interfaces
 * as they are first seen
 *
 * It is drained before any packet is looked at, and again when a packet names a process
 * that is not known: what a packet needs was written before the packet.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_EVENTS_H
#define PTCPDUMP_EXTCAP_CAPTURE_EVENTS_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/capture/kernel.h"
#include "extcap/capture/links.h"
#include "extcap/capture/reads.h"
#include "extcap/identity/processes.h"

struct events;

struct events *events_open(struct kernel *kernel, struct processes *processes, GError **error);
/** events_tell_links() - who wants to know of interfaces; until then they are passed over */
void events_tell_links(struct events *events, struct links *links);

void events_free(struct events *events);

/**
 * events_drain() - apply all records that are there
 *
 * Return: false when one was still being written, so that later ones were not seen.
 */
bool events_drain(struct events *events);

/** events_empty() - nothing there, and nothing being written */
bool events_empty(const struct events *events);

/** events_reads() - who has read from which socket, borrowed */
const struct reads *events_reads(const struct events *events);

#endif
