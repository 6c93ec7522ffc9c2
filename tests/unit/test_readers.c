// SPDX-License-Identifier: GPL-2.0-or-later
/* test_readers.c - whose a packet is that a socket of several processes takes: who waits, for how
 * long, and what is answered then
 */
#include "tests/unit/played.h"

static const guint8 syn[64] = TCP_V4(2, 0);
static const guint8 ack6[64] = {0x60, 0, 0, 0, 0, 20, 6, 64, [40 + 12] = 0x50, 16};
static const guint8 text6[64] = {0x60, 0, 0, 0, 0, 21, 6, 64, [40 + 12] = 0x50, 24};
/* A header with options: 24 bytes, then TCP's without data. */
static const guint8 ack_with_options[64] = {0x46, 0, 0, 44, 0, 0, 0, 0, 64, 6, [24 + 12] = 0x50};

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/readers/without-data", test_without_data_the_holder);
	g_test_add_func("/readers/with-data", test_with_data_the_reader);
	g_test_add_func("/readers/nobody-reads", test_nobody_reads);
	g_test_add_func("/readers/shared-socket", test_shared_socket);
	g_test_add_func("/readers/read-at-once", test_read_at_once);
	g_test_add_func("/readers/read-in-between", test_read_in_between);
	g_test_add_func("/readers/cut-datagram", test_cut_datagram);
	g_test_add_func("/readers/read-before-the-child", test_read_before_the_child);
	g_test_add_func("/readers/disputed", test_disputed);
	g_test_add_func("/readers/unknown-maker", test_maker_that_nobody_knows);
	return g_test_run();
}
