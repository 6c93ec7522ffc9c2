// SPDX-License-Identifier: GPL-2.0-or-later
/* test_comments.c - the comments made of a process, decoded again */
#include "extcap/identity/comments.h"
#include "extcap/options.h"
#include "extcap/output/pcapng.h"
#include "shared/annotation.h"
#include "tests/unit/said.h"

/* ---- comments ---- */

#define ALL (CONTEXT_PROCESS | CONTEXT_THREAD | CONTEXT_USER | CONTEXT_PARENT)

/* The comments' texts, taken from the options one by one. */
static char **texts(const GByteArray *options)
{
	GPtrArray *list = g_ptr_array_new();
	gsize at = 0;

	while (at < options->len) {
		guint16 code, length;

		g_assert_cmpuint(options->len - at, >=, 4);
		memcpy(&code, options->data + at, 2);
		memcpy(&length, options->data + at + 2, 2);
		g_assert_cmpuint(code, ==, OPT_COMMENT);
		g_assert_cmpuint(at + 4 + length, <=, options->len);
		g_ptr_array_add(list, g_strndup((char *)options->data + at + 4, length));
		at += 4 + ((length + 3) & ~3);
	}
	g_assert_cmpuint(at, ==, options->len);
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

static void assert_comments(const GByteArray *options, const char *const *wanted)
{
	g_auto(GStrv) got = texts(options);

	g_assert_cmpstrv(got, (char **)wanted);
	for (char **text = got; *text; text++) {
		struct annotation annotation;

		g_assert_cmpint(annotation_decode(*text, strlen(*text), &annotation), ==,
				ANNOTATION_OURS);
	}
}

#define ASSERT_COMMENTS(options, ...) \
	assert_comments(options, (const char *const[]){__VA_ARGS__, NULL})

static struct processes *parent_and_child(void)
{
	struct processes *processes = processes_new();

	APPLY(processes, PROCESS_EXEC, 10, ALICE, .start = 1, PATH("sh\0bin\0"), ARGS("sh\0-i\0"));
	APPLY(processes, PROCESS_FORK, 20, BOB, .start = 2, .parent = ALICE, .parent_start = 1,
	      .comm = "sh");
	APPLY(processes, PROCESS_EXEC, 30, BOB, .start = 2, .parent = ALICE, .parent_start = 1,
	      PATH("curl\0bin\0usr\0"), ARGS("curl\0a\nb\0"), .comm = "curl");
	APPLY(processes, THREAD_NEW, 40, BOB, BOB + 1, 2, .comm = "resolver");
	return processes;
}

static void test_comments(void)
{
	struct processes *processes = parent_and_child();
	struct owner owner = {.tgid = BOB, .start = 2, .tid = BOB + 1, .uid = 1000};
	struct process *process = processes_find(processes, &owner);

	ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, ALL),
			"PID: 4194306\nCmd: /usr/bin/curl\nArgs: curl a\\nb",
			"ThreadId: 4194307\nThreadName: resolver", "UserId: 1000",
			"ParentPID: 4194305\nParentCmd: /bin/sh\nParentArgs: sh -i");
	/* Before its exec it was a shell. */
	owner.tid = BOB;
	ASSERT_COMMENTS(comments_of(process_image(process, 29), &owner, ALL),
			"PID: 4194306\nCmd: /bin/sh\nArgs: sh -i",
			"ThreadId: 4194306\nThreadName: sh", "UserId: 1000",
			"ParentPID: 4194305\nParentCmd: /bin/sh\nParentArgs: sh -i");
	processes_free(processes);
}

static void test_comments_by_context(void)
{
	static const struct {
		guint32 bit;
		const char *key;
	} kinds[] = {
		{CONTEXT_PROCESS, "PID: "},
		{CONTEXT_THREAD, "ThreadId: "},
		{CONTEXT_USER, "UserId: "},
		{CONTEXT_PARENT, "ParentPID: "},
	};
	struct processes *processes = parent_and_child();
	struct owner owner = {.tgid = BOB, .start = 2, .tid = BOB};
	struct process *process = processes_find(processes, &owner);

	for (guint context = 0; context <= CONTEXT_ALL; context++) {
		g_auto(GStrv) got = texts(comments_of(process_image(process, 50), &owner, context));
		guint n = 0;

		for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
			if (context & kinds[i].bit)
				g_assert_true(g_str_has_prefix(got[n++], kinds[i].key));
		g_assert_null(got[n]);
	}
	processes_free(processes);
}

