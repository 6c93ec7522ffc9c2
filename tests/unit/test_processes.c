// SPDX-License-Identifier: GPL-2.0-or-later
/* test_processes.c - who is known by which name, when */
#include "tests/unit/said.h"

/* ---- who is who ---- */

static void test_pid_comes_back(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("first\0bin\0"),
	      ARGS("first\0"));
	APPLY(processes, PROCESS_EXIT, 20, ALICE, .start = 1);
	APPLY(processes, PROCESS_EXEC, 30, ALICE, .start = 2, PATH("second\0bin\0"),
	      ARGS("second\0"));
	g_assert_cmpuint(processes_count(processes), ==, 2);
	/* Whatever the time: the start tells them apart. */
	g_assert_cmpstr(image_at(processes, ALICE, 1, 99)->exe, ==, "/bin/first");
	g_assert_cmpstr(image_at(processes, ALICE, 2, 1)->exe, ==, "/bin/second");
	g_assert_null(find(processes, ALICE, 3));
	g_assert_null(find(processes, BOB, 1));
	processes_free(processes);
}

static void test_exec_by_time(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_KNOWN, 5, ALICE, .start = 1, PATH("sh\0bin\0"), .comm = "sh");
	APPLY(processes, PROCESS_EXEC, 100, ALICE, .start = 1, PATH("curl\0bin\0usr\0"),
	      ARGS("curl\0-s\0kernel.org\0"), .comm = "curl");
	APPLY(processes, PROCESS_EXEC, 200, ALICE, .start = 1, PATH("nc\0bin\0"), ARGS("nc\0"));
	/* What was there when the capture began was so before it, too. */
	g_assert_cmpstr(image_at(processes, ALICE, 1, 0)->exe, ==, "/bin/sh");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 99)->exe, ==, "/bin/sh");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 100)->exe, ==, "/usr/bin/curl");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 100)->args, ==, "curl -s kernel.org");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 199)->exe, ==, "/usr/bin/curl");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 200)->exe, ==, "/bin/nc");
	g_assert_cmpstr(image_at(processes, ALICE, 1, G_MAXUINT64)->exe, ==, "/bin/nc");
	processes_free(processes);
}

static void test_fork_takes_the_parents_name(void)
{
	struct processes *processes = processes_new();
	const struct image *child;

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("sh\0bin\0"),
	      ARGS("sh\0-c\0x\0"));
	g_assert_false(find(processes, ALICE, 1)->has_forked);
	APPLY(processes, PROCESS_FORK, 20, BOB, .start = 2, .parent = ALICE, .parent_start = 1,
	      .comm = "sh");
	g_assert_true(find(processes, ALICE, 1)->has_forked);
	g_assert_false(find(processes, BOB, 2)->has_forked);
	child = image_at(processes, BOB, 2, 20);
	g_assert_cmpstr(child->exe, ==, "/bin/sh");
	g_assert_cmpstr(child->args, ==, "sh -c x");
	g_assert_cmpuint(child->parent_pid, ==, ALICE);
	g_assert_true(child->parent == image_at(processes, ALICE, 1, 20));
	/* Told a second time, it is the same child. */
	APPLY(processes, PROCESS_FORK, 25, BOB, .start = 2, .parent = ALICE, .parent_start = 1);
	g_assert_cmpuint(find(processes, BOB, 2)->images->len, ==, 1);
	processes_free(processes);
}

/* Of a parent that was never seen, the pid is known, but not the name; and a process that
 * took over the parent's pid is somebody else. */
static void test_unknown_parent(void)
{
	struct processes *processes = processes_new();
	const struct image *image;

	APPLY(processes, PROCESS_EXEC, 5, ALICE, .start = 7, PATH("other\0"), ARGS("other\0"));
	APPLY(processes, PROCESS_FORK, 10, BOB, .start = 2, .parent = ALICE, .parent_start = 1);
	image = image_at(processes, BOB, 2, 10);
	g_assert_cmpstr(image->exe, ==, "");
	g_assert_cmpstr(image->args, ==, "");
	g_assert_cmpuint(image->parent_pid, ==, ALICE);
	g_assert_null(image->parent);
	g_assert_false(find(processes, ALICE, 7)->has_forked);
	processes_free(processes);
}

