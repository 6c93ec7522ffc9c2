// SPDX-License-Identifier: GPL-2.0-or-later
/* cgroup.c - the root of the cgroup2 hierarchy, where the socket side is attached */
#include "extcap/capture/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>

#include "extcap/options.h"

static char *cgroup2_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	char *found = NULL;

	if (!mounts)
		return NULL;
	while (!found && (entry = getmntent(mounts)))
		if (strcmp(entry->mnt_type, "cgroup2") == 0)
			found = g_strdup(entry->mnt_dir);
	endmntent(mounts);
	return found;
}

int cgroup_root_open(GError **error)
{
	g_autofree char *mount = cgroup2_mount();
	int fd;

	if (!mount) {
		g_set_error(
			error, OPTIONS_ERROR, 0,
			"cannot learn who owns packets: no cgroup2 file system is mounted; mount "
			"one: sudo mount -t cgroup2 none /sys/fs/cgroup/unified (make the folder "
			"first).");
		return -1;
	}
	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		g_set_error(error, OPTIONS_ERROR, errno,
			    "cannot learn who owns packets: opening \"%s\" failed: %s; the cgroup2 "
			    "file system must be readable.",
			    mount, g_strerror(errno));
	return fd;
}
