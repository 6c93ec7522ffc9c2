/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conmon.h - what the monitor of a container of Podman's says by its arguments */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CONMON_H
#define PTCPDUMP_EXTCAP_IDENTITY_CONMON_H

#include <glib.h>
#include <stdbool.h>

/**
 * conmon_is() - is an executable (its path) conmon?
 */
bool conmon_is(const char *exe);

/**
 * conmon_parse() - the container that it watches: "… -c <id> … -n <name> …"
 * @args:	joined by blanks; any bytes
 * @id:		64 hex digits, to be freed
 * @name:	NULL where it says none; to be freed
 *
 * Return: false where the arguments do not tell an id; nothing is set then.
 */
bool conmon_parse(const char *args, char **id, char **name);

#endif
