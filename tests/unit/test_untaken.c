// SPDX-License-Identifier: GPL-2.0-or-later
/* test_untaken.c - what a reader has not taken of a stream when its capture ends */
#include "extcap/output/untaken.h"
#include "tests/unit/blocks.h"

struct cut {
	guint packets, owned, interfaces;
};

static void count_cut(guint32 interface, bool owned, void *data)
{
	struct cut *cut = data;

	cut->packets++;
	cut->owned += owned;
	cut->interfaces += interface;
}

static void add_packet(GByteArray *stream, guint32 interface, guint32 pid, guint32 length)
{
	static const guint8 bytes[64];
	g_autoptr(GByteArray) comment = g_byte_array_new();
	struct pcapng_packet packet = {
		.interface = interface, .length = length, .body = bytes, .body_length = length};

	pcapng_option(comment, OPT_COMMENT, "odd", 3);
	packet.pid = packet.tid = pid;
	packet.options[0] = comment;
	pcapng_packet(stream, &packet);
}

/* Of an interface and three packets, one with an owner, the reader has all up to @taken. */
static void test_untaken(void)
{
	const struct pcapng_interface interface = {.name = "x", .os = "y", .link_type = 1};
	g_autoptr(GByteArray) stream = g_byte_array_new();
	struct cut cut = {0};
	gsize first, second, third;

	add_packet(stream, 0, 0, 61);
	first = stream->len;
	add_packet(stream, 1, 7, 63);
	second = stream->len;
	pcapng_interface(stream, &interface);
	third = stream->len;
	add_packet(stream, 2, 0, 64);
	g_assert_cmpuint(untaken_begun(stream, 0), ==, 0);
	g_assert_cmpuint(untaken_begun(stream, first - 1), ==, 0);
	g_assert_cmpuint(untaken_begun(stream, first), ==, first);
	g_assert_cmpuint(untaken_begun(stream, first + 1), ==, first);
	g_assert_cmpuint(untaken_begun(stream, stream->len), ==, stream->len);
	untaken_drop(stream, first, count_cut, &cut);
	g_assert_cmpuint(cut.packets, ==, 2);
	g_assert_cmpuint(cut.owned, ==, 1);
	g_assert_cmpuint(cut.interfaces, ==, 1 + 2);
	g_assert_cmpuint(stream->len, ==, first + third - second);
	g_assert_cmpuint(read_block(stream, first, 8).type, ==, 1);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/untaken/packets", test_untaken);
	return g_test_run();
}
