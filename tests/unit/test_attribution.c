// SPDX-License-Identifier: GPL-2.0-or-later
/* test_attribution.c - whose packet a record is: who waits, for how long, and what is answered then
 *
 * The late table and the reads from sockets are played by this file.
 */
#include <net/if_arp.h>
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

static void told_flow(const struct owner *owner, guint32 rank)
{
	flow_is_senders = false;
	flow = (struct flow){.since = 1, .cookie = COOKIE, .owner = *owner};
	flow.owner.rank = rank;
}

static void read_by(const struct owner *owner)
{
	const struct read_event event = {.time = NOW + 1, .cookie = COOKIE, .owner = *owner};

	reads_add(reads, &event);
}

/* What was read is told, too. */
static void read_as(guint16 flags, const struct owner *owner, guint32 position, guint32 end)
{
	const struct read_event event = {.time = NOW + 1,
					 .flags = READ_POSITION | flags,
					 .cookie = COOKIE,
					 .owner = *owner,
					 .position = position,
					 .end = end};

	reads_add(reads, &event);
}

static void read_at(const struct owner *owner, guint32 position, guint32 end)
{
	read_as(0, owner, position, end);
}

static void forget_reads(void)
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

static const guint8 syn[64] = TCP_V4(2, 0), ack[64] = TCP_V4(16, 0), text[64] = TCP_V4(24, 20);
static const guint8 datagram[64] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17};
static const guint8 arp[64] = {0, 1, 8, 0, 6, 4};
static const guint8 ack6[64] = {0x60, 0, 0, 0, 0, 20, 6, 64, [40 + 12] = 0x50, 16};
static const guint8 text6[64] = {0x60, 0, 0, 0, 0, 21, 6, 64, [40 + 12] = 0x50, 24};
/* A header with options: 24 bytes, then TCP's without data. */
static const guint8 ack_with_options[64] = {0x46, 0, 0, 44, 0, 0, 0, 0, 64, 6, [24 + 12] = 0x50};

static struct packet incoming(const guint8 *network)
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
static struct packet outgoing(const guint8 *network)
{
	struct packet packet = {.record = {.time = NOW,
					   .direction = DIRECTION_OUT,
					   .network = 14,
					   .captured = 14 + 64}};

	memcpy(packet.data + 14, network, 64);
	return packet;
}

static void told_late(const struct owner *owner, guint32 rank)
{
	late = (struct late_owner){
		.number = LATE, .cookie = COOKIE, .owner = *owner, .receivers = 1};
	late.owner.rank = rank;
}

static struct processes *processes;
static bool crowded;

/* The owner's tgid, 0: nobody's, -1: it has to wait. */
static int ask_all(const struct packet *packet, guint64 age, struct attributed *out)
{
	struct attribution attribution = {
		.processes = processes, .sees_forks = true, .crowded = crowded};

	if (!attribute(&attribution, &packet->record, packet->record.time + age, out))
		return -1;
	return out->has_owner ? (int)out->owner.tgid : 0;
}

static int ask(const struct packet *packet, guint64 age)
{
	struct attributed out;

	return ask_all(packet, age, &out);
}

static void apply(guint16 kind, const struct owner *owner, const struct owner *parent)
{
	struct process_event event = {.time = 1, .kind = kind, .owner = *owner};

	if (parent) {
		event.parent_tgid = parent->tgid;
		event.parent_start = parent->start;
	}
	processes_apply(processes, &event, sizeof(event));
}

static void begin(void)
{
	late = (struct late_owner){0};
	flow = (struct flow){0};
	reads = reads_new();
	crowded = false;
	processes = processes_new();
	apply(PROCESS_EXEC, &maker, NULL);
}

static void end(void)
{
	reads_free(reads);
	processes_free(processes);
}

/* ---- outgoing ---- */

static void test_sender_is_in_the_record(void)
{
	struct packet packet = outgoing(text);
	struct attributed out;

	begin();
	packet.record.evidence = EVIDENCE_RUNNING;
	packet.record.owner = sender;
	g_assert_cmpint(ask_all(&packet, 0, &out), ==, 12);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	g_assert_false(out.has_peer);
	end();
}