/* The list of what was there goes by pid, and pids wrap: it is applied twice. */
static void test_parent_comes_later_in_the_list(void)
{
	struct processes *processes = processes_new();

	for (guint round = 0; round < 2; round++) {
		APPLY(processes, PROCESS_KNOWN, 5, ALICE, .start = 9, .parent = BOB,
		      .parent_start = 3, PATH("child\0bin\0"));
		APPLY(processes, PROCESS_KNOWN, 5, BOB, .start = 3, PATH("parent\0bin\0"));
	}
	g_assert_cmpuint(processes_count(processes), ==, 2);
	g_assert_cmpuint(find(processes, ALICE, 9)->images->len, ==, 1);
	g_assert_true(image_at(processes, ALICE, 9, 5)->parent == image_at(processes, BOB, 3, 5));
	g_assert_true(find(processes, BOB, 3)->has_forked);
	processes_free(processes);
}

/* Records that say so lie, and would leave both behind for ever: the leak check sees to it. */
static void test_nobody_is_his_own_ancestor(void)
{
	struct processes *processes = processes_new();

	for (guint round = 0; round < 2; round++) {
		APPLY(processes, PROCESS_KNOWN, 5, ALICE, .start = 1, .parent = BOB,
		      .parent_start = 2, PATH("a\0"));
		APPLY(processes, PROCESS_KNOWN, 5, BOB, .start = 2, .parent = ALICE,
		      .parent_start = 1, PATH("b\0"));
	}
	g_assert_null(image_at(processes, ALICE, 1, 5)->parent);
	g_assert_true(image_at(processes, BOB, 2, 5)->parent == image_at(processes, ALICE, 1, 5));
	APPLY(processes, PROCESS_KNOWN, 5, ALICE, .start = 3, .parent = ALICE, .parent_start = 3,
	      PATH("c\0"));
	g_assert_null(image_at(processes, ALICE, 3, 5)->parent);
	processes_free(processes);
}

/* As the iterator writes it: in a row, each with its path, beginning at any address. */
static void test_list_in_a_row(void)
{
	const struct said said[] = {
		{PROCESS_KNOWN, 1, ALICE, .start = 9, .parent = BOB, .parent_start = 3,
		 PATH("child\0bin\0"), .comm = "child"},
		{THREAD_NEW, 1, ALICE, ALICE + 7, 9, .comm = "thread"},
		{PROCESS_KNOWN, 1, BOB, .start = 3, PATH("sh\0"), .comm = "sh"},
	};
	struct processes *processes = processes_new();
	g_autoptr(GByteArray) row = g_byte_array_new();

	for (guint i = 0; i < G_N_ELEMENTS(said); i++) {
		gsize length;
		g_autofree struct process_event *event = record(&said[i], &length);

		g_byte_array_append(row, (guint8 *)event, length);
	}
	/* Without its last byte the last one is not there. */
	for (guint round = 0; round < 2; round++)
		processes_apply_found(processes, row->data, row->len - 1);
	g_assert_cmpuint(processes_count(processes), ==, 1);
	for (guint round = 0; round < 2; round++)
		processes_apply_found(processes, row->data, row->len);
	g_assert_cmpuint(processes_count(processes), ==, 2);
	g_assert_cmpstr(image_at(processes, ALICE, 9, 5)->exe, ==, "/bin/child");
	g_assert_cmpstr(image_thread_name(image_at(processes, ALICE, 9, 5), ALICE + 7), ==,
			"thread");
	g_assert_cmpstr(image_at(processes, ALICE, 9, 5)->parent->exe, ==, "/sh");
	processes_free(processes);
}

/* A child shows what its parent was when it was made, and goes on to when that is forgotten. */
static void test_parent_changes_and_goes(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("sh\0"), ARGS("sh\0"));
	APPLY(processes, PROCESS_FORK, 20, BOB, .start = 2, .parent = ALICE, .parent_start = 1);
	APPLY(processes, PROCESS_EXEC, 30, ALICE, .start = 1, PATH("top\0"), ARGS("top\0"));
	g_assert_cmpstr(image_at(processes, BOB, 2, 40)->parent->exe, ==, "/sh");
	APPLY(processes, PROCESS_EXIT, 50, ALICE, .start = 1);
	processes_expire(processes, 1000 * SECOND);
	g_assert_null(find(processes, ALICE, 1));
	g_assert_cmpstr(image_at(processes, BOB, 2, 40)->parent->exe, ==, "/sh");
	processes_free(processes);
}

/* What a later record said is not undone by the list of what was there, which is read after
 * the hooks are on. */
static void test_list_knows_less_than_a_record(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("new\0"), ARGS("new\0x\0"));
	APPLY(processes, PROCESS_KNOWN, 11, ALICE, .start = 1, PATH("old\0"));
	g_assert_cmpstr(image_at(processes, ALICE, 1, 20)->exe, ==, "/new");
	g_assert_cmpstr(image_at(processes, ALICE, 1, 20)->args, ==, "new x");
	processes_free(processes);
}

