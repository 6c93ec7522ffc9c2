// SPDX-License-Identifier: GPL-2.0-or-later
/* btf_file.c - may a file given with --kernel-btf describe the kernel? */
#include "extcap/btf_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extcap/options.h"
#include "extcap/roots.h"

static char *refuse(const char *path, const char *why, GError **error)
{
	g_set_error(error, OPTIONS_ERROR, 0, "cannot use \"%s\" as --kernel-btf: %s", path, why);
	return NULL;
}

char *btf_file_trusted(const char *path, GError **error)
{
	char *resolved = realpath(path, NULL);
	g_autofree char *real = g_strdup(resolved);
	struct stat st;

	if (!resolved) {
		g_autofree char *why = g_strdup_printf(
			"%s; without the option the kernel's own is used.", g_strerror(errno));

		return refuse(path, why, error);
	}
	free(resolved);
	if (stat(real, &st) || !S_ISREG(st.st_mode))
		return refuse(path, "it is no file; give one in BTF format.", error);
	if (!roots_alone(real))
		return refuse(path,
			      "others than root can write it or a folder above it; copy it where "
			      "only root can.",
			      error);
	return g_steal_pointer(&real);
}
