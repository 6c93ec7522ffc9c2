// SPDX-License-Identifier: GPL-2.0-or-later
/* test_multipath.c - a packet's place in a Multipath TCP connection, out of its options
 *
 * The options are written by hand from RFC 8684, and cut at every length.
 */
#include "extcap/capture/multipath.h"

#include <string.h>

/* The subflow's SYN had the number 1000: its data begin at 1001. */
static const struct late_owner known = {
	.multipath = MULTIPATH_SUBFLOW | MULTIPATH_BEGIN, .subflow = 1000, .begin = 0x11223344};

static const guint8 dss[] = {1,	   1, 30, 18, 0x20, 0x05, 0, 0,	  0, 9, /* acknowledges 9 */
			     0xa0, 0, 0,  1,  0,    0,	  0, 101, 0, 50};
static const guint8 dss_long[] = {30, 26, 0x20, 0x0f, 0, 0, 0, 0, 0, 0, 0,   9, 1,
				  2,  3,  4,	0xa0, 0, 0, 1, 0, 0, 0, 101, 0, 50};
static const guint8 dss_ack_only[] = {30, 8, 0x20, 0x01, 0, 0, 0, 9};
static const guint8 capable[] = {30, 22, 0x01, 0x81, 1, 1, 1, 1, 1, 1, 1,
				 1,  2,	 2,    2,    2, 2, 2, 2, 2, 0, 50};

static guint32 position;

static bool ask(const guint8 *options, gsize length, guint32 number, const struct late_owner *late)
{
	/* A copy of just that length, that a sanitizer sees the end of. */
	g_autofree guint8 *copy = g_memdup2(options, length);

	position = 0;
	return multipath_position(copy, length, number, late, &position);
}

static void test_mapping(void)
{
	g_assert_true(ask(dss, sizeof(dss), 1101, &known));
	g_assert_cmphex(position, ==, 0xa0000001);
	g_assert_true(ask(dss, sizeof(dss), 1101 + 49, &known));
	g_assert_cmphex(position, ==, 0xa0000001 + 49);
	g_assert_true(ask(dss_long, sizeof(dss_long), 1101, &known));
	g_assert_cmphex(position, ==, 0xa0000001);
}

static void test_outside_of_its_mapping(void)
{
	g_assert_false(ask(dss, sizeof(dss), 1101 + 50, &known));
	g_assert_false(ask(dss, sizeof(dss), 1100, &known));
	g_assert_false(ask(dss_ack_only, sizeof(dss_ack_only), 1101, &known));
	g_assert_false(ask(dss, 0, 1101, &known));
}

static void test_first_data(void)
{
	struct late_owner unknown = known;

	g_assert_true(ask(capable, sizeof(capable), 1001, &known));
	g_assert_cmphex(position, ==, 0x11223344);
	unknown.multipath = MULTIPATH_SUBFLOW;
	g_assert_false(ask(capable, sizeof(capable), 1001, &unknown));
}

static void test_cut_options(void)
{
	for (gsize length = 0; length < sizeof(dss); length++)
		g_assert_false(ask(dss, length, 1101, &known));
	for (gsize length = 0; length < sizeof(dss_long); length++)
		g_assert_false(ask(dss_long, length, 1101, &known));
	for (gsize length = 0; length < sizeof(capable); length++)
		g_assert_false(ask(capable, length, 1001, &known));
}

/* An option whose own length is too small for what its flags promise, or none. */
static void test_lengths_that_lie(void)
{
	guint8 options[40];

	for (guint size = 0; size < 256; size++) {
		memset(options, 0, sizeof(options));
		memcpy(options, dss_long, sizeof(dss_long));
		options[1] = size;
		if (size < sizeof(dss_long) || size > sizeof(options))
			g_assert_false(ask(options, sizeof(options), 1101, &known));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/multipath/mapping", test_mapping);
	g_test_add_func("/multipath/outside", test_outside_of_its_mapping);
	g_test_add_func("/multipath/first-data", test_first_data);
	g_test_add_func("/multipath/cut", test_cut_options);
	g_test_add_func("/multipath/lengths", test_lengths_that_lie);
	return g_test_run();
}
