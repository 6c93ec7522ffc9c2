// SPDX-License-Identifier: GPL-2.0-or-later
/* test_talkers.c - from sockets to the few processes that a list shows */
#include "extcap/sources/talkers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct socket_record record_of(guint32 pid, const char *comm, guint8 protocol)
{
	struct socket_record record = {
		.tgid = pid,
		.pid = pid,
		.start = pid * G_GUINT64_CONSTANT(1000000000),
		.uid = 4294967000, /* nobody's */
		.family = AF_INET,
		.protocol = protocol,
	};

	g_strlcpy(record.comm, comm, sizeof(record.comm));
	return record;
}

static void listens(GHashTable *talkers, guint32 pid, const char *comm, guint16 port)
{
	struct socket_record record = record_of(pid, comm, IPPROTO_TCP);

	record.state = TCP_LISTEN;
	record.local_port = port;
	talkers_add(talkers, &record);
}

static void talks(GHashTable *talkers, guint32 pid, const char *comm, guint8 peer)
{
	struct socket_record record = record_of(pid, comm, IPPROTO_TCP);

	record.state = TCP_ESTABLISHED;
	record.local_port = 40000;
	record.remote_port = 443;
	record.remote[3] = peer;
	talkers_add(talkers, &record);
}

static void bound(GHashTable *talkers, guint32 pid, guint16 port, guint16 remote)
{
	struct socket_record record = record_of(pid, "named", IPPROTO_UDP);

	record.state = 7; /* as UDP sockets are without a peer */
	record.local_port = port;
	record.remote_port = remote;
	talkers_add(talkers, &record);
}

static void assert_displays(GHashTable *talkers, const char *display)
{
	g_autoptr(GPtrArray) ranked = talkers_ranked(talkers);
	g_autofree char *first = NULL;

	g_assert_cmpuint(ranked->len, >, 0);
	first = talker_display(g_ptr_array_index(ranked, 0));
	g_assert_cmpstr(first, ==, display);
}

static void test_ports_once_and_in_order(void)
{
	g_autoptr(GHashTable) talkers = talkers_new();

	listens(talkers, 812, "nginx", 443);
	listens(talkers, 812, "nginx", 80);
	listens(talkers, 812, "nginx", 443); /* IPv6's, or a second descriptor */
	assert_displays(talkers, "nginx (812) on 80, 443, user 4294967000");
	for (guint16 port = 8000; port < 8006; port++)
		listens(talkers, 812, "nginx", port);
	assert_displays(talkers, "nginx (812) on 80, 443, 8000, 8001 and 4 more, user 4294967000");
}

static void test_peers_are_addresses(void)
{
	g_autoptr(GHashTable) talkers = talkers_new();

	talks(talkers, 4, "curl", 1);
	assert_displays(talkers, "curl (4) with 1 peer, user 4294967000");
	talks(talkers, 4, "curl", 1);
	talks(talkers, 4, "curl", 2);
	assert_displays(talkers, "curl (4) with 2 peers, user 4294967000");
}

/* A resolver's socket waits for one answer, on a port that the kernel gave it. */
static void test_udp(void)
{
	g_autoptr(GHashTable) talkers = talkers_new();

	bound(talkers, 5, 53, 0);
	bound(talkers, 5, 45678, 0);
	bound(talkers, 5, 54, 99);
	assert_displays(talkers, "named (5) on 53 with 1 peer, user 4294967000");
}

/* A raw socket has its protocol where others have their port. */
static void test_raw(void)
{
	g_autoptr(GHashTable) talkers = talkers_new();
	struct socket_record ping = record_of(6, "ping", IPPROTO_ICMP);

	ping.local_port = 1;
	talkers_add(talkers, &ping);
	assert_displays(talkers, "ping (6), user 4294967000");
}

static void test_rank(void)
{
	static const guint32 expected[] = {30, 20, 11, 10, 9};
	g_autoptr(GHashTable) talkers = talkers_new();
	g_autoptr(GPtrArray) ranked = NULL;

	listens(talkers, 9, "idle", 1);
	listens(talkers, 11, "idle", 1);
	listens(talkers, 10, "idle", 1);
	listens(talkers, 20, "two ports", 1);
	listens(talkers, 20, "two ports", 2);
	talks(talkers, 30, "talkative", 1);
	ranked = talkers_ranked(talkers);
	g_assert_cmpuint(ranked->len, ==, G_N_ELEMENTS(expected));
	for (guint i = 0; i < ranked->len; i++) {
		const struct talker *talker = g_ptr_array_index(ranked, i);

		g_assert_cmpuint(talker->pid, ==, expected[i]);
	}
}

static void test_bounded(void)
{
	g_autoptr(GHashTable) talkers = talkers_new();
	g_autoptr(GPtrArray) ranked = NULL;

	for (guint32 pid = 1; pid <= 1000; pid++)
		listens(talkers, pid, "x", 1);
	ranked = talkers_ranked(talkers);
	g_assert_cmpuint(ranked->len, ==, TALKERS_LISTED);
}

static void assert_value(const char *comm, const char *value)
{
	g_autoptr(GHashTable) talkers = talkers_new();
	g_autoptr(GPtrArray) ranked = NULL;
	g_autofree char *made = NULL;

	listens(talkers, 7, comm, 1);
	ranked = talkers_ranked(talkers);
	made = talker_value(g_ptr_array_index(ranked, 0));
	g_assert_cmpstr(made, ==, value);
}

static void test_value(void)
{
	g_autofree char *with = g_strdup_printf("7@%ld@kworker.0-a_b", 7 * sysconf(_SC_CLK_TCK));
	g_autofree char *without = g_strdup_printf("7@%ld", 7 * sysconf(_SC_CLK_TCK));

	assert_value("kworker.0-a_b", with);
	assert_value("{value=x}", without);
	assert_value("two words", without);
	assert_value("\xff\n", without);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/talkers/ports", test_ports_once_and_in_order);
	g_test_add_func("/talkers/peers", test_peers_are_addresses);
	g_test_add_func("/talkers/udp", test_udp);
	g_test_add_func("/talkers/raw", test_raw);
	g_test_add_func("/talkers/rank", test_rank);
	g_test_add_func("/talkers/bounded", test_bounded);
	g_test_add_func("/talkers/value", test_value);
	return g_test_run();
}
