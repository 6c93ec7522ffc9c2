/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command_lines.h - the arguments of processes that are there, as /proc tells them */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_COMMAND_LINES_H
#define PTCPDUMP_EXTCAP_IDENTITY_COMMAND_LINES_H

#include <glib.h>

/**
 * command_line_told - of the process at @index, which may be another one of that number by now
 * @bytes:	each argument ended by NUL; one byte more than ARGS_LENGTH where they are longer
 */
typedef void (*command_line_told)(guint index, const char *bytes, gsize length, void *data);

/**
 * command_lines_read() - ask /proc for those of many processes
 *
 * Return: of how many nothing was told, since they would not let themselves be read, or time was
 *         up; a negative errno when nobody could be asked.
 */
int command_lines_read(const guint32 *pids, guint count, command_line_told told, void *data);

#endif
