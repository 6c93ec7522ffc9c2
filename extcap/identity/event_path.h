/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_path.h - a path, as the kernel side tells it of an executable or a cgroup
 *
 * The kernel walks up from the last name to the root, so its names come last first, each ended
 * by NUL: "curl\0bin\0usr\0".
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_EVENT_PATH_H
#define PTCPDUMP_EXTCAP_IDENTITY_EVENT_PATH_H

#include <glib.h>

/** event_path() - "/usr/bin/curl", to be freed; of no names "" */
char *event_path(const char *names, gsize length);

#endif