static void test_sent_by_nobody(void)
{
	struct packet packet = outgoing(text);
	struct attributed out;

	begin();
	packet.record.owner = sender; /* no evidence: not to be looked at */
	g_assert_cmpint(ask_all(&packet, 1000 * MS, &out), ==, 0);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	end();
}

/* Who made the socket need not be who wrote into it, where it forks. */
static void test_sender_that_only_made_the_socket(void)
{
	struct packet packet = outgoing(text), empty = outgoing(ack);

	begin();
	packet.record.evidence = empty.record.evidence = EVIDENCE_SOCKET;
	packet.record.owner = empty.record.owner = maker;
	packet.record.owner.rank = empty.record.owner.rank = RANK_INHERITED;
	packet.record.cookie = COOKIE;
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	apply(PROCESS_FORK, &worker, &maker);
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	g_assert_cmpint(ask(&empty, 0), ==, 10); /* an ACK is the holder's */
	packet.record.owner.rank = RANK_USED;
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	packet.record.evidence = EVIDENCE_RUNNING;
	packet.record.owner.rank = RANK_INHERITED;
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	/* Cut to nothing: in doubt it has data. */
	packet.record.evidence = EVIDENCE_SOCKET;
	packet.record.captured = 0;
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

/* On loopback what the kernel sends itself (the answer of a closed port) is its receiver's, and
 * comes in. */
static void test_loopback_without_a_sender_is_the_receivers(void)
{
	struct packet packet = outgoing(ack);
	struct attributed out;

	begin();
	packet.record.number = LATE;
	packet.record.hardware = ARPHRD_LOOPBACK;
	told_late(&maker, RANK_USED);
	g_assert_cmpint(ask_all(&packet, 2 * MS, &out), ==, 10);
	g_assert_cmpint(out.direction, ==, DIRECTION_IN);
	/* Through a veth it goes out all the same, and is still nobody's. */
	packet.record.hardware = ARPHRD_ETHER;
	g_assert_cmpint(ask_all(&packet, 2 * MS, &out), ==, 0);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	g_assert_cmpuint(out.peer.tgid, ==, 10);
	end();
}

static void test_both_ends_on_loopback(void)
{
	struct packet packet = outgoing(text);
	struct attributed out;

	begin();
	packet.record.number = LATE;
	packet.record.evidence = EVIDENCE_RUNNING;
	packet.record.owner = sender;
	told_late(&maker, RANK_USED);
	g_assert_cmpint(ask_all(&packet, 2 * MS, &out), ==, 12);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	g_assert_true(out.has_peer);
	g_assert_cmpuint(out.peer.tgid, ==, 10);
	end();
}

/* ---- incoming: which socket takes it ---- */

static void test_waits_for_a_socket(void)
{
	struct packet packet = incoming(text);

	begin();
	g_assert_cmpint(ask(&packet, 0), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	told_late(&maker, RANK_USED);
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	late.number++; /* another packet's: the table went round */
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	end();
}

/* A clock that was read before the record's time was. */
static void test_age_is_never_negative(void)
{
	struct attribution attribution = {0};
	struct packet packet = incoming(text);
	struct attributed out;

	begin();
	attribution.processes = processes;
	g_assert_false(attribute(&attribution, &packet.record, NOW - 1, &out));
	end();
}

/* No socket took it: the flow table's answer, if it has one, as if its socket had. */
static void test_flow_answers_for_nobody_else(void)
{
	struct packet empty = incoming(ack), packet = incoming(text);

	begin();
	told_flow(&maker, RANK_USED);
	g_assert_cmpint(ask(&empty, 0), ==, -1);
	g_assert_cmpint(ask(&empty, HOLD_NS), ==, 10);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 10);
	/* Several have used the socket: who read counts. */
	flow.shared = 1;
	g_assert_cmpint(ask(&empty, HOLD_NS), ==, 10);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	read_by(&worker);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 11);
	told_late(&stranger, RANK_USED);
	g_assert_cmpint(ask(&empty, 0), ==, 13);
	end();
}

