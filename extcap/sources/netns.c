// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - the sources "ptcpdump.netns.NAME": all that passes another network namespace */
#define _GNU_SOURCE /* CLONE_NEWNET */
#include "extcap/sources/netns.h"

#include "extcap/sentence.h"
#include "extcap/sources/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <pcap/dlt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PREFIX "ptcpdump.netns."
#define NAMED  "/run/netns/"

/* The file system that all namespaces are files of (linux/magic.h). */
#define NSFS_MAGIC_NUMBER 0x6e736673

/* Why there is none at @path, in words; NULL when there is one. Only a file of nsfs is opened:
 * another one may be a FIFO, or do something when it is. */
static const char *look_at(const char *path, guint32 *inode)
{
	struct statfs fs;
	struct stat st;
	int fd, type;

	if (statfs(path, &fs) || stat(path, &st))
		return g_strerror(errno);
	if (fs.f_type != NSFS_MAGIC_NUMBER)
		return "it is no network namespace";
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return g_strerror(errno);
	type = ioctl(fd, NS_GET_NSTYPE);
	close(fd);
	*inode = (guint32)st.st_ino;
	return type == CLONE_NEWNET ? NULL : "it is a namespace, but not one of the network";
}

bool netns_resolve(const char *word, guint32 *inode, GError **error)
{
	bool is_path = strchr(word, '/');
	g_autofree char *path = is_path ? g_strdup(word) : g_strconcat(NAMED, word, NULL);
	g_autofree char *seen = NULL;
	const char *why;

	*inode = 0;
	if (strcmp(word, "all") == 0)
		return true;
	why = look_at(path, inode);
	if (!why)
		return true;
	seen = sentence_printable(word, 80);
	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture in network namespace \"%s\": %s; \"ip netns\" lists the names, "
		    "and a path such as /proc/PID/ns/net does as well.",
		    seen, why);
	return false;
}

static void netns_list(source_found found, void *data)
{
}

static bool netns_parse(const char *which, struct source *source, GError **error)
{
	return netns_resolve(which, &source->netns, error);
}

static char *netns_describe(const struct source *source)
{
	return g_strdup_printf("network namespace %u", source->netns);
}

static int netns_link_type(const char *which)
{
	return DLT_EN10MB; /* of most; the others say so in their interface block */
}

const struct source_class source_netns = {
	.name = PREFIX,
	.parse = netns_parse,
	.list = netns_list,
	.describe = netns_describe,
	.link_type = netns_link_type,
};
