// SPDX-License-Identifier: GPL-2.0-or-later
/* namespaces.c - the network namespaces that there are, and how to be in one for a moment
 *
 * Nothing is kept of a namespace, neither a descriptor nor a socket: it would keep a deleted
 * one alive, and its devices.
 */
#include "extcap/attach/namespaces.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/attach/rights.h"
#include "extcap/seal.h"

SEAL_NEEDS("getdents64");
SEAL_NEEDS_TO_READ_FILES;
SEAL_NEEDS_WHERE("setns", 1, ~0U, CLONE_NEWNET);

#define NAMED "/run/netns"

struct search {
	const struct namespaces *namespaces;
	uint32_t netns;
	namespace_found found;
	void *data;
	uint32_t *seen;
	size_t seen_count;
	bool stop;
};

int namespaces_open(struct namespaces *namespaces)
{
	struct stat st;

	namespaces->own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (namespaces->own_fd < 0 || fstat(namespaces->own_fd, &st))
		return -errno;
	namespaces->own = (uint32_t)st.st_ino;
	namespaces->device = st.st_dev;
	return 0;
}

static bool seen_before(struct search *search, uint32_t netns)
{
	uint32_t *more;

	for (size_t i = 0; i < search->seen_count; i++)
		if (search->seen[i] == netns)
			return true;
	more = reallocarray(search->seen, search->seen_count + 1, sizeof(*more));
	if (!more)
		return true;
	search->seen = more;
	search->seen[search->seen_count++] = netns;
	return false;
}

static bool is_wanted(struct search *search, const struct stat *st)
{
	uint32_t netns = (uint32_t)st->st_ino;

	if (st->st_dev != search->namespaces->device)
		return false;
	if (search->netns)
		return netns == search->netns;
	return netns != search->namespaces->own && !seen_before(search, netns);
}

/* Whose namespace a process of somebody else's is in is told to CAP_SYS_PTRACE alone. */
static int open_wanted(struct search *search, int folder, const char *path, struct stat *st)
{
	int fd = -1;

	rights_raise(CAP_SYS_PTRACE);
	if (fstatat(folder, path, st, 0) == 0 && is_wanted(search, st))
		fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	rights_lower();
	return fd;
}

/* What was looked at and what was opened could be two things: only the second counts. */
static void look_at(struct search *search, int folder, const char *path)
{
	struct stat st, opened;
	int fd = open_wanted(search, folder, path, &st);

	if (fd < 0)
		return;
	if (fstat(fd, &opened) == 0 && opened.st_dev == st.st_dev && opened.st_ino == st.st_ino)
		search->stop = search->found((uint32_t)st.st_ino, fd, search->data) != 0;
	close(fd);
	if (search->netns)
		search->stop = true;
}

static void walk(struct search *search, const char *path, bool of_processes)
{
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && !search->stop && (entry = readdir(folder))) {
		char name[sizeof(entry->d_name) + sizeof("/ns/net")];

		if (of_processes ? entry->d_name[0] < '1' || entry->d_name[0] > '9'
				 : entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s%s", entry->d_name, of_processes ? "/ns/net" : "");
		look_at(search, dirfd(folder), name);
	}
	if (folder)
		closedir(folder);
}

void namespaces_find(const struct namespaces *namespaces, uint32_t netns, namespace_found found,
		     void *data)
{
	struct search search = {
		.namespaces = namespaces,
		.netns = netns,
		.found = found,
		.data = data,
	};

	walk(&search, NAMED, false);
	if (!search.stop)
		walk(&search, "/proc", true);
	free(search.seen);
}

int namespaces_enter(int fd)
{
	int err;

	rights_raise(CAP_SYS_ADMIN);
	err = setns(fd, CLONE_NEWNET) ? -errno : 0;
	rights_lower();
	return err;
}

void namespaces_return(const struct namespaces *namespaces)
{
	if (namespaces_enter(namespaces->own_fd))
		_exit(EXIT_FAILURE);
}
