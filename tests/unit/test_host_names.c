// SPDX-License-Identifier: GPL-2.0-or-later
/* test_host_names.c - which addresses get a name for the whole file, and when */
#include "extcap/capture/host_names.h"

#include <arpa/inet.h>
#include <string.h>

#include "tests/unit/said.h"

#define A    "36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd"
#define B    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define INIT 1

/* All that a look needs, with the containers A and B, in cgroups 7 and 8. */
struct stage {
	struct processes *processes;
	struct addresses *addresses;
	struct host_names *names;
	GByteArray *out;
};

static void cgroup(struct processes *processes, guint64 id, const char *container)
{
	g_autofree struct cgroup_event *event = g_malloc0(sizeof(*event) + 128);

	event->kind = CGROUP_NEW;
	event->id = id;
	g_strlcpy(event->data, container, 128);
	memcpy(event->data + 65, "docker", 7);
	event->path_length = 65 + 7;
	containers_apply(processes_containers(processes), event, sizeof(*event) + 128);
}

static struct stage set_stage(void)
{
	struct stage stage = {processes_new(), addresses_new(), NULL, g_byte_array_new()};

	stage.names = host_names_new(stage.processes);
	APPLY(stage.processes, PROCESS_KNOWN, 1, INIT, .start = INIT, PATH("init\0"), .netns = 10);
	cgroup(stage.processes, 7, A);
	cgroup(stage.processes, 8, B);
	return stage;
}

static void clear_stage(struct stage *stage)
{
	host_names_free(stage->names);
	addresses_free(stage->addresses);
	processes_free(stage->processes);
	g_byte_array_unref(stage->out);
}

#define STARTS(stage, who, at, ...)                                                               \
	APPLY((stage)->processes, PROCESS_EXEC, at, who, .start = at, PATH("sh\0"), ARGS("sh\0"), \
	      __VA_ARGS__)
#define HOLD(stage, holder, name, ...) \
	addresses_hold((stage)->addresses, holder, name, (char *[]){__VA_ARGS__, NULL}, 1)

/* What is said at that second, by its bytes: "172.17.0.2 web ". */
static void assert_said(struct stage *stage, guint64 second, const char *wanted)
{
	g_autoptr(GString) said = g_string_new(NULL);
	const guint8 *at;
	guint n;

	g_byte_array_set_size(stage->out, 0);
	n = host_names_write(stage->names, stage->addresses, second * SECOND, stage->out);
	if (n == 0)
		g_assert_cmpuint(stage->out->len, ==, 0);
	for (at = stage->out->data + 8; n; n--) {
		gsize v = at[0] == 1 ? 4 : 16, length = at[2] | at[3] << 8;
		char text[INET6_ADDRSTRLEN];

		inet_ntop(v == 4 ? AF_INET : AF_INET6, at + 4, text, sizeof(text));
		g_string_append_printf(said, "%s %s ", text, at + 4 + v);
		at += 4 + ((length + 3) & ~(gsize)3);
	}
	g_assert_cmpstr(said->str, ==, wanted);
}

static void learn(struct stage *stage, const char *address, guint32 netns)
{
	struct address bytes;
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	guint8 v[16];

	g_assert_cmpint(inet_pton(family, address, v), ==, 1);
	address_set(&bytes, family, v);
	host_names_learn(stage->names, netns, &bytes);
}

/* After five seconds of its life, by its oldest process; then never again. */
static void test_life(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 10 * SECOND, .v2 = 7, .netns = 50);
	STARTS(&stage, BOB, 14 * SECOND, .v2 = 7, .netns = 51);
	HOLD(&stage, A, "web", "172.17.0.2");
	assert_said(&stage, 14, "");
	assert_said(&stage, 15, "172.17.0.2 web ");
	assert_said(&stage, 16, "");
	HOLD(&stage, A, "web", "172.17.0.2", "fd00::2");
	assert_said(&stage, 17, "fd00::2 web ");
	clear_stage(&stage);
}

