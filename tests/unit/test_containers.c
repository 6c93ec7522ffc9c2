// SPDX-License-Identifier: GPL-2.0-or-later
/* test_containers.c - whose cgroup, whose network, from records as the kernel side writes them */
#include "extcap/identity/container_comments.h"
#include "extcap/options.h"
#include "tests/unit/cgroups.h"

static const char *container_at(struct processes *processes, guint32 tgid, guint64 time)
{
	struct container *container = home_container(&image_at(processes, tgid, tgid, time)->home);

	return container ? container->id : NULL;
}

static const char *network(struct processes *processes, guint32 netns)
{
	struct container *container = containers_of_network(processes_containers(processes), netns);

	return container ? container->id : NULL;
}

/* ---- by cgroup ---- */

/* Ids are of one hierarchy: 7 of v1 is not 7 of v2. */
static void test_two_hierarchies(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 4, 7, A "\0docker\0");
	CGROUP(processes, 0, 7, "docker.service\0system.slice\0");
	STARTS(processes, ALICE, .v1 = 7);
	STARTS(processes, BOB, .v2 = 7);
	STARTS(processes, CAROL, .v1 = 7, .v2 = 7);
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, A);
	g_assert_null(container_at(processes, BOB, 10));
	g_assert_cmpstr(container_at(processes, CAROL, 10), ==, A);
	processes_free(processes);
}

/* Its cgroup's record may come behind its own. */
static void test_path_comes_later(void)
{
	struct processes *processes = processes_new();

	STARTS(processes, ALICE, .v2 = 7);
	g_assert_null(container_at(processes, ALICE, 10));
	CGROUP(processes, 0, 7, A "\0docker\0");
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, A);
	processes_free(processes);
}

/* A runtime moves its child: what that sends before is the runtime's. */
static void test_moved(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 0, 7, "docker.service\0");
	STARTS(processes, ALICE, .v2 = 7);
	APPLY(processes, PROCESS_FORK, 20, BOB, .start = BOB, .parent = ALICE,
	      .parent_start = ALICE, .v2 = 7, .comm = "runc");
	CGROUP(processes, 0, 8, A "\0docker\0");
	APPLY(processes, PROCESS_MOVE, 30, BOB, .start = BOB, .v2 = 8);
	APPLY(processes, PROCESS_EXEC, 40, BOB, .start = BOB, PATH("web\0"), ARGS("web\0"),
	      .v2 = 8);
	g_assert_null(container_at(processes, BOB, 29));
	g_assert_cmpstr(container_at(processes, BOB, 30), ==, A);
	g_assert_cmpstr(container_at(processes, BOB, 40), ==, A);
	g_assert_cmpstr(image_at(processes, BOB, BOB, 30)->exe, ==, "/bin/sh");
	g_assert_cmpstr(image_thread_name(image_at(processes, BOB, BOB, 30), BOB), ==, "runc");
	/* The same place once more is no other image. */
	APPLY(processes, PROCESS_MOVE, 50, BOB, .start = BOB, .v2 = 8);
	g_assert_cmpuint(find(processes, BOB, BOB)->images->len, ==, 3);
	processes_free(processes);
}

/* The deepest component that a runtime knows; none does: the deepest that looks like one. */
static void test_nested(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 0, 7, "x.service\0" B "\0docker\0" A "\0docker\0");
	STARTS(processes, ALICE, .v2 = 7);
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, B);
	learn(processes, A, "docker", "outer");
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, A);
	learn(processes, B, "docker", "inner");
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, B);
	processes_free(processes);
}

/* An id that could be anybody's word counts where its runtime puts it alone. */
static void test_any_word(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 0, 7, "web\0default\0");
	CGROUP(processes, 0, 8, "web\0other\0deeper\0");
	CGROUP(processes, 0, 9, "web\0" A "\0docker\0");
	STARTS(processes, ALICE, .v2 = 7);
	STARTS(processes, BOB, .v2 = 8);
	STARTS(processes, CAROL, .v2 = 9);
	learn(processes, "web", "containerd", "web");
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, "web");
	g_assert_null(container_at(processes, BOB, 10));
	g_assert_cmpstr(container_at(processes, CAROL, 10), ==, A);
	processes_free(processes);
}

