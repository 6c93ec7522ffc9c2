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
	/* Where: only packets of this namespace (inode number) and this interface there */
	u32 netns;
	u32 ifindex;	 /* 0: of all */
	u32 more_netns;	 /* those in the map "scope", too */
	u32 every_netns; /* any namespace, also later ones */
	u32 directions;	 /* bits of enum direction */
	/* Whose: nobody is selected unless one of these is set */
	u32 by_process; /* those in the map "selected" */
	u32 by_user;	/* those in the map "selected_users" */
	u32 by_name;	/* processes called as in "selected_names" become selected */
	u32 by_cgroup;	/* and so do processes in those of "selected_cgroups" */
	u32 follow_forks;
	/* How */
	u32 snapshot_length;
	u32 number_step; /* between two numbers of a CPU: a power of two, not below their count */
	u32 lane_mask;	 /* bytes of a CPU's lane less one; they are a power of two */
	u32 late_mask;	 /* entries of the late table less one; they are a power of two */
	u32 has_mptcp;	 /* the kernel has Multipath TCP */
	u32 softirq_stacks; /* softirqs run on stacks of their own: see bpf/stack.h */
	/* Conntrack's struct nf_conn, which may be a module's: where the first of its two tuples
	 * stands, and how far behind it the second. 0: not known */
	u32 conntrack_tuple;
	u32 conntrack_stride;
	/* Which bytes */
	u32 filtered;	 /* a capture filter decides: see bpf/filter.h */
	u32 filter_asks; /* it asks for more than the packet's bytes: tag, interface, direction */
};

/* Why a process is selected. */
enum selected_by {
	SELECTED_BY_PID = 1,
	SELECTED_BY_NAME = 2,
	SELECTED_BY_FORK = 4,
	SELECTED_BY_CGROUP = 8,
};

/* Is a cgroup a wanted container's? The engine may not know yet, and decides in the end. */
enum cgroup_wanted {
	CGROUP_WANTED = 1,
	CGROUP_UNDECIDED = 2,
};

struct cgroup_key {
	u64 id;
	u32 hierarchy;
	u32 reserved;
};

/* The engine writes the keys of the maps "selected…" as well. */
struct process_key {
	u64 start;
	u32 tgid;
	u32 reserved;
};

#define SELECTED_NAME_LENGTH 64

struct process_name {
	char text[SELECTED_NAME_LENGTH];
};

struct control {
	/* Written by user space. */
	u32 capturing; /* 0: the wire side does nothing: before the start, after the stop */
	u32 sleeping;  /* the reader is idle: whoever has a record for it wakes it, and clears this
			*/
	u32 sees_softirqs; /* by both tracepoints; where the stack does not tell: bpf/stack.h */
	u32 has_wholes;	   /* by the kernel side, once: see bpf/whole.h */
	u32 reserved[12];  /* every packet reads the above: what is written stands on other lines */
	/* Written by the kernel side. */
	u64 number;	      /* of the last record that waits for its receiver: by perf rings */
	u64 events_lost;      /* no room in the process ring */
	u64 flows_refused;    /* the flow table is full */
	u64 devices_refused;  /* packets of devices that the counters have no room for */
	u64 selected_refused; /* the table of selected processes is full */
	u64 pidns;	      /* the engine's pid namespace, once its iterator has run */
	u32 pidns_level;      /* how far below the host's; 0: it is the host's */
	u32 has_lost;	      /* a packet, since the engine set it to 0 */
	u64 records_unread;   /* the packet's bytes could not be read: counted as lost, too */
};

_Static_assert(sizeof(struct config) == 80, "no padding");
_Static_assert(sizeof(struct control) == 128, "no padding");

#endif
