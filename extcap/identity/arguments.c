// SPDX-License-Identifier: GPL-2.0-or-later
/* arguments.c - the arguments of a process, and who may see them */
#include "extcap/identity/arguments.h"

#include <string.h>
#include <sys/stat.h>

bool viewer_may_see(const struct viewer *viewer, guint32 uid)
{
	return !viewer->own_only || viewer->uid == uid;
}

bool viewer_may_see_now(const struct viewer *viewer, guint32 pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%u", pid);
	struct stat st;

	return !viewer->own_only || (stat(path, &st) == 0 && st.st_uid == viewer->uid);
}

char *arguments_join(const char *data, gsize length, bool cut)
{
	char *args;

	while (length && data[length - 1] == '\0')
		length--;
	args = g_malloc(length + 4);
	if (length)
		memcpy(args, data, length);
	for (gsize i = 0; i < length; i++)
		if (args[i] == '\0')
			args[i] = ' ';
	strcpy(args + length, cut ? "..." : "");
	return args;
}