/* A user's runtime names that user's containers, whatever it says. */
static void test_another_users(void)
{
	struct processes *processes = processes_new();
	struct container_details details = {.id = A, .uid = 1000, .name = "lie"};

	CGROUP(processes, 0, 7, "docker-" A ".scope\0system.slice\0");
	CGROUP(processes, 0, 8,
	       "docker-" A ".scope\0user.slice\0user@1000.service\0user-1000.slice\0user.slice\0");
	CGROUP(processes, 0, 9,
	       "docker-" A ".scope\0user.slice\0user@1001.service\0user-1001.slice\0user.slice\0");
	STARTS(processes, ALICE, .v2 = 7);
	STARTS(processes, BOB, .v2 = 8);
	STARTS(processes, CAROL, .v2 = 9);
	containers_learn(processes_containers(processes), &details);
	g_assert_null(home_container(&image_at(processes, ALICE, ALICE, 10)->home)->name);
	g_assert_cmpstr(home_container(&image_at(processes, BOB, BOB, 10)->home)->name, ==, "lie");
	g_assert_null(home_container(&image_at(processes, CAROL, CAROL, 10)->home)->name);
	processes_free(processes);
}

static void on_unknown(const char *id, void *data)
{
	g_string_append_printf(data, "%.4s ", id);
}

static void test_who_is_asked_for(void)
{
	struct processes *processes = processes_new();
	g_autoptr(GString) asked = g_string_new(NULL);

	containers_ask(processes_containers(processes), on_unknown, asked);
	learn(processes, B, "docker", "known");
	CGROUP(processes, 0, 7, A "\0docker\0");
	CGROUP(processes, 0, 8, B "\0docker\0");
	CGROUP(processes, 0, 9, "sshd.service\0");
	g_assert_cmpstr(asked->str, ==, "36f0 ");
	processes_free(processes);
}

static void test_forgotten(void)
{
	struct processes *processes = processes_new();
	struct containers *containers = processes_containers(processes);

	CGROUP(processes, 0, 7, A "\0docker\0");
	STARTS(processes, ALICE, .v2 = 7);
	learn(processes, A, "docker", "web");
	containers_forget(containers, A);
	APPLY(processes, PROCESS_EXIT, 20, ALICE, .start = ALICE);
	CGROUP_ENDS(processes, 0, 7);
	containers_expire(containers);
	/* Its last packets still want its name. */
	g_assert_cmpstr(containers_find(containers, A)->name, ==, "web");
	g_assert_cmpstr(container_at(processes, ALICE, 10), ==, A);
	processes_expire(processes, 1000 * SECOND);
	containers_expire(containers);
	g_assert_null(containers_find(containers, A));
	/* The kernel gives an id out again. */
	CGROUP(processes, 0, 7, B "\0docker\0");
	STARTS(processes, BOB, .v2 = 7);
	g_assert_cmpstr(container_at(processes, BOB, 10), ==, B);
	processes_free(processes);
}

static void test_lies(void)
{
	struct processes *processes = processes_new();
	struct cgroup_event event = {.kind = CGROUP_NEW, .id = 7, .path_length = 100};

	containers_apply(processes_containers(processes), &event, sizeof(event));
	containers_apply(processes_containers(processes), &event, 10);
	STARTS(processes, ALICE, .v2 = 7);
	g_assert_null(container_at(processes, ALICE, 10));
	CGROUP_ENDS(processes, 3, 99);
	processes_free(processes);
}

/* ---- by namespaces ---- */

#define MONITOR "conmon\0--api-version\0001\0-c\0" A "\0-n\0web\0"

