/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time_namespace.h - what our clocks are ahead of the kernel's own
 *
 * In a time namespace of its own, a container's say, CLOCK_MONOTONIC and the start times in /proc
 * are shifted. The kernel side knows nothing of that.
 */
#ifndef PTCPDUMP_EXTCAP_TIME_NAMESPACE_H
#define PTCPDUMP_EXTCAP_TIME_NAMESPACE_H

#include <glib.h>

/** time_namespace_monotonic() - ns that CLOCK_MONOTONIC is ahead; 0 outside any */
gint64 time_namespace_monotonic(void);

/** time_namespace_boottime() - the same of CLOCK_BOOTTIME */
gint64 time_namespace_boottime(void);

#endif
