// SPDX-License-Identifier: GPL-2.0-or-later
/* test_buffer_size.c - the default of --buffer-size, on machines that are not here */
#include <glib.h>
#include <glib/gstdio.h>

#include "extcap/buffer_size.h"

#define GIB	 ((guint64)1 << 30)
#define MIB	 ((guint64)1 << 20)
#define NO_LIMIT G_MAXUINT64

/* Four for each CPU, up to the next power of two. */
static void test_grows_with_the_cpus(void)
{
	g_assert_cmpuint(buffer_size_for(1, 23 * GIB, NO_LIMIT), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 23 * GIB, NO_LIMIT), ==, 32);
	g_assert_cmpuint(buffer_size_for(8, 64 * GIB, NO_LIMIT), ==, 32);
	g_assert_cmpuint(buffer_size_for(9, 64 * GIB, NO_LIMIT), ==, 64);
	g_assert_cmpuint(buffer_size_for(12, 64 * GIB, NO_LIMIT), ==, 64);
	g_assert_cmpuint(buffer_size_for(16, 64 * GIB, NO_LIMIT), ==, 64);
	g_assert_cmpuint(buffer_size_for(48, 256 * GIB, NO_LIMIT), ==, 256);
	g_assert_cmpuint(buffer_size_for(64, 256 * GIB, NO_LIMIT), ==, 256);
	g_assert_cmpuint(buffer_size_for(192, 1024 * GIB, NO_LIMIT), ==, 1024);
	/* As much as the option takes. */
	g_assert_cmpuint(buffer_size_for(8192, 65536 * GIB, NO_LIMIT), ==, 1024);
}

/* A machine tells a little less than it has: the kernel's own is not in it. */
static void test_is_a_small_share_of_the_memory(void)
{
	g_assert_cmpuint(buffer_size_for(2, 4 * GIB, NO_LIMIT), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 2 * GIB, NO_LIMIT), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 2 * GIB - 1, NO_LIMIT), ==, 16);
	g_assert_cmpuint(buffer_size_for(2, GIB, NO_LIMIT), ==, 16);
	g_assert_cmpuint(buffer_size_for(2, GIB - (60 << 20), NO_LIMIT), ==, 8);
	g_assert_cmpuint(buffer_size_for(64, 8 * GIB, NO_LIMIT), ==, 128);
	/* And never none. */
	g_assert_cmpuint(buffer_size_for(1, GIB / 32, NO_LIMIT), ==, 1);
	g_assert_cmpuint(buffer_size_for(1, 0, NO_LIMIT), ==, 1);
}

/* Of a container on a large machine: what it may have would not hold the machine's. */
static void test_is_a_share_of_the_group(void)
{
	g_assert_cmpuint(buffer_size_for(64, 256 * GIB, 256 * MIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(64, 256 * GIB, 256 * MIB - 1), ==, 16);
	g_assert_cmpuint(buffer_size_for(64, 256 * GIB, 4 * GIB), ==, 256);
	g_assert_cmpuint(buffer_size_for(2, GIB, 512 * MIB), ==, 16);
	g_assert_cmpuint(buffer_size_for(2, 23 * GIB, 0), ==, 1);
}

static void write_at(const char *folder, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static guint64 group_memory(const char *folder, const char *of_process)
{
	g_autofree char *path = g_build_filename(folder, "cgroup", NULL);

	write_at(folder, "cgroup", of_process);
	return buffer_group_memory(path, folder);
}

/* The least of all above it; what has no limit, or no such file, has none. */
static void test_group_and_those_above_it(void)
{
	g_autofree char *folder = g_dir_make_tmp("groups.XXXXXX", NULL);
	const char *made[] = {
		"a/b/memory.max", "a/memory.max", "c/memory.max", "cgroup", "a/b", "a", "c",
		"memory.max"};

	g_assert_nonnull(folder);
	write_at(folder, "a/memory.max", "268435456\n");
	write_at(folder, "a/b/memory.max", "max\n");
	write_at(folder, "c/memory.max", "1048576\n");
	g_assert_cmpuint(group_memory(folder, "0::/a/b\n"), ==, 256 * MIB);
	g_assert_cmpuint(group_memory(folder, "4:cpu:/c\n1:name=systemd:/a\n0::/c\n"), ==, MIB);
	g_assert_cmpuint(group_memory(folder, "4:memory:/c\n0::/\n"), ==, NO_LIMIT);
	g_assert_cmpuint(group_memory(folder, "0::/d/e\n"), ==, NO_LIMIT);
	g_assert_cmpuint(group_memory(folder, "4:memory:/c\n"), ==, NO_LIMIT);
	g_assert_cmpuint(group_memory(folder, ""), ==, NO_LIMIT);
	write_at(folder, "memory.max", "4096\n");
	g_assert_cmpuint(group_memory(folder, "0::/a/b"), ==, 4096);
	for (guint i = 0; i < G_N_ELEMENTS(made); i++) {
		g_autofree char *path = g_build_filename(folder, made[i], NULL);

		g_assert_cmpint(g_remove(path), ==, 0);
	}
	g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void test_rule_says_what_is_done(void)
{
	g_assert_cmpstr(
		BUFFER_RULE, ==,
		G_STRINGIFY(BUFFER_A_CPU) " MiB for each CPU, " G_STRINGIFY(
			BUFFER_LEAST) " at least, "
				      "but no more than a " G_STRINGIFY(
					      BUFFER_SHARE) "th "
							    "of the machine's memory or "
							    "an " G_STRINGIFY(
								    BUFFER_SHARE_OF_GROUP) "th of "
											   "its "
											   "control"
											   " group'"
											   "s; a "
											   "power "
											   "of "
											   "two,"
											   " " G_STRINGIFY(
												   BUFFER_MOST) " at most");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/buffer_size/cpus", test_grows_with_the_cpus);
	g_test_add_func("/buffer_size/memory", test_is_a_small_share_of_the_memory);
	g_test_add_func("/buffer_size/group", test_is_a_share_of_the_group);
	g_test_add_func("/buffer_size/groups", test_group_and_those_above_it);
	g_test_add_func("/buffer_size/rule", test_rule_says_what_is_done);
	return g_test_run();
}