/* It was made long ago, and starts once more. */
static void test_restarted(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 10 * SECOND, .v2 = 7, .netns = 50);
	APPLY(stage.processes, PROCESS_EXIT, 11 * SECOND, ALICE, .start = 10 * SECOND);
	HOLD(&stage, A, "web", "172.17.0.2");
	assert_said(&stage, 90, "");
	STARTS(&stage, BOB, 90 * SECOND, .v2 = 7, .netns = 51);
	assert_said(&stage, 94, "");
	assert_said(&stage, 95, "172.17.0.2 web ");
	clear_stage(&stage);
}

static void test_two_networks(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
	HOLD(&stage, A, "web", "172.17.0.2", "172.17.0.3", "172.17.0.4");
	learn(&stage, "172.17.0.2", 50);
	learn(&stage, "172.17.0.2", 51);
	learn(&stage, "172.17.0.2", 50);
	learn(&stage, "172.17.0.3", 51); /* a single one, but not the container's */
	learn(&stage, "172.17.0.4", 50);
	assert_said(&stage, 20, "172.17.0.4 web ");
	clear_stage(&stage);
}

/* Two containers of one name in two networks, as two daemons may have; a pod's are in one. */
static void test_two_holders(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
	STARTS(&stage, BOB, 19 * SECOND, .v2 = 8, .netns = 51);
	HOLD(&stage, A, "cart.shop", "10.85.0.2");
	HOLD(&stage, B, "cart.shop", "10.85.0.2");
	assert_said(&stage, 20, "");
	APPLY(stage.processes, PROCESS_EXIT, 21 * SECOND, BOB, .start = 19 * SECOND);
	STARTS(&stage, BOB, 22 * SECOND, .v2 = 8, .netns = 50);
	assert_said(&stage, 23, "10.85.0.2 cart.shop ");
	clear_stage(&stage);
}

/* The next container in the same namespace, by its number, at the same address; nobody has told of
 * the first one. */
static void test_number_that_comes_back(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
	learn(&stage, "172.17.0.2", 50);
	APPLY(stage.processes, PROCESS_EXIT, 2 * SECOND, ALICE, .start = 1 * SECOND);
	STARTS(&stage, BOB, 3 * SECOND, .v2 = 8, .netns = 50);
	HOLD(&stage, B, "web", "172.17.0.2", "172.17.0.3");
	learn(&stage, "172.17.0.3", 50);
	assert_said(&stage, 20, "172.17.0.3 web ");
	clear_stage(&stage);
}

/* Docker in Docker: what is inside is in the outer container, too, in a network of its own. */
static void test_network_within_a_container(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
	STARTS(&stage, BOB, 2 * SECOND, .v2 = 7, .netns = 51);
	HOLD(&stage, A, "web", "172.17.0.2", "172.17.0.3");
	learn(&stage, "172.17.0.2", 50);
	learn(&stage, "172.17.0.2", 51);
	learn(&stage, "172.17.0.3", 50);
	assert_said(&stage, 20, "172.17.0.3 web ");
	clear_stage(&stage);
}

/* In the machine's own network its addresses are not the container's, whatever is said. */
static void test_network_of_the_machine(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 10);
	HOLD(&stage, A, "web", "192.0.2.7");
	assert_said(&stage, 20, "");
	clear_stage(&stage);
}

static void test_no_processes(void)
{
	struct stage stage = set_stage();

	HOLD(&stage, A, "web", "172.17.0.2");
	HOLD(&stage, "unknown", "other", "172.17.0.3");
	assert_said(&stage, 20, "");
	clear_stage(&stage);
}

