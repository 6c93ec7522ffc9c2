// SPDX-License-Identifier: GPL-2.0-or-later
/* time_namespace.c - what our clocks are ahead of the kernel's own */
#include "extcap/time_namespace.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* They are fixed from the first process in the namespace on. */
static struct {
	bool known;
	gint64 monotonic, boottime;
} ahead;

/* "monotonic  1000000  0": seconds, and nanoseconds on top. */
static void learn(void)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	ahead.known = true;
	if (!g_file_get_contents("/proc/self/timens_offsets", &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		gint64 seconds, nanoseconds;
		char clock[16];

		if (sscanf(*line, "%15s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT, clock, &seconds,
			   &nanoseconds) != 3)
			continue;
		if (strcmp(clock, "monotonic") == 0)
			ahead.monotonic = seconds * 1000000000 + nanoseconds;
		else if (strcmp(clock, "boottime") == 0)
			ahead.boottime = seconds * 1000000000 + nanoseconds;
	}
}

gint64 time_namespace_monotonic(void)
{
	if (!ahead.known)
		learn();
	return ahead.monotonic;
}

gint64 time_namespace_boottime(void)
{
	if (!ahead.known)
		learn();
	return ahead.boottime;
}
