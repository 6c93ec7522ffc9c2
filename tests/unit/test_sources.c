// SPDX-License-Identifier: GPL-2.0-or-later
/* test_sources.c - sources by their names: which one is meant, and what is said of none */
#include "extcap/sources/netns.h"
#include "extcap/sources/process.h"
#include "extcap/sources/sockets.h"
#include "extcap/sources/source.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The sentence has all of @words, "|" between them. */
static void assert_says(GError *error, const char *words)
{
	g_auto(GStrv) parts = g_strsplit(words, "|", 0);

	g_assert_nonnull(error);
	g_assert_true(g_utf8_validate(error->message, -1, NULL));
	g_assert_true(g_str_has_suffix(error->message, "."));
	g_assert_cmpuint(strlen(error->message), <, 900);
	for (char **word = parts; *word; word++) {
		if (!strstr(error->message, *word))
			g_error("\"%s\" does not say \"%s\"", error->message, *word);
	}
}

/* --- names ----------------------------------------------------------------------------------- */

static void no_source(const char *name, const char *words)
{
	g_autoptr(GError) error = NULL;
	struct source source;

	g_assert_false(source_parse(name, &source, &error));
	assert_says(error, words);
}

static void test_names(void)
{
	struct source source;
	g_autofree char *by_index = g_strdup_printf("ptcpdump.if.@%u", if_nametoindex("lo"));

	g_assert_true(source_parse("ptcpdump.any", &source, NULL));
	g_assert_cmpint(source.kind, ==, SOURCE_ANY);
	g_assert_true(source_parse("ptcpdump.if.lo", &source, NULL));
	g_assert_cmpint(source.kind, ==, SOURCE_INTERFACE);
	g_assert_cmpstr(source.ifname, ==, "lo");
	g_assert_true(source_parse(by_index, &source, NULL));
	g_assert_cmpstr(source.ifname, ==, "lo");
	g_assert_cmpuint(source.ifindex, ==, if_nametoindex("lo"));

	no_source("", "no such source");
	no_source("eth0", "no such source");
	no_source("ptcpdump.anything", "no such source");
	no_source("ptcpdump.if", "no such source");
	no_source("ptcpdump.if.", "interface \"\"");
	no_source("ptcpdump.if.1", "interface \"1\""); /* a name, not an index */
	no_source("ptcpdump.if.@", "\"@\"");
	no_source("ptcpdump.if.@0", "\"@0\"");
	no_source("ptcpdump.if.@-1", "\"@-1\"");
	no_source("ptcpdump.if.@99999999999", "\"@99999999999\"");
	no_source("ptcpdump.if.abcdefghijklmnopq", "abcdefghijklmnopq");
	no_source("ptcpdump.if.a b", "letters, digits");
	no_source("ptcpdump.if.\x1b[2J\n\xff", "?[2J??");
}

/* --- processes ------------------------------------------------------------------------------- */

static void no_process(const char *value, const char *words)
{
	g_autoptr(GError) error = NULL;
	guint32 pid;

	g_assert_false(process_check(value, &pid, &error));
	assert_says(error, words);
}

static pid_t a_dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static char *value_of(pid_t pid, const char *name)
{
	guint64 start;
	char comm[16];

	g_assert_true(process_life((guint32)pid, &start, comm, sizeof(comm)));
	start /= G_USEC_PER_SEC * 1000 / (guint64)sysconf(_SC_CLK_TCK);
	return g_strdup_printf("%d@%" G_GUINT64_FORMAT "%s", (int)pid, start, name);
}

static void test_process_that_runs(void)
{
	g_autofree char *bare = g_strdup_printf("%d", (int)getpid());
	g_autofree char *started = value_of(getpid(), "");
	g_autofree char *named = value_of(getpid(), "@a-name");
	const char *const values[] = {bare, started, named};

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		guint32 pid = 0;

		g_assert_true(process_check(values[i], &pid, NULL));
		g_assert_cmpuint(pid, ==, getpid());
	}
}

static void test_process_that_has_ended(void)
{
	pid_t pid = a_dead_pid();
	g_autofree char *bare = g_strdup_printf("%d", (int)pid);
	g_autofree char *named = g_strdup_printf("%d@12345@nginx", (int)pid);
	g_autofree char *words = g_strdup_printf("process %d (nginx)|ended", (int)pid);

	no_process(bare, bare);
	no_process(named, words);
}

/* A child that nobody has waited for is one as well. */
static void test_zombie(void)
{
	pid_t pid = fork();
	g_autofree char *value = g_strdup_printf("%d", (int)pid);
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	no_process(value, "ended");
	waitpid(pid, NULL, 0);
}

static void test_pid_of_another_process(void)
{
	g_autofree char *value = g_strdup_printf("%d@1@nginx", (int)getpid());

	no_process(value, "(nginx)|ended|another process now (test_sources)");
}

