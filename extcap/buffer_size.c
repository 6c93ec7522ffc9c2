// SPDX-License-Identifier: GPL-2.0-or-later
/* buffer_size.c - how much memory packets get that wait to be written, where nobody says how much
 */
#include "extcap/buffer_size.h"

#include <string.h>
#include <unistd.h>

#include "extcap/cpus.h"

static guint64 power_not_below(guint64 number)
{
	return (guint64)1 << g_bit_storage(number - 1);
}

static guint64 power_not_above(guint64 number)
{
	return (guint64)1 << (g_bit_storage(number) - 1);
}

/* Up, for lanes_size() rounds a CPU's share down. */
guint32 buffer_size_for(guint cpus, guint64 memory, guint64 group)
{
	guint64 wanted = MAX((guint64)cpus * BUFFER_A_CPU, BUFFER_LEAST);
	guint64 share = MIN((memory >> 20) / BUFFER_SHARE, (group >> 20) / BUFFER_SHARE_OF_GROUP);

	return MIN(power_not_below(wanted), power_not_above(CLAMP(share, 1, BUFFER_MOST)));
}

/* "max" is no number, and no limit. */
static guint64 limit_of(const char *mount, const char *group)
{
	g_autofree char *path = g_build_filename(mount, group, "memory.max", NULL);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !g_ascii_isdigit(text[0]))
		return G_MAXUINT64;
	return g_ascii_strtoull(text, NULL, 10);
}

/* Version 2's line begins with "0::" (cgroups(7)); the root of a container's namespace is "/", and
 * has a limit there. */
guint64 buffer_group_memory(const char *of_process, const char *mount)
{
	g_autofree char *text = NULL, *group = NULL;
	const char *line;
	guint64 limit = G_MAXUINT64;

	if (!g_file_get_contents(of_process, &text, NULL, NULL))
		return limit;
	line = g_str_has_prefix(text, "0::/") ? text : strstr(text, "\n0::/");
	if (!line)
		return limit;
	line = strchr(line, '/');
	group = g_strndup(line, strcspn(line, "\n"));
	while (group[0]) {
		limit = MIN(limit, limit_of(mount, group));
		*strrchr(group, '/') = '\0';
	}
	return MIN(limit, limit_of(mount, "/"));
}

char *buffer_size_here(void)
{
	guint64 memory = (guint64)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);
	guint64 group = buffer_group_memory("/proc/self/cgroup", "/sys/fs/cgroup");

	return g_strdup_printf("%u", buffer_size_for(cpus_present(), memory, group));
}