/* Records of two CPUs may change places: the exit of a child before its fork, say. */
static void test_exit_before_fork(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("sh\0"), ARGS("sh\0"));
	APPLY(processes, PROCESS_EXIT, 30, BOB, .start = 2);
	APPLY(processes, PROCESS_FORK, 20, BOB, .start = 2, .parent = ALICE, .parent_start = 1);
	g_assert_cmpstr(image_at(processes, BOB, 2, 25)->exe, ==, "/sh");
	processes_expire(processes, 1000 * SECOND);
	g_assert_null(find(processes, BOB, 2));
	processes_free(processes);
}

/* ---- threads ---- */

static void test_threads(void)
{
	struct processes *processes = processes_new();
	const struct image *image;
	guint32 version;

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("java\0"), ARGS("java\0"),
	      .comm = "java");
	APPLY(processes, THREAD_NEW, 20, ALICE, ALICE + 1, 1, .comm = "java");
	image = image_at(processes, ALICE, 1, 30);
	g_assert_cmpstr(image_thread_name(image, ALICE), ==, "java");
	g_assert_cmpstr(image_thread_name(image, ALICE + 1), ==, "java");
	g_assert_cmpstr(image_thread_name(image, ALICE + 2), ==, "");
	version = image->version;
	APPLY(processes, PROCESS_RENAME, 30, ALICE, ALICE + 1, 1, .comm = "GC Thread#0");
	g_assert_cmpstr(image_thread_name(image, ALICE + 1), ==, "GC Thread#0");
	g_assert_cmpstr(image_thread_name(image, ALICE), ==, "java");
	g_assert_cmpuint(image->version, !=, version);
	g_assert_cmpuint(find(processes, ALICE, 1)->images->len, ==, 1);
	/* Its last packets are still to come. */
	APPLY(processes, THREAD_EXIT, 40, ALICE, ALICE + 1, 1, .comm = "GC Thread#0");
	APPLY(processes, PROCESS_EXIT, 50, ALICE, ALICE, 1, .comm = "java");
	g_assert_cmpstr(image_thread_name(image, ALICE + 1), ==, "GC Thread#0");
	g_assert_cmpstr(image_thread_name(image, ALICE), ==, "java");
	processes_free(processes);
}

#define MINUTE 60000000000ULL

/* A thread is forgotten two minutes after its end, its successor of the same number is not. */
static void test_ended_threads_are_forgotten(void)
{
	struct processes *processes = processes_new();
	const struct image *image;

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("java\0"), .comm = "java");
	for (guint32 tid = ALICE + 1; tid <= ALICE + 2; tid++) {
		APPLY(processes, THREAD_NEW, 20, ALICE, tid, 1, .comm = "brief");
		APPLY(processes, THREAD_EXIT, MINUTE, ALICE, tid, 1, .comm = "brief");
	}
	APPLY(processes, THREAD_NEW, MINUTE + 1, ALICE, ALICE + 2, 1, .comm = "again");
	image = image_at(processes, ALICE, 1, 30);
	processes_expire(processes, 3 * MINUTE - 1);
	g_assert_cmpstr(image_thread_name(image, ALICE + 1), ==, "brief");
	processes_expire(processes, 3 * MINUTE);
	g_assert_cmpstr(image_thread_name(image, ALICE + 1), ==, "");
	g_assert_cmpstr(image_thread_name(image, ALICE + 2), ==, "again");
	g_assert_cmpstr(image_thread_name(image, ALICE), ==, "java");
	processes_free(processes);
}

/* What a process was is forgotten two minutes after it became another; of one that always becomes
 * another, sooner. A packet from then gets no later name instead. */
static void test_images_are_bounded(void)
{
	struct processes *processes = processes_new();
	const struct process *process;

	APPLY(processes, PROCESS_EXEC, MINUTE, ALICE, .start = 1, PATH("a\0"));
	APPLY(processes, PROCESS_EXEC, 2 * MINUTE, ALICE, .start = 1, PATH("b\0"));
	process = find(processes, ALICE, 1);
	processes_expire(processes, 4 * MINUTE - 1);
	g_assert_cmpstr(process_image(process, MINUTE)->exe, ==, "/a");
	processes_expire(processes, 4 * MINUTE);
	g_assert_null(process_image(process, 2 * MINUTE - 1));
	g_assert_cmpstr(process_image(process, 2 * MINUTE)->exe, ==, "/b");
	for (guint64 i = 1; i <= 5000; i++)
		APPLY(processes, PROCESS_EXEC, 4 * MINUTE + i, ALICE, .start = 1, PATH("c\0"));
	processes_expire(processes, 4 * MINUTE + 5000);
	g_assert_cmpuint(process->images->len, ==, 1024);
	g_assert_null(process_image(process, 4 * MINUTE + 5000 - 1024));
	g_assert_cmpstr(process_image(process, 4 * MINUTE + 5001 - 1024)->exe, ==, "/c");
	processes_free(processes);
}

