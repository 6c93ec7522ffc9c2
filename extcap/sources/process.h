/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - processes as sources, and as the dialog offers them
 *
 * A pid comes back as another process's, so what the dialog offers is a pid with the time
 * at which its process started, and with its name, for the sentence that says it is gone:
 * "812@10234567@nginx". The time is the kernel's as /proc/PID/stat has it (clock ticks
 * after boot); the name may be missing.
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_PROCESS_H
#define PTCPDUMP_EXTCAP_SOURCES_PROCESS_H

#include <glib.h>
#include <stdbool.h>

/* What the dialog's empty choice stands for. */
#define PROCESS_NONE "none"

/**
 * process_check() - the process that a value of the dialog means, if it still runs
 * @value:	"812@10234567@nginx", or a pid alone
 * @pid:	set to its pid
 *
 * Return: false with one sentence for the user in @error when it has ended, or another
 *         process has its pid now.
 */
bool process_check(const char *value, guint32 *pid, GError **error);

/**
 * process_life() - what /proc/PID/stat says of a process
 * @start:	set to when it started, in ns after boot (a clock tick is 10 ms of them)
 * @comm:	@size bytes, for its name: any bytes, cut where it is longer
 *
 * Return: false when there is no such process, it has ended, or /proc hides it.
 */
bool process_life(guint32 pid, guint64 *start, char *comm, gsize size);

/* Takes one process that the dialog can offer: what process_check() takes, and words for
 * people, any bytes. */
typedef void (*process_found)(const char *value, const char *display, void *data);

/** process_offer() - tell of those that have network sockets, at most ten, the most
 *  talkative first */
void process_offer(process_found found, void *data);

#endif
