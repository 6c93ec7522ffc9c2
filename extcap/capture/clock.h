/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - the two clocks: records carry the kernel's CLOCK_MONOTONIC, files the time of day
 *
 * The first does not jump; the second does, when somebody sets it. Then the difference
 * is taken anew, and later packets have the new time.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_CLOCK_H
#define PTCPDUMP_EXTCAP_CAPTURE_CLOCK_H

#include <glib.h>

struct clock {
	int fd;		/* readable when the time of day was set; -1: closed */
	guint64 offset; /* from CLOCK_MONOTONIC to ns since 1970 */
};

/** clock_now() - the kernel's CLOCK_MONOTONIC in ns, in whatever time namespace we are */
guint64 clock_now(void);

/** clock_boot() - the kernel's CLOCK_BOOTTIME in ns, by which processes start, likewise */
guint64 clock_boot(void);

/** clock_open() - take the offset, and watch the time of day */
void clock_open(struct clock *clock);

/** clock_reset() - the descriptor was readable: take the offset anew */
void clock_reset(struct clock *clock);

void clock_close(struct clock *clock);

#endif
