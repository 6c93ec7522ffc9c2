// SPDX-License-Identifier: GPL-2.0-or-later
/* sockets_proc.c - the network sockets that /proc shows this user
 *
 * /proc/net has the addresses of all sockets of our namespace, by inode number, and
 * /proc/PID/fd of the user's own processes has which of those they hold.
 */
#include "extcap/sources/sockets.h"

#include <dirent.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/sources/process.h"

/* A dialog waits for this: what was not found by then is left out. */
#define TIME_LIMIT_US 50000

/* One table of /proc/net. */
static const struct {
	const char *path;
	guint16 family;
	guint8 protocol;
} tables[] = {
	{"/proc/self/net/tcp", AF_INET, IPPROTO_TCP},
	{"/proc/self/net/tcp6", AF_INET6, IPPROTO_TCP},
	{"/proc/self/net/udp", AF_INET, IPPROTO_UDP},
	{"/proc/self/net/udp6", AF_INET6, IPPROTO_UDP},
};

/* Words of 32 bits, each printed as a number of the host's. */
static bool read_address(const char *hex, guint8 address[16])
{
	gsize length = strlen(hex);

	if (length != 8 && length != 32)
		return false;
	for (gsize word = 0; word < length / 8; word++) {
		unsigned int bits;

		if (sscanf(hex + 8 * word, "%8x", &bits) != 1)
			return false;
		memcpy(address + 4 * word, &bits, sizeof(bits));
	}
	return true;
}

bool sockets_parse(const char *line, struct socket_record *record, unsigned long *inode)
{
	unsigned int local, remote, state;
	char address[33];

	if (sscanf(line, " %*u: %*32[0-9A-F]:%x %32[0-9A-F]:%x %x %*x:%*x %*x:%*x %*x %*u %*u %lu",
		   &local, address, &remote, &state, inode) != 5 ||
	    !*inode || !local || !read_address(address, record->remote))
		return false;
	record->local_port = (guint16)local;
	record->remote_port = (guint16)remote;
	record->state = (guint8)state;
	return true;
}

static void read_line(const char *line, struct socket_record record, GHashTable *sockets)
{
	unsigned long inode;

	if (sockets_parse(line, &record, &inode))
		g_hash_table_insert(sockets, GSIZE_TO_POINTER(inode),
				    g_memdup2(&record, sizeof(record)));
}

/* All of our namespace, by inode number. */
static GHashTable *read_tables(void)
{
	GHashTable *sockets = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);

	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
		struct socket_record record = {.family = tables[i].family,
					       .protocol = tables[i].protocol};
		FILE *table = fopen(tables[i].path, "re");
		char line[512];

		while (table && fgets(line, sizeof(line), table))
			read_line(line, record, sockets);
		if (table)
			fclose(table);
	}
	return sockets;
}

/* Fills in whose socket it is. */
static void tell(const struct socket_record *socket, guint32 pid, guint32 uid, socket_found found,
		 void *data)
{
	struct socket_record record = *socket;

	record.tgid = record.pid = pid;
	record.uid = uid;
	if (process_life(pid, &record.start, record.comm, sizeof(record.comm)))
		found(&record, data);
}

static void look_into(DIR *proc, const char *pid, GHashTable *sockets, socket_found found,
		      void *data)
{
	g_autofree char *path = g_strconcat(pid, "/fd", NULL);
	int fd = openat(dirfd(proc), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	struct stat st;

	while (folder && fstat(fd, &st) == 0 && (entry = readdir(folder))) {
		const struct socket_record *socket;
		unsigned long inode;
		char target[64];
		ssize_t length = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);

		if (length < 0)
			continue;
		target[length] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) != 1)
			continue;
		socket = g_hash_table_lookup(sockets, GSIZE_TO_POINTER(inode));
		if (socket)
			tell(socket, (guint32)atoi(pid), st.st_uid, found, data);
	}
	if (folder)
		closedir(folder);
	else if (fd >= 0)
		close(fd);
}

void sockets_each_in_proc(socket_found found, void *data)
{
	gint64 until = g_get_monotonic_time() + TIME_LIMIT_US;
	g_autoptr(GHashTable) sockets = read_tables();
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && g_get_monotonic_time() < until && (entry = readdir(proc))) {
		if (g_ascii_isdigit(entry->d_name[0]))
			look_into(proc, entry->d_name, sockets, found, data);
	}
	if (proc)
		closedir(proc);
}

/* What a program that has no other way uses: the engine's own takes its place. */
__attribute__((weak)) void sockets_each(socket_found found, void *data)
{
	sockets_each_in_proc(found, data);
}
