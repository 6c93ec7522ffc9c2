/* SPDX-License-Identifier: GPL-2.0-or-later */
/* connect.h - a connection to a daemon's socket */
#ifndef PTCPDUMP_EXTCAP_NAMES_CONNECT_H
#define PTCPDUMP_EXTCAP_NAMES_CONNECT_H

#include <sys/types.h>

/**
 * connect_to() - connect without waiting
 * @path:	of a Unix socket
 * @uid:	whose process listens there
 *
 * Return: a descriptor that does not block; -EAGAIN when so many wait there already that the
 *         daemon cannot be well; another -errno.
 */
int connect_to(const char *path, uid_t *uid);

#endif
