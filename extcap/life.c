// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - what /proc/PID/stat says of a process */
#include "extcap/life.h"

#include <stdio.h>
#include <string.h>

#include "extcap/time_namespace.h"

/* The name may hold blanks and parentheses: what follows it is looked for from the end. */
bool life_parse(const char *text, struct life *life)
{
	const char *name = strchr(text, '(');
	const char *end = strrchr(text, ')');

	if (!name || !end || end < name)
		return false;
	g_strlcpy(life->comm, name + 1, MIN(sizeof(life->comm), (gsize)(end - name)));
	return sscanf(end + 1,
		      " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
		      "%*d %" G_GUINT64_FORMAT,
		      &life->state, &life->start) == 2;
}

bool life_read(guint32 pid, struct life *life)
{
	g_autofree char *path = g_strdup_printf("/proc/%u/stat", pid);
	g_autofree char *text = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !life_parse(text, life))
		return false;
	life->start -= time_namespace_boottime() / LIFE_TICK_NS;
	return true;
}
