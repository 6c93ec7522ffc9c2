/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container_lives.h - since when containers live, by their processes
 *
 * A runtime tells when a container was made, not when it started last; and the first of its
 * processes that is still there is in its network.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CONTAINER_LIVES_H
#define PTCPDUMP_EXTCAP_IDENTITY_CONTAINER_LIVES_H

#include "extcap/identity/processes.h"

/* Of the oldest of its processes that live. */
struct container_life {
	guint64 start; /* CLOCK_BOOTTIME ns */
	guint32 netns;
};

/** container_lives() - of all that have processes: struct container (borrowed) -> struct
 *  container_life; to be freed. It looks at every process. */
GHashTable *container_lives(struct processes *processes);

#endif
