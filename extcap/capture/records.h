/* SPDX-License-Identifier: GPL-2.0-or-later */
/* records.h - the packet records, whichever way the kernel hands them over
 *
 * Looking at a record does not free it: a packet waits in here until its owner is known.
 * In the CPUs' lanes records are used in place. From perf rings, one per CPU, they are
 * copied, at most as many bytes as the lanes would hold. They come out in the order of time.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_RECORDS_H
#define PTCPDUMP_EXTCAP_CAPTURE_RECORDS_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/capture/kernel.h"

struct records;

struct records *records_open(struct kernel *kernel, gsize size, GError **error);
void records_free(struct records *records);

/** records_peek() - the oldest record that records_next() has not passed; NULL: none yet */
const struct packet_record *records_peek(struct records *records);
void records_next(struct records *records);

/** records_release() - give the room of all passed records back; a round ends here, and the next
 *  one sees what has come meanwhile */
void records_release(struct records *records);

/** records_empty() - nothing there */
bool records_empty(struct records *records);

/** records_crowded() - a quarter of the room, or of a CPU's, is in use */
bool records_crowded(const struct records *records);

/** records_wake() - can the kernel wake us when we sleep? Else we have to look from time to time */
bool records_wake(const struct records *records);

#endif
