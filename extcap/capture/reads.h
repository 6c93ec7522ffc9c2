/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reads.h - who has read what from which socket, in the last second
 *
 * Theory of operation
 * A packet's data belongs to the process that reads it. Where one process alone uses a
 * socket that is known beforehand; else the kernel side tells of reads: which part of a
 * TCP stream (sequence numbers), or which datagram in the order of their arrival. A packet
 * has its place there too, so the read that covers it is found by position and not by time.
 *
 * What lies in front of a read was read before it, by who owned the socket until then.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_READS_H
#define PTCPDUMP_EXTCAP_CAPTURE_READS_H

#include <glib.h>
#include <stdbool.h>

#include "shared/record.h"

struct reads;

struct reads *reads_new(void);
void reads_free(struct reads *reads);

/** reads_add() - a record of the kernel side; those of more than a second before are forgotten */
void reads_add(struct reads *reads, const struct read_event *event);

/* A packet's place among what its socket receives. */
struct place {
	guint64 cookie; /* of the socket */
	guint64 time;	/* when it came, CLOCK_MONOTONIC ns */
	bool has_position;
	guint32 position;
	guint32 more; /* datagrams behind that one, which it was cut into */
};

enum read_by {
	READ_NOT_YET,  /* as far as we were told */
	READ_BEFORE,   /* by who owned the socket before the first read we know of */
	READ_BY,       /* by @reader */
	READ_BEYOND,   /* behind all reads we know of; by the last one's, @reader, if it is alone */
	READ_DISPUTED, /* by several, or several have read since, and it cannot be told which */
};

/** reads_find() - who has read a packet; @reader is set for READ_BY and READ_BEYOND */
enum read_by reads_find(const struct reads *reads, const struct place *place, struct owner *reader);

#endif