/* ---- what passes through ---- */

/* It came in, another device sent it on, and no socket of this machine takes it. */
static void test_forwarded_is_its_senders(void)
{
	struct packet packet = incoming(text);
	struct attributed out;

	begin();
	packet.record.peer = sender;
	packet.record.peer.rank = RANK_USED;
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 0); /* a closed port's */
	g_assert_cmpuint(out.peer.tgid, ==, 12);
	/* Its connection is known to pass through, though this packet was not met again. */
	told_flow(&sender, RANK_USED);
	flow_is_senders = true;
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 12);
	flow.since = 0;
	late = (struct late_owner){.number = LATE, .forwarded = 1};
	g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 12);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	g_assert_false(out.has_peer);
	/* A socket takes it behind another device. */
	told_late(&maker, RANK_USED);
	late.forwarded = 1;
	g_assert_cmpint(ask_all(&packet, 0, &out), ==, 10);
	g_assert_cmpint(out.direction, ==, DIRECTION_IN);
	g_assert_cmpuint(out.peer.tgid, ==, 12);
	/* Whose reader is not sure: it stays with the sender's as its peer. */
	late.shared = 1;
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 0);
	g_assert_cmpuint(out.peer.tgid, ==, 12);
	end();
}

/* Sent on by a device without a socket: for whoever it is known, the sender first. */
static void test_passing_out(void)
{
	struct packet packet = outgoing(text);
	struct attributed out;

	begin();
	packet.record.number = LATE;
	packet.record.flags = PACKET_PASSING;
	g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	told_flow(&maker, RANK_USED);
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 10);
	g_assert_cmpint(out.direction, ==, DIRECTION_IN);
	/* The table has learnt of the sender by what followed. */
	flow_is_senders = true;
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 10);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	told_flow(&maker, RANK_USED);
	packet.record.evidence = EVIDENCE_RUNNING;
	packet.record.owner = sender;
	g_assert_cmpint(ask_all(&packet, HOLD_NS, &out), ==, 12);
	g_assert_cmpint(out.direction, ==, DIRECTION_OUT);
	g_assert_cmpuint(out.peer.tgid, ==, 10);
	end();
}

/* What could not be delivered is told to its sender; a raw socket reads a copy. */
static void test_icmp_error(void)
{
	static const guint8 unreachable[64] = {0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, [20] = 3, 3};
	static const guint8 too_big[64] = {0x60, 0, 0, 0, 0, 48, 58, 64, [40] = 2};
	struct packet packets[] = {incoming(unreachable), incoming(too_big)};

	for (guint i = 0; i < G_N_ELEMENTS(packets); i++) {
		begin();
		told_late(&stranger, RANK_USED);
		g_assert_cmpint(ask(&packets[i], 0), ==, -1);
		g_assert_cmpint(ask(&packets[i], HOLD_NS), ==, 0);
		told_flow(&maker, RANK_HELD);
		g_assert_cmpint(ask(&packets[i], HOLD_NS), ==, 10);
		end();
	}
}

static void test_several_receivers(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&maker, RANK_USED);
	late.receivers = 2;
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

static void test_socket_of_nobody(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&(struct owner){0}, RANK_NONE);
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

static void test_not_of_the_internet(void)
{
	struct packet packet = incoming(arp);

	begin();
	g_assert_cmpint(ask(&packet, 0), ==, 0); /* without a wait */
	end();
}

static void test_packet_without_bytes(void)
{
	struct packet packet = incoming(text);

	begin();
	for (guint32 captured = 14; captured < 14 + 64; captured++) {
		told_late(&maker, RANK_USED);
		packet.record.captured = captured;
		g_assert_cmpint(ask(&packet, 0), ==, captured > 14 ? 10 : 0);
	}
	end();
}