static void test_no_pids(void)
{
	no_process("", "\"\"");
	no_process("0", "\"0\"");
	no_process("-1", "\"-1\"");
	no_process("4711x", "4711x");
	no_process("1@", "1@");
	no_process("1@x", "1@x");
	no_process("99999999", "99999999");
	no_process("\x1b[2J\xff", "?[2J?");
}

static void test_process_source(void)
{
	g_autofree char *mine = g_strdup_printf("ptcpdump.pid.%d", (int)getpid());
	g_autofree char *gone = g_strdup_printf("ptcpdump.pid.%d", (int)a_dead_pid());
	g_autoptr(GError) error = NULL, odd = NULL;
	struct source source;

	g_assert_true(source_parse(mine, &source, NULL));
	g_assert_cmpint(source.kind, ==, SOURCE_PROCESS);
	g_assert_cmpuint(source.pid, ==, getpid());
	g_assert_false(source_parse(gone, &source, &error));
	assert_says(error, strrchr(gone, '.') + 1);
	g_assert_false(source_parse("ptcpdump.pid.1@1", &source, &odd));
	g_assert_true(source_parse("ptcpdump.process", &source, NULL));
	g_assert_cmpint(source.kind, ==, SOURCE_ANY_PROCESS);
}

/* What /proc shows: our own sockets, under our own name. */
static void find_mine(const struct socket_record *record, void *data)
{
	guint16 *ports = data;

	if (record->tgid != (guint32)getpid())
		return;
	g_assert_cmpstr(record->comm, ==, "test_sources");
	g_assert_cmpuint(record->uid, ==, geteuid());
	if (record->remote_port) {
		struct in_addr peer;

		memcpy(&peer, record->remote, sizeof(peer));
		g_assert_cmpuint(peer.s_addr, ==, htonl(INADDR_LOOPBACK));
		ports[1] = record->remote_port;
	} else {
		ports[0] = record->local_port;
	}
}

static void test_sockets_in_proc(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	guint16 ports[2] = {0, 0};

	g_assert_cmpint(bind(server, (struct sockaddr *)&address, length), ==, 0);
	g_assert_cmpint(listen(server, 1), ==, 0);
	g_assert_cmpint(getsockname(server, (struct sockaddr *)&address, &length), ==, 0);
	g_assert_cmpint(connect(client, (struct sockaddr *)&address, length), ==, 0);
	sockets_each_in_proc(find_mine, ports);
	g_assert_cmpuint(ports[0], ==, ntohs(address.sin_port));
	g_assert_cmpuint(ports[1], ==, ntohs(address.sin_port));
	close(client);
	close(server);
}

/* --- namespaces ------------------------------------------------------------------------------ */

static void no_netns(const char *word, const char *words)
{
	g_autoptr(GError) error = NULL;
	guint32 inode;

	g_assert_false(netns_resolve(word, &inode, &error));
	assert_says(error, words);
}

static void test_netns_words(void)
{
	guint32 inode = 1;

	g_assert_true(netns_resolve("all", &inode, NULL));
	g_assert_cmpuint(inode, ==, 0);
	g_assert_true(netns_resolve("/proc/self/ns/net", &inode, NULL));
	g_assert_cmpuint(inode, ==, netns_own());
	g_assert_cmpuint(inode, >, 0);

	no_netns("no-such-name", "\"no-such-name\"|ip netns");
	no_netns("", "\"\"");
	no_netns("/proc/self/ns/mnt", "/proc/self/ns/mnt|not one of the network");
	no_netns("/dev/null", "/dev/null|no network namespace");
	no_netns("/", "no network namespace");
	no_netns("..", "\"..\"");
	no_netns("\x1b[2J\xff", "?[2J?");
}

static void test_netns_source(void)
{
	g_autofree char *mine = g_strdup_printf("ptcpdump.netns.%u", netns_own());
	g_autoptr(GError) gone = NULL, unnamed = NULL, up = NULL;
	struct source source;

	g_assert_true(source_parse(mine, &source, NULL));
	g_assert_cmpint(source.kind, ==, SOURCE_NETNS);
	g_assert_cmpuint(source.netns, ==, netns_own());
	g_assert_false(source_parse("ptcpdump.netns.12345", &source, &gone));
	assert_says(gone, "12345");
	g_assert_false(source_parse("ptcpdump.netns.no-such", &source, &unnamed));
	assert_says(unnamed, "\"no-such\"");
	g_assert_false(source_parse("ptcpdump.netns...", &source, &up));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sources/names", test_names);
	g_test_add_func("/sources/process/runs", test_process_that_runs);
	g_test_add_func("/sources/process/ended", test_process_that_has_ended);
	g_test_add_func("/sources/process/zombie", test_zombie);
	g_test_add_func("/sources/process/reused", test_pid_of_another_process);
	g_test_add_func("/sources/process/no_pid", test_no_pids);
	g_test_add_func("/sources/process/source", test_process_source);
	g_test_add_func("/sources/process/sockets", test_sockets_in_proc);
	g_test_add_func("/sources/netns/words", test_netns_words);
	g_test_add_func("/sources/netns/source", test_netns_source);
	return g_test_run();
}
