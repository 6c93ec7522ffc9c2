/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* socket_record.h - a socket that a process has open now, for the lists of processes
 *
 * One record per descriptor: a process that has a socket twice tells of it twice.
 */
#ifndef PTCPDUMP_SHARED_SOCKET_RECORD_H
#define PTCPDUMP_SHARED_SOCKET_RECORD_H

#include "shared/record.h"

struct socket_record {
	u64 start;	/* of the process, ns of CLOCK_BOOTTIME */
	u32 tgid;	/* of the host */
	u32 uid;	/* effective, of the process */
	u8 remote[16];	/* address as on the wire, IPv4 in the first four bytes; 0: none */
	u16 local_port; /* host order, both */
	u16 remote_port;
	u16 family;
	u8 protocol; /* IPPROTO_*; what is cut of MPTCP's leaves TCP's */
	u8 state;    /* of TCP */
	char comm[COMM_LENGTH];
	u32 pid; /* in the engine's pid namespace */
};

_Static_assert(sizeof(struct socket_record) == 64, "no padding");

#endif