/* ---- incoming: who reads ---- */

/* The handshake and bare ACKs are not read by anybody: whoever holds the socket is right. */
static void test_without_data_the_holder(void)
{
	static const guint8 *const packets[] = {syn, ack, ack6, ack_with_options};

	for (guint i = 0; i < G_N_ELEMENTS(packets); i++) {
		struct packet packet = incoming(packets[i]);

		begin();
		told_late(&maker, RANK_INHERITED);
		g_assert_cmpint(ask(&packet, 0), ==, 10);
		end();
	}
}

static void test_with_data_the_reader(void)
{
	static const guint8 *const packets[] = {text, text6, datagram};
	static const guint32 ranks[] = {RANK_HELD, RANK_INHERITED, RANK_CREATED};

	for (guint i = 0; i < G_N_ELEMENTS(packets) * G_N_ELEMENTS(ranks); i++) {
		struct packet packet = incoming(packets[i % G_N_ELEMENTS(packets)]);

		begin();
		told_late(&maker, ranks[i / G_N_ELEMENTS(packets)]);
		g_assert_cmpint(ask(&packet, 0), ==, -1);
		read_by(&worker);
		g_assert_cmpint(ask(&packet, 0), ==, 11);
		forget_reads();
		g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
		end();
	}
}

/* Nobody reads: it can only be the maker's, unless a child may hold the socket as well. A
 * connection that was just accepted may be waiting for the first child. */
static void test_nobody_reads(void)
{
	struct packet packet = incoming(text);

	begin();
	told_late(&maker, RANK_CREATED);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 10);
	told_late(&maker, RANK_INHERITED);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS), ==, 10);
	/* Others have its listener, too, who never were its holder's children. */
	late.shared = 1;
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS), ==, 0);
	late.shared = 0;
	apply(PROCESS_FORK, &worker, &maker);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS), ==, 0);
	/* No time for long waits: rather nobody's than lost. */
	crowded = true;
	g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	end();
}

