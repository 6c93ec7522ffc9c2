/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* control.h - what user space tells the kernel side, and what it is told back
 *
 * struct config is set before the programs are loaded and is constant then: the
 * verifier drops the branches that it rules out. struct control is shared memory
 * that both sides write while a capture runs.
 */
#ifndef PTCPDUMP_SHARED_CONTROL_H
#define PTCPDUMP_SHARED_CONTROL_H

#include "shared/record.h"

struct config {
	u32 netns;   /* only packets of this namespace (inode number) */
	u32 ifindex; /* only of this interface there; 0: of all */
	u32 snapshot_length;
	u32 late_mask;	      /* entries of the late table less one; they are a power of two */
	u32 has_softirq_flag; /* the softirq tracepoints are attached: see running_is_evidence() */
	u32 reserved;
};

struct control {
	/* Written by user space. */
	u32 capturing; /* 0: the wire side does nothing: before the start, after the stop */
	u32 sleeping;  /* the reader is idle: whoever has a record for it wakes it, and clears this
			*/
	/* Written by the kernel side. */
	u64 number;	     /* of the last record that waits for its receiver */
	u64 events_lost;     /* no room in the process ring */
	u64 flows_refused;   /* the flow table is full */
	u64 devices_refused; /* packets of devices that the counters have no room for */
	u64 records_unread;  /* the packet's bytes could not be read: counted as lost, too */
};

_Static_assert(sizeof(struct config) == 24, "no padding");
_Static_assert(sizeof(struct control) == 48, "no padding");

#endif
