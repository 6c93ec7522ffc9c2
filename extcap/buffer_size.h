/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffer_size.h - how much memory packets get that wait to be written, where nobody says how much
 *
 * Each CPU has its share of it for itself (shared/lane.h), so it grows with the CPUs: a packet may
 * wait for its owner for 20 ms (capture/attribution.h), in which one CPU sees 20,000 of 64 bytes
 * when it can do no more, and each takes some 170 bytes there: 3.4 MB. A machine of few has what
 * bursts take. It is taken at the start, and is no other's until the end: so of a small machine's
 * memory it is a small share, whatever else it should be.
 */
#ifndef PTCPDUMP_EXTCAP_BUFFER_SIZE_H
#define PTCPDUMP_EXTCAP_BUFFER_SIZE_H

#include <glib.h>

/* MiB */
#define BUFFER_MOST  1024
#define BUFFER_LEAST 32
#define BUFFER_A_CPU 4
/* of the memory */
#define BUFFER_SHARE 64
/* of what a control group may have: it is charged for all of it */
#define BUFFER_SHARE_OF_GROUP 8

/* The same in words */
#define BUFFER_RULE                                                                        \
	"4 MiB for each CPU, 32 at least, but no more than a 64th of the machine's memory" \
	" or an 8th of its control group's; a power of two, 1024 at most"

/**
 * buffer_size_for() - in MiB, a power of two, for so many CPUs, @memory bytes of the machine, and
 * @group bytes that the control group may have (G_MAXUINT64: all)
 */
guint32 buffer_size_for(guint cpus, guint64 memory, guint64 group);

/**
 * buffer_group_memory() - how many bytes a process may have by its control group and all above it
 *
 * @of_process: its /proc/PID/cgroup; @mount: where version 2 is mounted. G_MAXUINT64: no limit.
 */
guint64 buffer_group_memory(const char *of_process, const char *mount);

/** buffer_size_here() - for this machine, as the option's value is written; free it */
char *buffer_size_here(void);

#endif
