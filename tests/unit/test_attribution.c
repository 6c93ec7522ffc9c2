// SPDX-License-Identifier: GPL-2.0-or-later
/* test_attribution.c - whose packet a record is: its sender's, or his whose socket takes it
 *
 * Who of several reads from that socket is in test_readers.c.
 */
#include <net/if_arp.h>

#include "tests/unit/played.h"

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
	static const guint8 arp[64] = {0, 1, 8, 0, 6, 4};
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
	g_test_add_func("/attribution/peer", test_sender_is_the_peer);
	return g_test_run();
}
