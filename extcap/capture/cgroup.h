/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup.h - the root of the cgroup2 hierarchy, where the socket side is attached */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_CGROUP_H
#define PTCPDUMP_EXTCAP_CAPTURE_CGROUP_H

#include <glib.h>

/**
 * cgroup_root_open() - open the root of the mounted cgroup2
 *
 * Every socket belongs to a cgroup2, also where the machine uses cgroup v1; the mount is
 * looked up, for it is not always /sys/fs/cgroup (hybrid: /sys/fs/cgroup/unified).
 *
 * Return: a descriptor; -1 with one sentence for the user in @error.
 */
int cgroup_root_open(GError **error);

#endif
