/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lane.h - how a CPU's packet records come to the engine
 *
 * Theory of operation
 * Each CPU has a lane: memory in which the kernel side writes its records one behind the other,
 * and which the engine has mapped. Nobody waits for anybody, and nothing is called: "written" says
 * up to where records are whole, "read" up to where the engine is done with them. Both only grow;
 * their remainder is the place in the memory. While a record is written the lane is busy: a program
 * that comes between (with PREEMPT_RT) loses its packet.
 *
 * A record stands in one piece. The last one of a round may reach over the end, where there is
 * room for the largest, and the next begins at the front: so a lane may be smaller than a record.
 *
 * The kernel's own ring (BPF_MAP_TYPE_RINGBUF) takes a lock of all CPUs for each record, and then
 * waits for the memory that it is about to write. A lane's is asked for one record ahead.
 */
#ifndef PTCPDUMP_SHARED_LANE_H
#define PTCPDUMP_SHARED_LANE_H

#include "shared/record.h"

struct lane {
	/* Of the writer */
	u64 written;
	u64 busy;
	u64 numbered; /* the last number of a record that waits for its receiver, less the CPU's */
	u64 rest_of_line[5];
	/* Of the reader */
	u64 read;
	u64 rest_of_its_line[7];
	u8 bytes[];
};

_Static_assert(sizeof(struct lane) == 128, "no line of the CPU's cache has two writers");

#define LANE_STEP	 8 /* records begin at a multiple */
#define LANE_RECORD_MAX	 (sizeof(struct packet_record) + 2 * MAC_ROOM + PAYLOAD_MAX)
#define LANE_BYTES(size) (sizeof(struct lane) + (size) + LANE_RECORD_MAX)

/* The position behind a record at @position that has @captured bytes; @size: the lane's, a power of
 * two */
static inline __attribute__((always_inline)) u64 lane_after(u64 position, u64 captured, u64 size)
{
	u64 place = position & (size - 1);
	u64 length = sizeof(struct packet_record) + captured;

	length = (length + LANE_STEP - 1) & ~(u64)(LANE_STEP - 1);
	return place + length < size ? position + length : position - place + size;
}

#endif
