// SPDX-License-Identifier: GPL-2.0-or-later
/* test_privilege.c - what the engine keeps of its caller's environment */
#define _GNU_SOURCE /* environ */
#include "extcap/privilege.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_environment(void)
{
	static char *const given[] = {"TZ=Europe/Paris",
				      "LC_ALL=C.UTF-8",
				      "LANGUAGE=de",
				      "LD_PRELOAD=/tmp/x.so",
				      "G_DEBUG=fatal-warnings",
				      "G_MESSAGES_DEBUG=all",
				      "HOME=/tmp",
				      "XDG_RUNTIME_DIR=/tmp/else",
				      "PATH=/tmp",
				      "=nameless",
				      "without",
				      "LC_ALL_=x",
				      "MALLOC_TRACE=/tmp/x",
				      "SSLKEYLOGFILE=/tmp/x",
				      NULL};
	g_autofree char *left = NULL;

	environ = (char **)given;
	environment_clear();
	left = g_strjoinv("\n", environ);
	g_assert_cmpstr(left, ==, "LC_ALL=C.UTF-8\nTZ=Europe/Paris");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/privilege/environment", test_environment);
	return g_test_run();
}
