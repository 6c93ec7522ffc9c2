// SPDX-License-Identifier: GPL-2.0-or-later
/* test_arguments.c - executables and arguments of processes: as they are told, and to whom */
#include <unistd.h>

#include "tests/unit/said.h"

static void test_paths(void)
{
	static const struct {
		const char *names;
		gsize length;
		guint16 flags;
		const char *path;
	} cases[] = {
		{"python3.11\0bin\0usr\0", 19, 0, "/usr/bin/python3.11"},
		{"a\0", 2, 0, "/a"},
		{"", 0, 0, ""},				  /* a kernel thread */
		{"a\0b", 3, 0, "/b/a"},			  /* the last end is missing */
		{"c\0b\0", 4, EVENT_PATH_CUT, ".../b/c"}, /* too many names */
		{"a b\0\xff\n\0", 7, 0, "/\xff\n/a b"},	  /* as it is: the comment escapes */
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct processes *processes = processes_new();

		APPLY(processes, PROCESS_EXEC, 1, ALICE, .start = 1, .path = cases[i].names,
		      .path_length = cases[i].length, .flags = cases[i].flags);
		g_assert_cmpstr(image_at(processes, ALICE, 1, 1)->exe, ==, cases[i].path);
		processes_free(processes);
	}
}

static void test_arguments(void)
{
	static const struct {
		const char *list;
		gsize length;
		guint16 flags;
		const char *args;
	} cases[] = {
		{"curl\0-s\0", 8, 0, "curl -s"},
		{"sh\0-c\0echo a  b\0", 16, 0, "sh -c echo a  b"},
		{"a\0\0b\0", 5, 0, "a  b"}, /* an empty one between */
		{"nginx: worker\0\0\0\0", 17, 0, "nginx: worker"},
		{"", 0, 0, ""},
		{"\0\0", 2, 0, ""},
		{"tar\0verylongna", 14, EVENT_ARGS_CUT, "tar verylongna..."},
		{"no end", 6, 0, "no end"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct processes *processes = processes_new();

		APPLY(processes, PROCESS_EXEC, 1, ALICE, .start = 1, .args = cases[i].list,
		      .args_length = cases[i].length, .flags = cases[i].flags, PATH("x\0"));
		g_assert_cmpstr(image_at(processes, ALICE, 1, 1)->args, ==, cases[i].args);
		processes_free(processes);
	}
}

/* The start of this very process, in the kernel's nanoseconds as far as /proc tells them. */
static guint64 own_start(void)
{
	g_autofree char *stat = NULL;
	g_auto(GStrv) fields = NULL;

	g_assert_true(g_file_get_contents("/proc/self/stat", &stat, NULL, NULL));
	/* From field 3 on: the name in front of it may hold blanks. */
	fields = g_strsplit(strrchr(stat, ')') + 2, " ", -1);
	return g_ascii_strtoull(fields[22 - 3], NULL, 10) * 10000000;
}

/* Only where it is still the same process: its pid may have come back. */
static void test_arguments_from_proc(void)
{
	struct processes *processes = processes_new();
	guint64 start = own_start();
	g_autofree char *cmdline = NULL;

	g_assert_true(g_file_get_contents("/proc/self/cmdline", &cmdline, NULL, NULL));
	APPLY(processes, PROCESS_KNOWN, 1, getpid(), .start = start + 1234567, PATH("x\0"));
	APPLY(processes, PROCESS_KNOWN, 1, getpid(), .start = start + 20000000, PATH("x\0"));
	APPLY(processes, PROCESS_KNOWN, 1, ALICE, .start = 1, PATH("x\0"));
	processes_read_arguments(processes);
	g_assert_true(
		g_str_has_prefix(image_at(processes, getpid(), start + 1234567, 1)->args, cmdline));
	g_assert_cmpstr(image_at(processes, getpid(), start + 20000000, 1)->args, ==, "");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 1)->args, ==, "");
	processes_free(processes);
}

/* Root says nothing here: of others' processes, whenever they came, a member of the group sees
 * no arguments. What is between two users goes by who started the program. */
static void test_arguments_of_others(void)
{
	const struct viewer viewer = {.own_only = true, .uid = 1000};
	struct processes *processes = processes_new();
	const struct image *image;

	processes_show_to(processes, &viewer);
	APPLY(processes, PROCESS_EXEC, 1, ALICE, .start = 1, .uid = 1000, ARGS("ssh\0a\0"),
	      PATH("x\0"));
	APPLY(processes, PROCESS_EXEC, 1, BOB, .start = 1, .uid = 1001, ARGS("mysql\0-psecret\0"),
	      PATH("x\0"));
	g_assert_cmpstr(image_arguments(image_at(processes, ALICE, 1, 1)), ==, "ssh a");
	image = image_at(processes, BOB, 1, 1);
	g_assert_cmpstr(image_arguments(image), ==, "…");
	g_assert_cmpstr(image->exe, ==, "/x");
	/* A child that has dropped to the viewer's rights has not been started by them. */
	APPLY(processes, PROCESS_FORK, 2, 30, .start = 2, .uid = 1000, .parent = BOB,
	      .parent_start = 1);
	g_assert_cmpstr(image_arguments(image_at(processes, 30, 2, 2)), ==, "…");
	APPLY(processes, PROCESS_EXEC, 3, 30, .start = 2, .uid = 1000, ARGS("sh\0"), PATH("x\0"));
	g_assert_cmpstr(image_arguments(image_at(processes, 30, 2, 3)), ==, "sh");
	/* The kernel has none. */
	image = image_at(processes, 0, KERNEL_START, 3);
	g_assert_cmpstr(image_arguments(image), ==, "");
	processes_free(processes);
}

/* Of those that were there /proc/PID tells whose they are: this process is its user's. */
static void test_arguments_of_others_from_proc(void)
{
	const struct viewer own = {.own_only = true, .uid = getuid()};
	const struct viewer other = {.own_only = true, .uid = getuid() + 1};
	guint64 start = own_start();

	for (int i = 0; i < 2; i++) {
		struct processes *processes = processes_new();
		const char *seen;

		processes_show_to(processes, i ? &other : &own);
		APPLY(processes, PROCESS_KNOWN, 1, getpid(), .start = start, PATH("x\0"));
		processes_read_arguments(processes);
		seen = image_arguments(image_at(processes, getpid(), start, 1));
		if (i)
			g_assert_cmpstr(seen, ==, "…");
		else
			g_assert_nonnull(strstr(seen, "test_arguments"));
		processes_free(processes);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/arguments/paths", test_paths);
	g_test_add_func("/arguments/arguments", test_arguments);
	g_test_add_func("/arguments/arguments-from-proc", test_arguments_from_proc);
	g_test_add_func("/arguments/arguments-of-others", test_arguments_of_others);
	g_test_add_func("/arguments/arguments-of-others-from-proc",
			test_arguments_of_others_from_proc);
	return g_test_run();
}