static void test_thread_name_without_an_end(void)
{
	struct processes *processes = processes_new();
	gsize length;
	g_autofree struct process_event *event =
		record(&(struct said){PROCESS_EXEC, 1, ALICE, .start = 1}, &length);

	memset(event->comm, 'x', sizeof(event->comm));
	processes_apply(processes, event, length);
	g_assert_cmpstr(image_thread_name(image_at(processes, ALICE, 1, 1), ALICE), ==,
			"xxxxxxxxxxxxxxx");
	processes_free(processes);
}

/* ---- forgetting ---- */

static void test_expiry(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 1, ALICE, .start = 1, PATH("a\0"));
	APPLY(processes, PROCESS_EXEC, 1, BOB, .start = 1, PATH("b\0"));
	APPLY(processes, PROCESS_EXIT, 10 * SECOND, ALICE, .start = 1);
	APPLY(processes, PROCESS_EXIT, 15 * SECOND, ALICE,
	      .start = 1); /* its last word counts not */
	/* FIN_WAIT and TIME_WAIT may take two minutes. */
	processes_expire(processes, 129 * SECOND);
	g_assert_nonnull(find(processes, ALICE, 1));
	processes_expire(processes, 131 * SECOND);
	g_assert_null(find(processes, ALICE, 1));
	processes_expire(processes, G_MAXUINT64);
	g_assert_nonnull(find(processes, BOB, 1));
	g_assert_cmpuint(processes_count(processes), ==, 1);
	processes_free(processes);
}

static void test_too_many_dead(void)
{
	struct processes *processes = processes_new();

	for (guint i = 1; i <= 70000; i++)
		APPLY(processes, PROCESS_EXIT, i, ALICE, .start = i);
	processes_expire(processes, 70000);
	g_assert_cmpuint(processes_count(processes), ==, 16384);
	g_assert_null(find(processes, ALICE, 70000 - 16384));
	g_assert_nonnull(find(processes, ALICE, 70000 - 16383));
	processes_free(processes);
}

/* ---- records that lie ---- */

static void test_lengths_that_lie(void)
{
	struct processes *processes = processes_new();
	struct said said = {PROCESS_EXEC, 1, ALICE, .start = 1, PATH("exe\0bin\0"), ARGS("exe\0")};
	gsize length;
	g_autofree struct process_event *event = record(&said, &length);

	for (gsize cut = 0; cut < length; cut++) {
		/* Of its own, so that a read beyond it is seen. */
		g_autofree struct process_event *shorter = g_memdup2(event, cut);

		processes_apply(processes, shorter, cut);
	}
	event->path_length = 0xffff;
	processes_apply(processes, event, length);
	event->path_length = 12;
	event->args_length = 1;
	processes_apply(processes, event, length);
	event->path_length = 0;
	event->args_length = 13;
	processes_apply(processes, event, length);
	g_assert_cmpuint(processes_count(processes), ==, 0);
	event->args_length = 12;
	processes_apply(processes, event, length);
	g_assert_cmpuint(processes_count(processes), ==, 1);
	processes_free(processes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/processes/pid-comes-back", test_pid_comes_back);
	g_test_add_func("/processes/exec-by-time", test_exec_by_time);
	g_test_add_func("/processes/fork", test_fork_takes_the_parents_name);
	g_test_add_func("/processes/unknown-parent", test_unknown_parent);
	g_test_add_func("/processes/parent-later", test_parent_comes_later_in_the_list);
	g_test_add_func("/processes/own-ancestor", test_nobody_is_his_own_ancestor);
	g_test_add_func("/processes/list-in-a-row", test_list_in_a_row);
	g_test_add_func("/processes/parent-changes", test_parent_changes_and_goes);
	g_test_add_func("/processes/list-knows-less", test_list_knows_less_than_a_record);
	g_test_add_func("/processes/exit-before-fork", test_exit_before_fork);
	g_test_add_func("/processes/threads", test_threads);
	g_test_add_func("/processes/ended-threads", test_ended_threads_are_forgotten);
	g_test_add_func("/processes/images-bounded", test_images_are_bounded);
	g_test_add_func("/processes/thread-name-without-end", test_thread_name_without_an_end);
	g_test_add_func("/processes/expiry", test_expiry);
	g_test_add_func("/processes/too-many-dead", test_too_many_dead);
	g_test_add_func("/processes/lengths-that-lie", test_lengths_that_lie);
	return g_test_run();
}
