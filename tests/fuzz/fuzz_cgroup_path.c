// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_cgroup_path.c - any bytes as a cgroup's path, and as a monitor's arguments */
#include <stdint.h>
#include <string.h>

#include "extcap/identity/cgroup_path.h"
#include "extcap/identity/conmon.h"

static void check_path(const char *path)
{
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];
	guint n = cgroup_path_parse(path, candidates);
	const char *end = path + strlen(path);

	g_assert(n <= CGROUP_CANDIDATES);
	for (guint i = 0; i < n; i++) {
		const struct cgroup_candidate *it = &candidates[i];

		g_assert(it->length > 0 && it->id >= path && it->id + it->length <= end);
		g_assert(!memchr(it->id, '/', it->length));
		g_assert(!it->well_formed || it->length == CONTAINER_ID_LENGTH);
		g_assert(strlen(it->pod) <= POD_UID_LENGTH);
		/* The deepest first. */
		g_assert(i == 0 || it->id + it->length < candidates[i - 1].id);
	}
}

static void check_arguments(const char *args)
{
	g_autofree char *id = NULL, *name = NULL;

	if (!conmon_parse(args, &id, &name)) {
		g_assert(!id && !name);
		return;
	}
	g_assert(strlen(id) == CONTAINER_ID_LENGTH && strstr(args, id));
	g_assert(!name || strstr(args, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup(data ? (const char *)data : "", size);

	check_path(text);
	check_arguments(text);
	return 0;
}
