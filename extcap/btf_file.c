// SPDX-License-Identifier: GPL-2.0-or-later
/* btf_file.c - may a file given with --kernel-btf describe the kernel? */
#include "extcap/btf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extcap/options.h"

static bool refuse(const char *path, const char *why, GError **error)
{
	g_set_error(error, OPTIONS_ERROR, 0, "cannot use \"%s\" as --kernel-btf: %s", path, why);
	return false;
}

static bool only_root_writes(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && st.st_uid == 0 &&
	       (!(st.st_mode & (S_IWGRP | S_IWOTH)) ||
		(S_ISDIR(st.st_mode) && st.st_mode & S_ISVTX));
}

bool btf_file_is_trusted(const char *path, GError **error)
{
	g_autofree char *real = NULL;
	char *resolved = realpath(path, NULL);
	struct stat st;

	if (!resolved) {
		g_autofree char *why = g_strdup_printf(
			"%s; without the option the kernel's own is used.", g_strerror(errno));

		return refuse(path, why, error);
	}
	real = g_strdup(resolved);
	free(resolved);
	if (stat(real, &st) || !S_ISREG(st.st_mode))
		return refuse(path, "it is no file; give one in BTF format.", error);
	for (;;) {
		char *slash;

		if (!only_root_writes(real))
			return refuse(path,
				      "others than root can write it or a folder above it; "
				      "copy it where only root can.",
				      error);
		slash = strrchr(real, '/');
		if (!slash || slash == real)
			return true;
		*slash = '\0';
	}
}
