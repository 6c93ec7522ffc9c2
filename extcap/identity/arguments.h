/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arguments.h - the arguments of a process, and who may see them
 *
 * Theory of operation
 * Passwords stand in arguments. /proc shows those of all users to everybody, but not where it
 * is mounted with "hidepid", and it shows what the program has made of them by then; the record
 * of an exec is neither hidden nor overwritten. To ask /proc at that moment would mean to read
 * the process's memory, which may be a file of a file system of its user's, and never come. So
 * who is not root sees the arguments of processes of their own, which /proc shows them however
 * it is mounted; others' only if root has said so (extcap/settings.h).
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_ARGUMENTS_H
#define PTCPDUMP_EXTCAP_IDENTITY_ARGUMENTS_H

#include <glib.h>
#include <stdbool.h>

/* Instead of arguments. One value that was cut ends in three dots: this is another character. */
#define ARGUMENTS_WITHHELD "…"

/* Who looks at the packets. Zeroed: somebody who may see all. */
struct viewer {
	bool own_only;
	guint32 uid;
};

/** viewer_may_see() - the arguments of a program that was started as user @uid? */
bool viewer_may_see(const struct viewer *viewer, guint32 uid);

/** viewer_may_see_now() - those of a process that is there, by whose /proc/PID is: it is root's
 *  where a process has changed its rights */
bool viewer_may_see_now(const struct viewer *viewer, guint32 pid);

/**
 * arguments_join() - by blanks
 * @data:	each ended by NUL; what NULs follow the last one are none
 * @cut:	there were more
 */
char *arguments_join(const char *data, gsize length, bool cut);

#endif
