// SPDX-License-Identifier: GPL-2.0-or-later
/* test_wanted.c - which cgroups, networks and processes are wanted where containers are chosen */
#include "extcap/options.h"
#include "tests/unit/cgroups.h"

static GString *decisions;

static void on_decided(const struct cgroup *cgroup, void *data)
{
	g_string_append_printf(decisions, "%" G_GUINT64_FORMAT "=%d ", cgroup->key.id,
			       cgroup->wanted);
}

static void on_network(guint32 netns, enum cgroup_wanted wanted, void *data)
{
	g_string_append_printf(decisions, "net %u=%d ", netns, wanted);
}

static void assert_decisions(const char *wanted)
{
	g_assert_cmpstr(decisions->str, ==, wanted);
	g_string_truncate(decisions, 0);
}

static bool is_wanted(struct processes *processes, guint32 tgid)
{
	return process_is_selected(find(processes, tgid, tgid),
				   image_at(processes, tgid, tgid, 10));
}

static void test_wanted_by_id(void)
{
	struct processes *processes = processes_new();
	struct options options = {.container_ids = (char *[]){"36f03", NULL}};
	struct selection *selection = selection_new(&options, 0);

	decisions = g_string_new(NULL);
	containers_select(processes_containers(processes), selection, on_decided, on_network, NULL);
	CGROUP(processes, 0, 7, A "\0docker\0");
	assert_decisions("7=1 ");
	CGROUP(processes, 0, 8, B "\0docker\0");
	assert_decisions("8=0 ");
	CGROUP(processes, 0, 9, B "\0docker\0" A "\0docker\0"); /* within a wanted one */
	assert_decisions("9=1 ");
	STARTS(processes, ALICE, .v2 = 7);
	STARTS(processes, BOB, .v2 = 8);
	STARTS(processes, CAROL, .v2 = 9);
	g_assert_true(is_wanted(processes, ALICE));
	g_assert_false(is_wanted(processes, BOB));
	g_assert_true(is_wanted(processes, CAROL));
	assert_decisions("");
	STARTS(processes, ALICE, .v2 = 7, .netns = 50);
	assert_decisions("net 50=1 ");
	g_assert_true(containers_network_is_wanted(processes_containers(processes), 50));
	g_assert_false(containers_network_is_wanted(processes_containers(processes), 51));
	g_assert_cmpuint(containers_matching(processes_containers(processes), "3"), ==, 1);
	selection_free(selection);
	processes_free(processes);
	g_string_free(decisions, TRUE);
}

static void test_wanted_by_name(void)
{
	struct processes *processes = processes_new();
	struct options options = {.container_names = (char *[]){"web", NULL}};
	struct selection *selection = selection_new(&options, 0);

	decisions = g_string_new(NULL);
	containers_select(processes_containers(processes), selection, on_decided, on_network, NULL);
	CGROUP(processes, 0, 7, A "\0docker\0");
	assert_decisions("7=2 ");
	CGROUP(processes, 0, 8, "sshd.service\0system.slice\0");
	assert_decisions("8=0 ");
	STARTS(processes, ALICE, .v2 = 7);
	g_assert_false(is_wanted(processes, ALICE));
	learn(processes, A, "docker", "web");
	assert_decisions("7=1 ");
	g_assert_true(is_wanted(processes, ALICE));
	STARTS(processes, ALICE, .v2 = 7, .netns = 50);
	assert_decisions("net 50=1 ");
	learn(processes, A, "docker", "renamed");
	assert_decisions("7=0 net 50=0 ");
	/* Its name was known before its cgroup was made. */
	learn(processes, B, "docker", "web");
	CGROUP(processes, 0, 9, B "\0docker\0");
	assert_decisions("9=1 ");
	selection_free(selection);
	processes_free(processes);
	g_string_free(decisions, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wanted/by-id", test_wanted_by_id);
	g_test_add_func("/wanted/by-name", test_wanted_by_name);
	return g_test_run();
}