/* Several use a socket by turns: the read that took the packet decides, and no other. */
static void test_shared_socket(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	late.position = 5;
	g_assert_cmpint(ask(&packet, HOLD_NS - 1), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	read_at(&maker, 4, 5);
	g_assert_cmpint(ask(&packet, 0), ==, -1);
	read_at(&worker, 5, 6);
	read_at(&maker, 6, 7);
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	end();
}

/* Two have read at once: which of them has which is not known, but of what came next it is. */
static void test_read_at_once(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	read_at(&maker, 4, 6);
	read_at(&worker, 4, 6);
	read_at(&worker, 6, 7);
	late.position = 4;
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	late.position = 5;
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	late.position = 6;
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	late.position = 0; /* it may have overtaken another one */
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

/* Between two reads that are told of: he who was alone read on; of others one is still to come. */
static void test_read_in_between(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	late.position = 5;
	read_at(&maker, 4, 5);
	read_at(&worker, 6, 7);
	g_assert_cmpint(ask(&packet, 0), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 0);
	end();
	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	late.position = 5;
	read_as(READ_ALONE, &maker, 4, 5);
	read_at(&worker, 6, 7);
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	late.position = 6;
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	end();
	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	late.position = 5; /* the one or the other's, who was not told of again */
	read_as(READ_ALONE, &maker, 4, 5);
	read_as(READ_ONE_OF, &worker, 5, 7);
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

/* A datagram that was cut is named for who has read all of it. */
static void test_cut_datagram(void)
{
	struct packet packet = incoming(datagram);

	begin();
	told_late(&maker, RANK_USED);
	late.shared = 1;
	late.position = 5;
	late.more = 1;
	read_at(&worker, 5, 6);
	g_assert_cmpint(ask(&packet, 0), ==, -1);
	read_at(&worker, 6, 7);
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	late.more = 2;
	read_at(&maker, 7, 8);
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

/* Its owner has children, and one of them may read: what lies before that child's first read
 * was the owner's. */
static void test_read_before_the_child(void)
{
	struct packet packet = incoming(text); /* sequence number 0 */

	begin();
	told_late(&maker, RANK_USED);
	apply(PROCESS_FORK, &worker, &maker);
	g_assert_cmpint(ask(&packet, 0), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, 10);
	read_at(&worker, 20, 40);
	g_assert_cmpint(ask(&packet, 0), ==, 10);
	forget_reads();
	read_at(&worker, 0, 20);
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	forget_reads();
	/* The numbers wrap. */
	read_at(&worker, 0xfffffff0, 8);
	g_assert_cmpint(ask(&packet, 0), ==, 11);
	end();
}

/* Two have read since, and nothing tells which of them has read this. */
static void test_disputed(void)
{
	struct packet packet = incoming(text);

	begin();
	told_late(&maker, RANK_INHERITED);
	read_by(&maker);
	read_by(&worker);
	g_assert_cmpint(ask(&packet, 0), ==, 0);
	end();
}

static void test_maker_that_nobody_knows(void)
{
	struct packet packet = incoming(text);

	begin();
	told_late(&stranger, RANK_INHERITED);
	g_assert_cmpint(ask(&packet, HOLD_NS), ==, -1);
	g_assert_cmpint(ask(&packet, HOLD_ACCEPTED_NS), ==, 0);
	end();
}

static void test_sender_is_the_peer(void)
{
	struct packet packet = incoming(text);
	struct attributed out;

	begin();
	told_late(&maker, RANK_USED);
	packet.record.peer = sender;
	packet.record.peer.rank = RANK_USED;
	g_assert_cmpint(ask_all(&packet, 0, &out), ==, 10);
	g_assert_cmpint(out.direction, ==, DIRECTION_IN);
	g_assert_true(out.has_peer);
	g_assert_cmpuint(out.peer.tgid, ==, 12);
	end();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/attribution/sender", test_sender_is_in_the_record);
	g_test_add_func("/attribution/sent-by-nobody", test_sent_by_nobody);
	g_test_add_func("/attribution/sender-that-made-it", test_sender_that_only_made_the_socket);
	g_test_add_func("/attribution/loopback-without-sender",
			test_loopback_without_a_sender_is_the_receivers);
	g_test_add_func("/attribution/both-ends-on-loopback", test_both_ends_on_loopback);
	g_test_add_func("/attribution/waits-for-a-socket", test_waits_for_a_socket);
	g_test_add_func("/attribution/age-is-never-negative", test_age_is_never_negative);
	g_test_add_func("/attribution/flow", test_flow_answers_for_nobody_else);
	g_test_add_func("/attribution/forwarded", test_forwarded_is_its_senders);
	g_test_add_func("/attribution/passing-out", test_passing_out);
	g_test_add_func("/attribution/icmp-error", test_icmp_error);
	g_test_add_func("/attribution/several-receivers", test_several_receivers);
	g_test_add_func("/attribution/socket-of-nobody", test_socket_of_nobody);
	g_test_add_func("/attribution/not-of-the-internet", test_not_of_the_internet);
	g_test_add_func("/attribution/without-bytes", test_packet_without_bytes);
	g_test_add_func("/attribution/without-data", test_without_data_the_holder);
	g_test_add_func("/attribution/with-data", test_with_data_the_reader);
	g_test_add_func("/attribution/nobody-reads", test_nobody_reads);
	g_test_add_func("/attribution/shared-socket", test_shared_socket);
	g_test_add_func("/attribution/read-at-once", test_read_at_once);
	g_test_add_func("/attribution/read-in-between", test_read_in_between);
	g_test_add_func("/attribution/cut-datagram", test_cut_datagram);
	g_test_add_func("/attribution/read-before-the-child", test_read_before_the_child);
	g_test_add_func("/attribution/disputed", test_disputed);
	g_test_add_func("/attribution/unknown-maker", test_maker_that_nobody_knows);
	g_test_add_func("/attribution/peer", test_sender_is_the_peer);
	return g_test_run();
}
