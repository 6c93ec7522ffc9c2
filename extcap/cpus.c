// SPDX-License-Identifier: GPL-2.0-or-later
/* cpus.c - how many CPUs share the packet buffer */
#include "extcap/cpus.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRESENT "/sys/devices/system/cpu/present"

/* A list as "0-3" or "0,2-3" (Documentation/admin-guide/cputopology.rst). */
guint cpus_present(void)
{
	g_autofree char *list = NULL;
	const char *last;

	if (!g_file_get_contents(PRESENT, &list, NULL, NULL))
		return MAX(sysconf(_SC_NPROCESSORS_CONF), 1);
	last = list + strlen(g_strchomp(list));
	while (last > list && g_ascii_isdigit(last[-1]))
		last--;
	return strtoul(last, NULL, 10) + 1;
}