/* Encoded once, but never one's for another. */
static void test_comments_are_kept_apart(void)
{
	struct processes *processes = parent_and_child();
	struct owner owner = {.tgid = BOB, .start = 2, .tid = BOB, .uid = 0};
	struct process *process = processes_find(processes, &owner);
	const GByteArray *first = comments_of(process_image(process, 50), &owner, ALL);

	g_assert_true(comments_of(process_image(process, 60), &owner, ALL) == first);
	owner.uid = 33;
	ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, CONTEXT_USER),
			"UserId: 33");
	owner.uid = 34;
	ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, CONTEXT_USER),
			"UserId: 34");
	owner.tid = BOB + 1;
	ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, CONTEXT_THREAD),
			"ThreadId: 4194307\nThreadName: resolver");
	owner.tid = BOB;
	ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, CONTEXT_THREAD),
			"ThreadId: 4194306\nThreadName: curl");
	APPLY(processes, PROCESS_RENAME, 70, BOB, BOB, 2, .comm = "renamed");
	ASSERT_COMMENTS(comments_of(process_image(process, 80), &owner, CONTEXT_THREAD),
			"ThreadId: 4194306\nThreadName: renamed");
	processes_free(processes);
}

/* A server whose threads and users never end to be new ones. */
static void test_comments_of_many_threads(void)
{
	struct processes *processes = parent_and_child();
	struct owner owner = {.tgid = BOB, .start = 2};
	struct process *process = processes_find(processes, &owner);

	for (guint i = 0; i < 10000; i++) {
		g_autofree char *wanted = g_strdup_printf("UserId: %u", i);

		owner.tid = owner.uid = i;
		ASSERT_COMMENTS(comments_of(process_image(process, 50), &owner, CONTEXT_USER),
				wanted);
	}
	g_assert_cmpuint(g_hash_table_size(process_image(process, 50)->annotations), <=, 4096);
	processes_free(processes);
}

/* What is known of an owner whose record was lost: the ids that its packet carries. */
static void test_comments_of_nobody_known(void)
{
	struct owner owner = {.tgid = BOB, .start = 2, .tid = BOB + 1, .uid = 7};
	struct processes *processes = processes_new();

	ASSERT_COMMENTS(comments_of(NULL, &owner, ALL), "PID: 4194306\nCmd: \nArgs: ",
			"ThreadId: 4194307\nThreadName: ", "UserId: 7");
	/* Seen, but without an image: a thread's record came, its process's was lost. */
	APPLY(processes, THREAD_NEW, 10, BOB, BOB + 1, 2, .comm = "thread");
	ASSERT_COMMENTS(comments_of(process_image(processes_find(processes, &owner), 50), &owner,
				    CONTEXT_USER),
			"UserId: 7");
	processes_free(processes);
}

/* All values at their most: what a packet needs beside them is there. */
/* What the kernel's own sockets send, as a record has it: no thread's, no user's. */
static void test_comments_of_the_kernel(void)
{
	struct processes *processes = processes_new();
	struct owner owner = {.start = KERNEL_START, .uid = KERNEL_UID, .rank = RANK_USED};
	const struct process *kernel = processes_find(processes, &owner);

	ASSERT_COMMENTS(comments_of(process_image(kernel, 1), &owner, ALL),
			"PID: 0\nCmd: kernel\nArgs: ");
	ASSERT_COMMENTS(comments_of(process_image(kernel, 1), &owner, CONTEXT_PEER),
			"PeerPID: 0\nPeerCmd: kernel\nPeerArgs: ");
	g_assert_cmpuint(processes_count(processes), ==, 0);
	g_assert_false(processes_has_pid(processes, 1));
	processes_free(processes);
}

static void test_comments_leave_room(void)
{
	g_autofree char *args = g_malloc(ARGS_LENGTH);
	g_autofree char *path = g_malloc(PATH_LENGTH);
	struct processes *processes = processes_new();
	struct owner owner = {.tgid = BOB, .start = 2, .tid = BOB};
	struct said said = {PROCESS_EXEC,
			    1,
			    ALICE,
			    .start = 1,
			    .path = path,
			    .path_length = PATH_LENGTH,
			    .args = args,
			    .args_length = ARGS_LENGTH,
			    .flags = EVENT_ARGS_CUT | EVENT_PATH_CUT};
	const GByteArray *options;

	memset(args, 1, ARGS_LENGTH); /* four bytes each: \x01 */
	memset(path, 1, PATH_LENGTH);
	apply(processes, &said);
	said.tgid = BOB;
	said.start = 2;
	said.parent = ALICE;
	said.parent_start = 1;
	apply(processes, &said);
	options = comments_of(process_image(processes_find(processes, &owner), 1), &owner, ALL);
	g_assert_cmpuint(options->len, <, 40000);
	g_assert_cmpuint(options->len, >, 8192 * 2);
	processes_free(processes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/comments/whole", test_comments);
	g_test_add_func("/comments/by-context", test_comments_by_context);
	g_test_add_func("/comments/kept-apart", test_comments_are_kept_apart);
	g_test_add_func("/comments/of-many", test_comments_of_many_threads);
	g_test_add_func("/comments/of-unknown", test_comments_of_nobody_known);
	g_test_add_func("/comments/of-the-kernel", test_comments_of_the_kernel);
	g_test_add_func("/comments/leave-room", test_comments_leave_room);
	return g_test_run();
}
