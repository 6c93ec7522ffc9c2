/* SPDX-License-Identifier: GPL-2.0-or-later */
/* multipath.h - where in a Multipath TCP connection a packet's data belong
 *
 * A packet's sequence number is its subflow's. The number in the stream, by which reads are told
 * (reads.h), is in the packet's options (RFC 8684): a mapping of data sequence numbers onto those
 * of the subflow, which count from its SYN. The connection's very first data come with its keys
 * instead (MP_CAPABLE), and begin where it begins.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_MULTIPATH_H
#define PTCPDUMP_EXTCAP_CAPTURE_MULTIPATH_H

#include <glib.h>
#include <stdbool.h>

#include "shared/record.h"

/**
 * multipath_position() - the data sequence number of a packet's first byte
 * @options:	TCP's, @length bytes
 * @number:	its sequence number
 * @late:	what the kernel side knows of its subflow
 *
 * Return: false when the options do not tell.
 */
bool multipath_position(const guint8 *options, gsize length, guint32 number,
			const struct late_owner *late, guint32 *position);

#endif
