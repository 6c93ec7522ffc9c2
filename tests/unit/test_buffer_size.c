// SPDX-License-Identifier: GPL-2.0-or-later
/* test_buffer_size.c - the default of --buffer-size, on machines that are not here */
#include <glib.h>

#include "extcap/buffer_size.h"

#define GIB ((guint64)1 << 30)

/* Four for each CPU, up to the next power of two. */
static void test_grows_with_the_cpus(void)
{
	g_assert_cmpuint(buffer_size_for(1, 23 * GIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 23 * GIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(8, 64 * GIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(9, 64 * GIB), ==, 64);
	g_assert_cmpuint(buffer_size_for(12, 64 * GIB), ==, 64);
	g_assert_cmpuint(buffer_size_for(16, 64 * GIB), ==, 64);
	g_assert_cmpuint(buffer_size_for(48, 256 * GIB), ==, 256);
	g_assert_cmpuint(buffer_size_for(64, 256 * GIB), ==, 256);
	g_assert_cmpuint(buffer_size_for(192, 1024 * GIB), ==, 1024);
	/* As much as the option takes. */
	g_assert_cmpuint(buffer_size_for(8192, 65536 * GIB), ==, 1024);
}

/* A machine tells a little less than it has: the kernel's own is not in it. */
static void test_is_a_small_share_of_the_memory(void)
{
	g_assert_cmpuint(buffer_size_for(2, 4 * GIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 2 * GIB), ==, 32);
	g_assert_cmpuint(buffer_size_for(2, 2 * GIB - 1), ==, 16);
	g_assert_cmpuint(buffer_size_for(2, GIB), ==, 16);
	g_assert_cmpuint(buffer_size_for(2, GIB - (60 << 20)), ==, 8);
	g_assert_cmpuint(buffer_size_for(64, 8 * GIB), ==, 128);
	/* And never none. */
	g_assert_cmpuint(buffer_size_for(1, GIB / 32), ==, 1);
	g_assert_cmpuint(buffer_size_for(1, 0), ==, 1);
}

static void test_rule_says_what_is_done(void)
{
	g_assert_cmpstr(BUFFER_RULE, ==,
			G_STRINGIFY(BUFFER_A_CPU) " MiB for each CPU, " G_STRINGIFY(
				BUFFER_LEAST) " at least, "
					      "but no more than a " G_STRINGIFY(
						      BUFFER_SHARE) "th of the machine's memory");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/buffer_size/cpus", test_grows_with_the_cpus);
	g_test_add_func("/buffer_size/memory", test_is_a_small_share_of_the_memory);
	g_test_add_func("/buffer_size/rule", test_rule_says_what_is_done);
	return g_test_run();
}
