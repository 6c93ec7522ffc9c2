// SPDX-License-Identifier: GPL-2.0-or-later
/* netns_find.c - the network namespaces that there are now
 *
 * Those that "ip netns" has named, and those that processes are in: /proc/PID/ns/net is
 * shown to whom the process may be looked at. A namespace that only a file or a socket
 * keeps alive is found by nobody.
 */
#include "extcap/sources/netns.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void netns_free(gpointer data)
{
	struct netns *netns = data;

	g_free(netns->name);
	g_free(netns);
}

static struct netns *netns_of(GHashTable *all, guint32 inode)
{
	struct netns *netns = g_hash_table_lookup(all, GUINT_TO_POINTER(inode));

	if (!netns) {
		netns = g_new0(struct netns, 1);
		netns->inode = inode;
		g_hash_table_insert(all, GUINT_TO_POINTER(inode), netns);
	}
	return netns;
}

/* A folder there is none of, a stale name is a file of the file system around it: what all
 * namespaces have in common is their device, which is also our own's. */
static void find_named(GHashTable *all, dev_t nsfs)
{
	DIR *folder = opendir(NETNS_NAMED);
	struct dirent *entry;
	struct stat st;

	while (folder && (entry = readdir(folder))) {
		struct netns *netns;

		if (fstatat(dirfd(folder), entry->d_name, &st, 0) || st.st_dev != nsfs)
			continue;
		netns = netns_of(all, (guint32)st.st_ino);
		/* Of two names the first by the alphabet: always the same one. */
		if (netns->name && strcmp(netns->name, entry->d_name) < 0)
			continue;
		g_free(netns->name);
		netns->name = g_strdup(entry->d_name);
	}
	if (folder)
		closedir(folder);
}

static void read_comm(int proc, const char *pid, char *comm, gsize size)
{
	g_autofree char *path = g_strconcat(pid, "/comm", NULL);
	int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd >= 0 ? read(fd, comm, size - 1) : 0;

	if (fd >= 0)
		close(fd);
	comm[MAX(length, 0)] = '\0';
	comm[strcspn(comm, "\n")] = '\0'; /* the kernel's own; one in the name comes out cut */
}

static void count(struct netns *netns, int proc, const char *digits)
{
	guint32 pid = (guint32)atoi(digits);

	netns->processes++;
	if (netns->pid && netns->pid < pid)
		return;
	netns->pid = pid;
	read_comm(proc, digits, netns->comm, sizeof(netns->comm));
}

static void find_inhabited(GHashTable *all)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct stat st;

	while (proc && (entry = readdir(proc))) {
		char path[32];

		if (!g_ascii_isdigit(entry->d_name[0]))
			continue;
		g_snprintf(path, sizeof(path), "%.16s/ns/net", entry->d_name);
		if (fstatat(dirfd(proc), path, &st, 0) == 0)
			count(netns_of(all, (guint32)st.st_ino), dirfd(proc), entry->d_name);
	}
	if (proc)
		closedir(proc);
}

guint32 netns_own(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) == 0 ? (guint32)st.st_ino : 0;
}

GHashTable *netns_find(void)
{
	GHashTable *all = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, netns_free);
	struct stat own;

	if (stat("/proc/self/ns/net", &own) == 0)
		find_named(all, own.st_dev);
	find_inhabited(all);
	return all;
}