/* What would be another host's, a second line of a list of hosts, or no host's at all. */
static void test_names_of_no_host(void)
{
	g_autofree char *longest = g_strnfill(253, 'x');
	g_autofree char *too_long = g_strnfill(254, 'x');
	const char *const bad[] = {
		"",   "8.8.8.8", "a b", "a\n8.8.8.8 b", "a\033[2J", "caf\303\251", "\377",
		"-x", ".x",	 "a/b", "a%n",		"a\tb",	    "a\177",	   too_long};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct stage stage = set_stage();

		STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
		HOLD(&stage, A, bad[i], "172.17.0.2");
		assert_said(&stage, 20, "");
		clear_stage(&stage);
	}
	for (gsize i = 0; i < 2; i++) {
		const char *name = i ? longest : "my_web-1.2";
		g_autofree char *wanted = g_strdup_printf("172.17.0.2 %s ", name);
		struct stage stage = set_stage();

		STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
		HOLD(&stage, A, name, "172.17.0.2");
		assert_said(&stage, 20, wanted);
		clear_stage(&stage);
	}
}

static void test_addresses_of_no_host(void)
{
	static char *const bad[] = {
		"127.0.0.1", "0.0.0.0", "169.254.1.1", "224.0.0.1", "255.255.255.255",
		"::",	     "::1",	"fe80::1",     "ff02::1"};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct stage stage = set_stage();

		STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
		HOLD(&stage, A, "web", bad[i]);
		assert_said(&stage, 20, "");
		clear_stage(&stage);
	}
}

/* A process may send from as many addresses as it likes: then of one that was never seen it is
 * not known whether another network has it. */
static void test_too_many_addresses(void)
{
	struct stage stage = set_stage();

	STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
	HOLD(&stage, A, "web", "172.17.0.2", "172.17.0.3");
	learn(&stage, "172.17.0.2", 50);
	for (guint i = 0; i < 70000; i++) {
		g_autofree char *address =
			g_strdup_printf("10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);

		learn(&stage, address, 51);
	}
	assert_said(&stage, 20, "172.17.0.2 web ");
	clear_stage(&stage);
}

/* A process's own end of a packet, as the wire side writes it. */
static void test_seen_in_a_packet(void)
{
	g_autofree struct packet_record *record = g_malloc0(sizeof(*record) + 20);
	guint8 *ip = record->data;

	ip[0] = 0x45;
	memcpy(ip + 12, "\254\21\0\2\254\21\0\t", 8); /* from 172.17.0.2 to .9 */
	record->captured = 20;
	record->netns = 51;
	for (guint i = 0; i < 4; i++) {
		bool sent = i & 1, is_source = i & 2;
		struct stage stage = set_stage();

		STARTS(&stage, ALICE, 1 * SECOND, .v2 = 7, .netns = 50);
		HOLD(&stage, A, "web", is_source ? "172.17.0.2" : "172.17.0.9");
		host_names_see(stage.names, record, sent);
		if (sent == is_source)
			assert_said(&stage, 20, "");
		else
			assert_said(&stage, 20, is_source ? "172.17.0.2 web " : "172.17.0.9 web ");
		clear_stage(&stage);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/host_names/life", test_life);
	g_test_add_func("/host_names/restarted", test_restarted);
	g_test_add_func("/host_names/two-networks", test_two_networks);
	g_test_add_func("/host_names/two-holders", test_two_holders);
	g_test_add_func("/host_names/number-that-comes-back", test_number_that_comes_back);
	g_test_add_func("/host_names/network-within-a-container", test_network_within_a_container);
	g_test_add_func("/host_names/network-of-the-machine", test_network_of_the_machine);
	g_test_add_func("/host_names/no-processes", test_no_processes);
	g_test_add_func("/host_names/names-of-no-host", test_names_of_no_host);
	g_test_add_func("/host_names/addresses-of-no-host", test_addresses_of_no_host);
	g_test_add_func("/host_names/too-many-addresses", test_too_many_addresses);
	g_test_add_func("/host_names/seen-in-a-packet", test_seen_in_a_packet);
	return g_test_run();
}
