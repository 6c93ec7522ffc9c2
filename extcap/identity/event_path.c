// SPDX-License-Identifier: GPL-2.0-or-later
/* event_path.c - a path, as the kernel side tells it of an executable or a cgroup */
#include "extcap/identity/event_path.h"

#include <string.h>

char *event_path(const char *names, gsize length)
{
	g_autoptr(GString) path = g_string_new(NULL);
	const char *end = names + length;

	while (names < end) {
		gsize name = strnlen(names, end - names);

		g_string_prepend_len(path, names, name);
		g_string_prepend_c(path, '/');
		names += name + 1;
	}
	return g_string_free(g_steal_pointer(&path), FALSE);
}
