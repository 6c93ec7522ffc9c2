// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter_check.c - an expression that somebody is typing: good, bad, or not to be told */
#include <string.h>

#include "extcap/filter/classic.h"
#include "extcap/filter/deadline.h"
#include "extcap/linktype.h"

#define ETHERNET (1U << LINK_ETHERNET)
#define RAW	 (1U << LINK_RAW)

/* In as much time as a slow machine takes. */
static enum filter_answer check(const char *expression, guint kinds, char **words)
{
	const struct filter_links links = {.kinds = kinds, .netmask = NETMASK_UNKNOWN};

	return filter_check(expression, &links, 60000, words);
}

static void assert_good(const char *expression)
{
	g_autofree char *words = NULL;

	g_assert_cmpint(check(expression, ETHERNET, &words), ==, FILTER_GOOD);
	g_assert_cmpstr(words, ==, NULL);
}

static void assert_bad(const char *expression, const char *part)
{
	g_autofree char *words = NULL;

	g_assert_cmpint(check(expression, ETHERNET | RAW, &words), ==, FILTER_BAD);
	g_assert_nonnull(words);
	g_assert_nonnull(strstr(words, part));
	for (const char *c = words; *c; c++)
		g_assert_false(g_ascii_iscntrl(*c));
}

static void assert_unknown(const char *expression)
{
	g_autofree char *words = NULL;

	g_assert_cmpint(check(expression, ETHERNET | RAW, &words), ==, FILTER_UNKNOWN);
	g_assert_cmpstr(words, ==, NULL);
}

/* Good on Ethernet, and on a tun device nothing. */
static void test_in_part(void)
{
	g_autofree char *words = NULL, *none = NULL, *raw = NULL;

	g_assert_cmpint(check("ether host 02:00:00:00:00:01", ETHERNET | RAW, &words), ==,
			FILTER_UNKNOWN);
	g_assert_nonnull(strstr(words, "captures nothing on interfaces without a link layer"));
	g_assert_cmpint(check("ether host 02:00:00:00:00:01", ETHERNET, &none), ==, FILTER_GOOD);
	g_assert_cmpint(check("ether host 02:00:00:00:00:01", RAW, &raw), ==, FILTER_BAD);
	g_assert_nonnull(raw);
}

/* It loops. */
static void test_protochain(void)
{
	assert_bad("ip6 protochain 6", "protochain");
}

static void test_good(void)
{
	assert_good("tcp port 80");
	assert_good("tcp port http");
	assert_good("vlan 5 and ip6");
	assert_good("ether host 02:00:00:00:00:01");
	assert_good("host localhost");
}

static void test_bad(void)
{
	assert_bad("tcp prt 80", "syntax error");
	assert_bad("ip and arp and tcp", "rejects all packets");
	assert_bad("port nosuchport", "nosuchport");
	assert_bad("port no\nsuch", "no");
	assert_bad("port \"", "");
}

/* The name may be a good one, but nobody is asked while it is being typed. */
static void test_names(void)
{
	assert_unknown("host www.example.invalid");
	assert_unknown("net www.example.invalid");
	assert_unknown("tcp or host www.example.invalid");
}

static char *hosts(guint count)
{
	GString *text = g_string_new("tcp");

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, " or host 10.0.%u.%u", i >> 8, i & 255);
	return g_string_free(text, FALSE);
}

static bool matches(struct filter *filter, enum link_kind kind, const guint8 *bytes, guint length)
{
	const struct filter_packet packet = {.bytes = bytes, .captured = length, .length = length};
	const struct filter_context context = {0};

	return filter_matches(filter, kind, &packet, &context);
}

/* Optimised, it takes a minute; a capture uses it as it is. */
static void test_late(void)
{
	const struct filter_links links = {.kinds = ETHERNET | RAW, .netmask = NETMASK_UNKNOWN};
	g_autofree char *expression = hosts(1000), *words = NULL;

	g_assert_cmpint(filter_check(expression, &links, FILTER_CHECK_MS, &words), ==,
			FILTER_UNKNOWN);
	g_assert_cmpstr(words, ==, NULL);
}

static void test_late_is_used_all_the_same(void)
{
	g_autofree char *expression = hosts(400);
	g_autoptr(GError) error = NULL;
	struct filter *filter = filter_compile(expression, NULL, NETMASK_UNKNOWN, &error);
	const guint8 tcp[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 9, 9, 9, 10, 9, 9, 8};
	const guint8 udp[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 10, 9, 9, 9, 10, 9, 9, 8};
	const guint8 host[] = {0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 1, 9, 10, 9, 9, 8};

	g_assert_no_error(error);
	g_assert_true(matches(filter, LINK_RAW, tcp, sizeof(tcp)));
	g_assert_false(matches(filter, LINK_RAW, udp, sizeof(udp)));
	g_assert_true(matches(filter, LINK_RAW, host, sizeof(host)));
	filter_free(filter);
}

/* What an interface can be, a filter is compiled for; "len" means something everywhere. */
static void test_every_link_type(void)
{
	g_autoptr(GError) error = NULL;
	struct filter *filter = filter_compile("len > 20", NULL, NETMASK_UNKNOWN, &error);
	const guint8 bytes[64] = {0};

	g_assert_no_error(error);
	for (guint kind = 0; kind < LINK_KINDS; kind++) {
		g_assert_true(matches(filter, kind, bytes, 64));
		g_assert_false(matches(filter, kind, bytes, 20));
	}
	filter_free(filter);
}

static void test_wrong_everywhere(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(filter_compile("tcp prt 80", NULL, NETMASK_UNKNOWN, &error));
	g_assert_error(error, FILTER_ERROR, FILTER_ERROR_WRONG);
	g_assert_nonnull(strstr(error->message, "syntax error"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter_check/good", test_good);
	g_test_add_func("/filter_check/bad", test_bad);
	g_test_add_func("/filter_check/in-part", test_in_part);
	g_test_add_func("/filter_check/protochain", test_protochain);
	g_test_add_func("/filter_check/names", test_names);
	g_test_add_func("/filter_check/late", test_late);
	g_test_add_func("/filter_check/late-is-used", test_late_is_used_all_the_same);
	g_test_add_func("/filter_check/every-link-type", test_every_link_type);
	g_test_add_func("/filter_check/wrong-everywhere", test_wrong_everywhere);
	return g_test_run();
}
