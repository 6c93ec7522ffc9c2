/* SPDX-License-Identifier: GPL-2.0-or-later */
/* played.h - what attribution is told by others, for its tests
 *
 * The late table, the reads from sockets and the table of flows are played here: a test says what
 * each of them would tell, and asks whose a packet is then.
 */
#ifndef PTCPDUMP_TESTS_UNIT_PLAYED_H
#define PTCPDUMP_TESTS_UNIT_PLAYED_H

#include <string.h>

#include "extcap/capture/attribution.h"

#define NOW    10000000000ULL
#define MS     1000000ULL
#define LATE   7 /* number of the packet's record */
#define COOKIE 99

/* ---- what the kernel side and the process ring would tell ---- */

static struct late_owner late; /* number 0: nothing yet */
static struct reads *reads;

bool kernel_late_owner(const struct kernel *kernel, guint64 number, struct late_owner *out)
{
	(void)kernel;
	if (!late.number || late.number != number)
		return false;
	*out = late;
	return true;
}

const struct reads *events_reads(const struct events *events)
{
	(void)events;
	return reads;
}

static struct flow flow; /* since 0: the table knows nothing */

static bool flow_is_senders;

bool flows_find(struct flows *flows, bool outgoing, guint32 netns, const guint8 *bytes,
		gsize length, guint64 time, guint64 now, struct flow *out)
{
	*out = flow;
	return flow.since && outgoing == flow_is_senders;
}

static inline void told_flow(const struct owner *owner, guint32 rank)
{
	flow_is_senders = false;
	flow = (struct flow){.since = 1, .cookie = COOKIE, .owner = *owner};
	flow.owner.rank = rank;
}

static inline void read_by(const struct owner *owner)
{
	const struct read_event event = {.time = NOW + 1, .cookie = COOKIE, .owner = *owner};

	reads_add(reads, &event);
}

/* What was read is told, too. */
static inline void read_as(guint16 flags, const struct owner *owner, guint32 position, guint32 end)
{
	const struct read_event event = {.time = NOW + 1,
					 .flags = READ_POSITION | flags,
					 .cookie = COOKIE,
					 .owner = *owner,
					 .position = position,
					 .end = end};

	reads_add(reads, &event);
}

static inline void read_at(const struct owner *owner, guint32 position, guint32 end)
{
	read_as(0, owner, position, end);
}

static inline void forget_reads(void)
{
	reads_free(reads);
	reads = reads_new();
}

static const struct owner maker = {.tgid = 10, .start = 1, .tid = 10},
			  worker = {.tgid = 11, .start = 2, .tid = 11},
			  sender = {.tgid = 12, .start = 3, .tid = 12},
			  stranger = {.tgid = 13, .start = 4, .tid = 13};

/* ---- packets ---- */

struct packet {
	struct packet_record record;
	guint8 data[MAC_ROOM + 128];
};

#define TCP_V4(flags, data)                                                                   \
	{                                                                                     \
		0x45, 0, 0, 40 + (data), 0, 0, 0, 0, 64, 6, 0, 0, 10, 77, 0, 2, 10, 77, 0, 1, \
			/* */ 0x1f, 0x90, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags          \
	}

static const guint8 ack[64] = TCP_V4(16, 0), text[64] = TCP_V4(24, 20);
static const guint8 datagram[64] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17};

static inline struct packet incoming(const guint8 *network)
{
	struct packet packet = {.record = {.time = NOW,
					   .number = LATE,
					   .direction = DIRECTION_IN,
					   .mac_length = 14,
					   .captured = 14 + 64}};

	memcpy(packet.data + 14, network, 64);
	return packet;
}

/* One on loopback, where the link layer is still on. */
static inline struct packet outgoing(const guint8 *network)
{
	struct packet packet = {.record = {.time = NOW,
					   .direction = DIRECTION_OUT,
					   .network = 14,
					   .captured = 14 + 64}};

	memcpy(packet.data + 14, network, 64);
	return packet;
}

static inline void told_late(const struct owner *owner, guint32 rank)
{
	late = (struct late_owner){
		.number = LATE, .cookie = COOKIE, .owner = *owner, .receivers = 1};
	late.owner.rank = rank;
}

static struct processes *processes;
static bool crowded;

/* The owner's tgid, 0: nobody's, -1: it has to wait. */
static inline int ask_all(const struct packet *packet, guint64 age, struct attributed *out)
{
	struct attribution attribution = {
		.processes = processes, .sees_forks = true, .crowded = crowded};

	if (!attribute(&attribution, &packet->record, packet->record.time + age, out))
		return -1;
	return out->has_owner ? (int)out->owner.tgid : 0;
}

static inline int ask(const struct packet *packet, guint64 age)
{
	struct attributed out;

	return ask_all(packet, age, &out);
}

static inline void apply(guint16 kind, const struct owner *owner, const struct owner *parent)
{
	struct process_event event = {.time = 1, .kind = kind, .owner = *owner};

	if (parent) {
		event.parent_tgid = parent->tgid;
		event.parent_start = parent->start;
	}
	processes_apply(processes, &event, sizeof(event));
}

static inline void begin(void)
{
	late = (struct late_owner){0};
	flow = (struct flow){0};
	reads = reads_new();
	crowded = false;
	processes = processes_new();
	apply(PROCESS_EXEC, &maker, NULL);
}

static inline void end(void)
{
	reads_free(reads);
	processes_free(processes);
}

#endif
