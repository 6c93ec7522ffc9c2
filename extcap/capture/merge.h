/* SPDX-License-Identifier: GPL-2.0-or-later */
/* merge.h - the records of several CPUs as one row, in the order of time
 *
 * Each CPU's come in their order, so each has a queue, and the next record is the oldest of
 * their heads: what a record costs does not depend on how many wait.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_MERGE_H
#define PTCPDUMP_EXTCAP_CAPTURE_MERGE_H

#include <glib.h>

#include "shared/record.h"

struct merge;

struct merge *merge_new(guint cpus);
void merge_free(struct merge *merge);

/** merge_add() - take over a record of @cpu, from g_malloc() */
void merge_add(struct merge *merge, guint cpu, struct packet_record *record);

/** merge_peek() - the oldest of what was added; NULL: none */
const struct packet_record *merge_peek(struct merge *merge);

/** merge_next() - free the one that merge_peek() gave */
void merge_next(struct merge *merge);

#endif
