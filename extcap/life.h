/* SPDX-License-Identifier: GPL-2.0-or-later */
/* life.h - what /proc/PID/stat says of a process */
#ifndef PTCPDUMP_EXTCAP_LIFE_H
#define PTCPDUMP_EXTCAP_LIFE_H

#include <glib.h>
#include <stdbool.h>

/* Of a clock tick: 100 a second on every Linux, for user space. */
#define LIFE_TICK_NS 10000000

struct life {
	char comm[64]; /* any bytes; kernel threads have long names */
	char state;    /* Z: it has ended, and its parent has not looked yet */
	guint64 start; /* clock ticks after the kernel's boot */
};

/** life_read() - false when there is no such process, or /proc hides it */
bool life_read(guint32 pid, struct life *life);

/** life_parse() - the same of a file's text, which is any bytes without NUL */
bool life_parse(const char *text, struct life *life);

#endif
