// SPDX-License-Identifier: GPL-2.0-or-later
/* cgroup.c - the root of the cgroup2 hierarchy, where the socket side is attached */
#include "extcap/capture/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

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

/* A mount of our own that stands nowhere: "ip netns exec" mounts a fresh /sys, in which
 * the cgroups are missing. Needs CAP_SYS_ADMIN, so it is root's alone. */
static int open_detached(void)
{
	int context = fsopen("cgroup2", FSOPEN_CLOEXEC);
	int fd = -1;

	if (context < 0)
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = fsmount(context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return fd;
}

int cgroup_root_open(GError **error)
{
	g_autofree char *mount = cgroup2_mount();
	int fd = mount ? open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : open_detached();

	if (fd >= 0)
		return fd;
	if (mount)
		g_set_error(error, OPTIONS_ERROR, errno,
			    "cannot learn who owns packets: opening \"%s\" failed: %s; the cgroup2 "
			    "file system must be readable.",
			    mount, g_strerror(errno));
	else
		g_set_error(error, OPTIONS_ERROR, 0,
			    "cannot learn who owns packets: no cgroup2 file system is mounted; "
			    "mount one: sudo mount -t cgroup2 none /sys/fs/cgroup/unified (make "
			    "the folder first).");
	return -1;
}