/* Rootless Podman on v1: conmon's child is the container's first process. */
static void test_monitor(void)
{
	struct processes *processes = processes_new();
	const struct container *container;

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = ALICE, PATH("conmon\0bin\0usr\0"),
	      ARGS(MONITOR), .mount_ns = 1, .pid_ns = 2);
	APPLY(processes, PROCESS_EXEC, 20, BOB, .start = BOB, .parent = ALICE,
	      .parent_start = ALICE, PATH("web\0"), ARGS("web\0"), .mount_ns = 11, .pid_ns = 12,
	      .netns = 13);
	APPLY(processes, PROCESS_FORK, 30, CAROL, .start = CAROL, .parent = BOB,
	      .parent_start = BOB, .mount_ns = 11, .pid_ns = 12, .netns = 13);
	g_assert_null(container_at(processes, ALICE, 10));
	g_assert_cmpstr(container_at(processes, BOB, 20), ==, A);
	g_assert_cmpstr(container_at(processes, CAROL, 30), ==, A);
	container = containers_find(processes_containers(processes), A);
	g_assert_cmpstr(container->name, ==, "web");
	g_assert_cmpstr(container->runtime, ==, "podman");
	g_assert_cmpstr(network(processes, 13), ==, A);
	/* When it has ended, its namespaces' numbers are other people's. */
	APPLY(processes, PROCESS_EXIT, 40, CAROL, .start = CAROL);
	APPLY(processes, PROCESS_EXIT, 40, BOB, .start = BOB);
	APPLY(processes, PROCESS_FORK, 50, 99, .start = 99, .mount_ns = 11, .pid_ns = 12);
	g_assert_null(container_at(processes, 99, 50));
	processes_free(processes);
}

/* Where there is a cgroup it decides, and the monitor tells the name. */
static void test_monitor_of_a_cgroup(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 0, 7, "libpod-" A "\0libpod_parent\0");
	CGROUP(processes, 0, 8, "crio-" B "\0kubepods\0");
	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = ALICE, PATH("conmon\0bin\0usr\0"),
	      ARGS(MONITOR));
	APPLY(processes, PROCESS_EXEC, 20, BOB, .start = BOB, .parent = ALICE,
	      .parent_start = ALICE, PATH("web\0"), ARGS("web\0"), .v2 = 7);
	APPLY(processes, PROCESS_EXEC, 20, CAROL, .start = CAROL, .parent = ALICE,
	      .parent_start = ALICE, PATH("web\0"), ARGS("web\0"), .v2 = 8);
	g_assert_cmpstr(home_container(&image_at(processes, BOB, BOB, 20)->home)->name, ==, "web");
	g_assert_null(home_container(&image_at(processes, CAROL, CAROL, 20)->home)->name);
	processes_free(processes);
}

/* ---- by network ---- */

static void test_networks(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_KNOWN, 1, INIT, .start = INIT, PATH("init\0"), .netns = 1);
	CGROUP(processes, 0, 7, A "\0docker\0");
	CGROUP(processes, 0, 8, B "\0docker\0");
	STARTS(processes, ALICE, .v2 = 7, .netns = 50);
	STARTS(processes, BOB, .v2 = 8, .netns = 50);  /* shares it */
	STARTS(processes, CAROL, .v2 = 8, .netns = 1); /* the machine's own */
	g_assert_cmpstr(network(processes, 50), ==, A);
	g_assert_null(network(processes, 1));
	g_assert_null(network(processes, 51));
	APPLY(processes, PROCESS_EXIT, 20, ALICE, .start = ALICE);
	g_assert_cmpstr(network(processes, 50), ==, A);
	/* Whoever comes now has another namespace of that number. */
	APPLY(processes, PROCESS_EXEC, 30, 99, .start = 99, PATH("sh\0"), ARGS("sh\0"),
	      .netns = 50);
	g_assert_null(network(processes, 50));
	processes_free(processes);
}

