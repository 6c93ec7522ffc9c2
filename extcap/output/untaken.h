/* SPDX-License-Identifier: GPL-2.0-or-later */
/* untaken.h - what the reader has not taken of the stream when a capture ends
 *
 * A packet in our buffer is no packet in the stream: it is taken out again and counted as cut.
 * All other blocks stay, for the statistics that come last speak of their interfaces.
 */
#ifndef PTCPDUMP_EXTCAP_OUTPUT_UNTAKEN_H
#define PTCPDUMP_EXTCAP_OUTPUT_UNTAKEN_H

#include <glib.h>
#include <stdbool.h>

/* A packet that was taken out; @owned: its block named an owner. */
typedef void (*untaken_packet)(guint32 interface, bool owned, void *data);

/** untaken_begun() - where the block begins of which the reader has a part; else @taken itself */
gsize untaken_begun(const GByteArray *blocks, gsize taken);

/** untaken_drop() - take out the packets that begin at @from or behind; each is told of */
void untaken_drop(GByteArray *blocks, gsize from, untaken_packet told, void *data);

#endif
