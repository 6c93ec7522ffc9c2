// SPDX-License-Identifier: GPL-2.0-or-later
/* conmon.c - what the monitor of a container of Podman's says by its arguments */
#include "extcap/identity/conmon.h"

#include <string.h>

#define ID_LENGTH 64

bool conmon_is(const char *exe)
{
	const char *slash = strrchr(exe, '/');

	return strcmp(slash ? slash + 1 : exe, "conmon") == 0;
}

static bool is_id(const char *text)
{
	return strlen(text) == ID_LENGTH && strspn(text, "0123456789abcdef") == ID_LENGTH;
}

/* What stands behind @flag the first time; a later one may be an argument of the command that
 * conmon runs at the container's exit. */
static const char *value_of(char **words, const char *flag)
{
	for (; *words; words++)
		if (strcmp(*words, flag) == 0)
			return words[1];
	return NULL;
}

bool conmon_parse(const char *args, char **id, char **name)
{
	g_auto(GStrv) words = g_strsplit(args, " ", -1);
	const char *told = value_of(words, "-c");
	const char *called = value_of(words, "-n");

	if (!told || !is_id(told))
		return false;
	*id = g_strdup(told);
	*name = called && *called ? g_strdup(called) : NULL;
	return true;
}