/* "--network host" in a daemon's own namespace: it is the daemon's. */
static void test_network_of_somebody_older(void)
{
	struct processes *processes = processes_new();

	CGROUP(processes, 0, 7, A "\0docker\0");
	STARTS(processes, ALICE, .netns = 50);
	STARTS(processes, BOB, .v2 = 7, .netns = 50);
	g_assert_null(network(processes, 50));
	APPLY(processes, PROCESS_EXIT, 20, ALICE, .start = ALICE);
	containers_expire(processes_containers(processes));
	STARTS(processes, CAROL, .v2 = 7, .netns = 50);
	g_assert_cmpstr(network(processes, 50), ==, A);
	/* A younger one from outside (nsenter) changes nothing. */
	STARTS(processes, CAROL + 1, .netns = 50);
	STARTS(processes, CAROL + 2, .v2 = 7, .netns = 50);
	g_assert_cmpstr(network(processes, 50), ==, A);
	processes_free(processes);
}

/* ---- comments ---- */

static char *text_of(const GByteArray *options)
{
	GString *text = g_string_new(NULL);

	for (guint at = 0; at < options->len;) {
		guint16 length;

		memcpy(&length, options->data + at + 2, 2);
		g_string_append_printf(text, "[%.*s]", length, options->data + at + 4);
		at += 4 + ((length + 3) & ~3);
	}
	return g_string_free(text, FALSE);
}

static void assert_comments(struct processes *processes, guint32 context, bool by_network,
			    const char *wanted)
{
	struct container *container = containers_find(processes_containers(processes), A);
	const GByteArray *bytes = container_comments(container, context, by_network);
	g_autofree char *text = text_of(bytes);

	g_assert_cmpstr(text, ==, wanted);
	g_assert_true(container_comments(container, context, by_network) == bytes);
}

static void test_comments(void)
{
	struct processes *processes = processes_new();
	const struct container_details pod = {.id = A,
					      .cut = 3,
					      .name = "c",
					      .pod_name = "p",
					      .pod_namespace = "n",
					      .pod_uid = "u"};

	CGROUP(processes, 0, 7, A "\0docker\0");
	assert_comments(processes, CONTEXT_ALL, false,
			"[ContainerName: \nContainerId: " A
			"\nContainerImage: \nContainerLabels: {}]");
	learn(processes, A, "docker", "a\nContainerId: b");
	assert_comments(processes, CONTEXT_ALL, false,
			"[ContainerName: a\\nContainerId: b\nContainerId: " A
			"\nContainerImage: nginx:1.27\nContainerLabels: {\"a\":\"b\"}]");
	assert_comments(processes, CONTEXT_POD, true, "");
	containers_learn(processes_containers(processes), &pod);
	assert_comments(processes, CONTEXT_ALL, true,
			"[ContainerName: c\nContainerId: " A
			"\nContainerImage: \nContainerLabels: {}][PodName: p\nPodNamespace: "
			"n\nPodUID: u\nPodLabels: {}\nPodAnnotations: {\"...\":\"3 left "
			"out\"}][ContainerBy: network]");
	assert_comments(processes, CONTEXT_POD, false,
			"[PodName: p\nPodNamespace: n\nPodUID: u\nPodLabels: {}\nPodAnnotations: "
			"{\"...\":\"3 left out\"}]");
	processes_free(processes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/containers/two-hierarchies", test_two_hierarchies);
	g_test_add_func("/containers/path-comes-later", test_path_comes_later);
	g_test_add_func("/containers/moved", test_moved);
	g_test_add_func("/containers/nested", test_nested);
	g_test_add_func("/containers/any-word", test_any_word);
	g_test_add_func("/containers/another-users", test_another_users);
	g_test_add_func("/containers/who-is-asked-for", test_who_is_asked_for);
	g_test_add_func("/containers/forgotten", test_forgotten);
	g_test_add_func("/containers/lies", test_lies);
	g_test_add_func("/containers/monitor", test_monitor);
	g_test_add_func("/containers/monitor-of-a-cgroup", test_monitor_of_a_cgroup);
	g_test_add_func("/containers/networks", test_networks);
	g_test_add_func("/containers/network-of-somebody-older", test_network_of_somebody_older);
	g_test_add_func("/containers/comments", test_comments);
	return g_test_run();
}
