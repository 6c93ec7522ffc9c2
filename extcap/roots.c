// SPDX-License-Identifier: GPL-2.0-or-later
/* roots.c - can nobody but root have written a file? */
#include "extcap/roots.h"

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

/* In a folder such as /tmp others can add something, and not put it in the place of root's. */
static bool only_root_writes(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == 0 &&
	       (!(st.st_mode & (S_IWGRP | S_IWOTH)) ||
		(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX));
}

bool roots_alone(const char *path)
{
	g_autofree char *part = g_strdup(path);
	char *slash;

	while (only_root_writes(part)) {
		slash = strrchr(part, '/');
		if (!slash || slash == part)
			return true;
		*slash = '\0';
	}
	return false;
}
