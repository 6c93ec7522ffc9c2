// SPDX-License-Identifier: GPL-2.0-or-later
/* buffer_size.c - how much memory packets get that wait to be written, where nobody says how much
 */
#include "extcap/buffer_size.h"

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
guint32 buffer_size_for(guint cpus, guint64 memory)
{
	guint64 wanted = MAX((guint64)cpus * BUFFER_A_CPU, BUFFER_LEAST);
	guint64 share = (memory >> 20) / BUFFER_SHARE;

	return MIN(power_not_below(wanted), power_not_above(CLAMP(share, 1, BUFFER_MOST)));
}

char *buffer_size_here(void)
{
	guint64 memory = (guint64)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	return g_strdup_printf("%u", buffer_size_for(cpus_present(), memory));
}
