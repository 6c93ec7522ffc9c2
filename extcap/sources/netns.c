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

/* More of them make no list that anybody reads, and cost Wireshark 11 ms each. */
#define LISTED_MAX 10

/* The file system that all namespaces are files of (linux/magic.h). */
#define NSFS_MAGIC_NUMBER 0x6e736673

static bool refuse(const char *word, const char *why, GError **error)
{
	g_autofree char *seen = sentence_printable(word, 80);

	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture in network namespace \"%s\": %s; \"ip netns\" lists the names, "
		    "and a path such as /proc/PID/ns/net does as well.",
		    seen, why);
	return false;
}

/* The namespace at @path. Only a file of nsfs is opened: another one may be a FIFO, or do
 * something when it is. */
static bool look_at(const char *path, const char *word, guint32 *inode, GError **error)
{
	struct statfs fs;
	struct stat st;
	int fd, type;

	if (statfs(path, &fs) || stat(path, &st))
		return refuse(word, errno == ENOENT ? "there is none" : g_strerror(errno), error);
	if (fs.f_type != NSFS_MAGIC_NUMBER)
		return refuse(word, "it is no network namespace", error);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(word, g_strerror(errno), error);
	type = ioctl(fd, NS_GET_NSTYPE);
	close(fd);
	if (type != CLONE_NEWNET)
		return refuse(word, "it is a namespace, but not one of the network", error);
	*inode = (guint32)st.st_ino;
	return true;
}

bool netns_resolve(const char *word, guint32 *inode, GError **error)
{
	bool is_path = strchr(word, '/');
	g_autofree char *path = is_path ? g_strdup(word) : g_strconcat(NETNS_NAMED, word, NULL);

	*inode = 0;
	return strcmp(word, "all") == 0 || look_at(path, word, inode, error);
}

static bool is_inode(const char *text, guint32 *inode)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &number, NULL))
		return false;
	*inode = (guint32)number;
	return true;
}

/* What Wireshark cannot name back to us, or what reads as an inode number, is no name. */
static bool is_sayable(const char *name)
{
	return sentence_is_name(name) && name[strspn(name, "0123456789")] != '\0';
}

static gint by_use(gconstpointer left, gconstpointer right)
{
	const struct netns *a = *(const struct netns *const *)left;
	const struct netns *b = *(const struct netns *const *)right;

	if (a->processes != b->processes)
		return a->processes > b->processes ? -1 : 1;
	if (!a->name != !b->name)
		return a->name ? -1 : 1;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static void tell(const struct netns *netns, source_found found, void *data)
{
	bool sayable = netns->name && is_sayable(netns->name);
	g_autofree char *inode = g_strdup_printf("%u", netns->inode);
	g_autofree char *name = g_strconcat(PREFIX, sayable ? netns->name : inode, NULL);
	GString *display = g_string_new("Network namespace");

	g_string_append_printf(display, " %s", netns->name ? netns->name : inode);
	if (netns->processes > 0)
		g_string_append_printf(display, " of %s (%u)", netns->comm, netns->pid);
	if (netns->processes > 1)
		g_string_append_printf(display, " and %u more", netns->processes - 1);
	found(name, display->str, data);
	g_string_free(display, TRUE);
}

static void netns_list(source_found found, void *data)
{
	g_autoptr(GHashTable) all = netns_find();
	g_autoptr(GPtrArray) ranked = g_ptr_array_new();
	GHashTableIter each;
	gpointer netns;

	g_hash_table_remove(all, GUINT_TO_POINTER(netns_own()));
	g_hash_table_iter_init(&each, all);
	while (g_hash_table_iter_next(&each, NULL, &netns))
		g_ptr_array_add(ranked, netns);
	g_ptr_array_sort(ranked, by_use);
	for (guint i = 0; i < MIN(ranked->len, LISTED_MAX); i++)
		tell(g_ptr_array_index(ranked, i), found, data);
}

static bool netns_parse(const char *which, struct source *source, GError **error)
{
	g_autoptr(GHashTable) all = NULL;

	if (!is_inode(which, &source->netns)) {
		/* "all" is no source, and a name with other characters cannot come. */
		g_autofree char *path = g_strconcat(NETNS_NAMED, which, NULL);

		return look_at(path, which, &source->netns, error);
	}
	all = netns_find();
	if (g_hash_table_contains(all, GUINT_TO_POINTER(source->netns)))
		return true;
	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture in network namespace %s: no name below " NETNS_NAMED
		    " and no process that you may look at has it; \"tshark -D\" lists those that "
		    "there are.",
		    which);
	return false;
}

static int netns_link_type(const char *which)
{
	return DLT_EN10MB; /* of most; the others say so in their interface block */
}

const struct source_class source_netns = {
	.name = PREFIX,
	.parse = netns_parse,
	.list = netns_list,
	.list_is_slow = true,
	.link_type = netns_link_type,
};
