/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lanes.h - the packet records of all CPUs, as one row in the order of time
 *
 * Theory of operation
 * A CPU's own records stand in the order of time in its lane (shared/lane.h). The next one is the
 * oldest of the lanes' heads; the lane that has it is read on until another one's head is older,
 * so that what a record costs does not grow with the CPUs. How far the lanes are written is looked
 * up once a round, for each look takes a cache line from its CPU: whoever wants no record that is
 * younger than the look (SETTLE_NS) gets all that are older, but for a CPU's that was taken away
 * (by a hypervisor) between a record's time and its end: that one comes out too late.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_LANES_H
#define PTCPDUMP_EXTCAP_CAPTURE_LANES_H

#include <glib.h>
#include <stdbool.h>

#include "shared/record.h"

struct lanes;

/* The verifier knows no offset of 512 MiB or more (BPF_MAX_VAR_OFF). */
#define LANE_MIN ((gsize)256 << 10)
#define LANE_MAX ((gsize)256 << 20)

/** lanes_size() - of each of @cpus lanes that share @room bytes: a power of two between LANE_MIN
 * and LANE_MAX */
gsize lanes_size(gsize room, guint cpus);

/** lanes_stride() - bytes from one lane's beginning to the next one's */
gsize lanes_stride(gsize size);

/** lanes_open() - map the lanes of map @fd, each of @size; NULL with errno set */
struct lanes *lanes_open(int fd, guint cpus, gsize size);
void lanes_free(struct lanes *lanes);

/** lanes_peek() - the oldest record that lanes_next() has not passed, in place; NULL: none */
const struct packet_record *lanes_peek(struct lanes *lanes);

/** lanes_next() - pass the record that lanes_peek() gave */
void lanes_next(struct lanes *lanes);

/** lanes_release() - give the room of all passed records back: the end of a round */
void lanes_release(struct lanes *lanes);

/** lanes_empty() - nothing was written that was not passed */
bool lanes_empty(const struct lanes *lanes);

/** lanes_crowded() - a quarter of some lane's room is in use */
bool lanes_crowded(const struct lanes *lanes);

/** record_fits() - the record as the engine may use it: all that it claims is in @room bytes */
bool record_fits(const struct packet_record *record, gsize room);

#endif
