// SPDX-License-Identifier: GPL-2.0-or-later
/* test_addresses.c - which container has an address, when */
#include "extcap/identity/addresses.h"

#include <arpa/inet.h>
#include <string.h>

static const char *name_at(const struct addresses *addresses, const char *text, guint64 time)
{
	struct address address = {.bytes = {[10] = 0xff, 0xff}};

	if (inet_pton(AF_INET, text, address.bytes + 12) != 1)
		g_assert_cmpint(inet_pton(AF_INET6, text, address.bytes), ==, 1);
	return addresses_name(addresses, &address, time);
}

#define HOLD(holder, name, now, ...) \
	addresses_hold(addresses, holder, name, (char *[]){__VA_ARGS__, NULL}, now)

static void test_by_time(void)
{
	struct addresses *addresses = addresses_new();

	g_assert_cmpuint(addresses_version(addresses), ==, 0);
	HOLD("1", "web", 100, "10.88.0.2", "fd00::2", "nonsense");
	g_assert_cmpstr(name_at(addresses, "10.88.0.2", 50), ==, "web");
	g_assert_cmpstr(name_at(addresses, "fd00::2", 1000), ==, "web");
	g_assert_null(name_at(addresses, "10.88.0.3", 100));
	g_assert_cmpuint(addresses_version(addresses), ==, 1);
	addresses_hold(addresses, "1", "web", NULL, 200);
	g_assert_cmpuint(addresses_version(addresses), ==, 2);
	HOLD("2", "cart", 300, "10.88.0.2");
	g_assert_cmpstr(name_at(addresses, "10.88.0.2", 199), ==, "web");
	g_assert_null(name_at(addresses, "10.88.0.2", 250));
	g_assert_cmpstr(name_at(addresses, "10.88.0.2", 300), ==, "cart");
	HOLD("2", "renamed", 400, "10.88.0.2");
	g_assert_cmpstr(name_at(addresses, "10.88.0.2", 399), ==, "cart");
	g_assert_cmpstr(name_at(addresses, "10.88.0.2", 400), ==, "renamed");
	HOLD("2", "renamed", 500, "10.88.0.9");
	g_assert_null(name_at(addresses, "10.88.0.2", 500));
	addresses_free(addresses);
}

static void test_two_at_a_time(void)
{
	struct addresses *addresses = addresses_new();

	HOLD("1", "web", 100, "172.17.0.2");
	HOLD("2", "other", 200, "172.17.0.2");
	g_assert_cmpstr(name_at(addresses, "172.17.0.2", 199), ==, "web");
	g_assert_null(name_at(addresses, "172.17.0.2", 200));
	HOLD("3", "pod.ns", 100, "172.17.0.3");
	HOLD("4", "pod.ns", 200, "172.17.0.3");
	g_assert_cmpstr(name_at(addresses, "172.17.0.3", 200), ==, "pod.ns");
	addresses_free(addresses);
}

static void test_many(void)
{
	struct addresses *addresses = addresses_new();

	for (guint i = 0; i < 1000; i++) {
		g_autofree char *holder = g_strdup_printf("%u", i);

		HOLD(holder, holder, i * 10, "172.17.0.2");
		addresses_hold(addresses, holder, holder, NULL, i * 10 + 5);
	}
	g_assert_cmpstr(name_at(addresses, "172.17.0.2", 9992), ==, "999");
	g_assert_cmpstr(name_at(addresses, "172.17.0.2", 9984), ==, "998");
	addresses_free(addresses);
}

static void on_certain(const struct address *address, const char *name, const GPtrArray *holders,
		       void *data)
{
	g_string_append_printf(data, "%u=%s/%u ", address->bytes[15], name, holders->len);
}

static void assert_certain(const struct addresses *addresses, const char *wanted)
{
	g_autoptr(GString) certain = g_string_new(NULL);

	addresses_foreach_certain(addresses, on_certain, certain);
	g_assert_cmpstr(certain->str, ==, wanted);
}

/* Whoever had it before counts as well, however long ago. */
static void test_certain(void)
{
	struct addresses *addresses = addresses_new();

	assert_certain(addresses, "");
	HOLD("1", "web", 100, "172.17.0.2");
	assert_certain(addresses, "2=web/1 ");
	addresses_hold(addresses, "1", "web", NULL, 200);
	assert_certain(addresses, "");
	HOLD("1", "web", 300, "172.17.0.2");
	HOLD("2", "web", 400, "172.17.0.2");
	assert_certain(addresses, "2=web/2 ");
	HOLD("3", "other", 500, "172.17.0.2");
	assert_certain(addresses, "");
	for (guint i = 0; i < 100; i++) {
		addresses_hold(addresses, "3", "other", NULL, 600);
		HOLD("3", "other", 700, "172.17.0.2");
	}
	assert_certain(addresses, "");
	addresses_free(addresses);
}

static void test_renamed(void)
{
	struct addresses *addresses = addresses_new();

	HOLD("1", "was", 100, "172.17.0.2");
	HOLD("1", "is", 200, "172.17.0.2");
	assert_certain(addresses, "");
	addresses_free(addresses);
}

static void test_packets(void)
{
	guint8 bytes[40] = {0x45, [12] = 10, 0, 0, 1, 10, 0, 0, 2};
	struct address source, destination;

	g_assert_true(addresses_of_packet(bytes, 20, &source, &destination));
	g_assert_cmpint(source.bytes[15], ==, 1);
	g_assert_cmpint(destination.bytes[15], ==, 2);
	g_assert_false(addresses_of_packet(bytes, 19, &source, &destination));
	bytes[0] = 0x60;
	g_assert_false(addresses_of_packet(bytes, 39, &source, &destination));
	g_assert_true(addresses_of_packet(bytes, 40, &source, &destination));
	g_assert_false(addresses_of_packet(bytes, 0, &source, &destination));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/addresses/by-time", test_by_time);
	g_test_add_func("/addresses/two-at-a-time", test_two_at_a_time);
	g_test_add_func("/addresses/many", test_many);
	g_test_add_func("/addresses/certain", test_certain);
	g_test_add_func("/addresses/renamed", test_renamed);
	g_test_add_func("/addresses/packets", test_packets);
	return g_test_run();
}
