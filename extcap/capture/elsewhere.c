// SPDX-License-Identifier: GPL-2.0-or-later
/* elsewhere.c - the interfaces of other network namespaces, without entering one */
#include "extcap/capture/elsewhere.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/log.h"
#include "extcap/sources/netns.h"

#define ANSWER_ROOM 32768 /* the kernel's most for a part of a list */

/* One namespace, while it is asked for. */
struct asked {
	guint32 netns;
	gint32 id;
	elsewhere_found found;
	void *data;
};

/* Sends a question and reads its answer to the end; -errno, the kernel's own too. */
static int ask(struct mnl_socket *rtnl, struct nlmsghdr *question, mnl_cb_t each, void *data)
{
	static guint32 sequence;
	char answer[ANSWER_ROOM];
	int result = MNL_CB_OK;

	question->nlmsg_seq = ++sequence;
	if (mnl_socket_sendto(rtnl, question, question->nlmsg_len) < 0)
		return -errno;
	while (result == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(rtnl, answer, sizeof(answer));

		if (n < 0)
			return -errno;
		result = mnl_cb_run(answer, n, sequence, 0, each, data);
	}
	return result < 0 ? -errno : 0;
}

/* RTM_NEWNSID or RTM_GETNSID, of a namespace that is named by one of its processes (NETNSA_PID)
 * or by a descriptor (NETNSA_FD). */
static struct nlmsghdr *about(char *room, guint16 type, guint16 how, guint32 which)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(room);

	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	mnl_nlmsg_put_extra_header(message, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(message, how, which);
	if (type == RTM_NEWNSID)
		mnl_attr_put_u32(message, NETNSA_NSID, (guint32)NETNSA_NSID_NOT_ASSIGNED);
	return message;
}

static int read_id(const struct nlmsghdr *message, void *data)
{
	struct nlattr *attribute;

	mnl_attr_for_each(attribute, message,
			  sizeof(struct rtgenmsg)) if (mnl_attr_get_type(attribute) ==
						       NETNSA_NSID) *
		(gint32 *)data = (gint32)mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

/* The id of a namespace, which it may have from somebody else (EEXIST); negative: none. */
static gint32 id_by(struct mnl_socket *rtnl, guint16 how, guint32 which)
{
	gint32 id = NETNSA_NSID_NOT_ASSIGNED;
	char room[256];
	int err = ask(rtnl, about(room, RTM_NEWNSID, how, which), NULL, NULL);

	if (!err || err == -EEXIST)
		err = ask(rtnl, about(room, RTM_GETNSID, how, which), read_id, &id);
	if (err)
		log_debug("a namespace has no id: %s", g_strerror(-err));
	return id;
}

static bool is_at(const char *path, guint32 inode)
{
	struct stat st;

	return stat(path, &st) == 0 && (guint32)st.st_ino == inode;
}

/* Its descriptor is open for this call only. */
static gint32 id_by_name(struct mnl_socket *rtnl, const struct netns *netns)
{
	g_autofree char *path = g_strconcat(NETNS_NAMED, netns->name, NULL);
	gint32 id = NETNSA_NSID_NOT_ASSIGNED;
	struct stat st;
	int fd;

	if (!is_at(path, netns->inode))
		return id;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && (guint32)st.st_ino == netns->inode)
		id = id_by(rtnl, NETNSA_FD, (guint32)fd);
	if (fd >= 0)
		close(fd);
	return id;
}

/* The process may have ended since, and its pid be another one's: looked at once more. */
static gint32 id_by_process(struct mnl_socket *rtnl, const struct netns *netns)
{
	g_autofree char *path = g_strdup_printf("/proc/%u/ns/net", netns->pid);
	gint32 id = id_by(rtnl, NETNSA_PID, netns->pid);

	return is_at(path, netns->inode) ? id : NETNSA_NSID_NOT_ASSIGNED;
}

static int on_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct asked *asked = data;
	struct link_event link = {.kind = LINK_SEEN, .netns = asked->netns};
	struct nlattr *attribute;

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	link.ifindex = (guint32)info->ifi_index;
	link.hardware = info->ifi_type;
	mnl_attr_for_each(attribute, message,
			  sizeof(*info)) if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
					     mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		g_strlcpy(link.name, mnl_attr_get_str(attribute), sizeof(link.name));
	if (link.name[0])
		asked->found(&link, asked->data);
	return MNL_CB_OK;
}

static int list_links(struct mnl_socket *rtnl, struct asked *asked)
{
	char room[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(room);

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(message, IFLA_TARGET_NETNSID, (guint32)asked->id);
	return ask(rtnl, message, on_link, asked);
}

static bool is_wanted(const struct scope *scope, guint32 netns)
{
	if (netns == scope->own)
		return false;
	for (guint i = 0; i < scope->netns->len; i++)
		if (g_array_index(scope->netns, guint32, i) == netns)
			return true;
	return scope->every;
}

/* Of too many those that have names come first, then those with most processes. */
static gint by_interest(gconstpointer left, gconstpointer right)
{
	const struct netns *a = *(const struct netns *const *)left;
	const struct netns *b = *(const struct netns *const *)right;

	if (!a->name != !b->name)
		return a->name ? -1 : 1;
	if (a->processes != b->processes)
		return a->processes > b->processes ? -1 : 1;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static bool list_one(struct mnl_socket *rtnl, const struct netns *netns, elsewhere_found found,
		     void *data)
{
	struct asked asked = {.netns = netns->inode, .found = found, .data = data};
	int err;

	asked.id = netns->name ? id_by_name(rtnl, netns) : id_by_process(rtnl, netns);
	if (asked.id < 0)
		return false;
	err = list_links(rtnl, &asked);
	if (err)
		log_debug("the interfaces of namespace %u are not listed: %s", netns->inode,
			  g_strerror(-err));
	return !err;
}

static GPtrArray *find_wanted(const struct scope *scope, GHashTable *all)
{
	GPtrArray *wanted = g_ptr_array_new();
	GHashTableIter each;
	gpointer key, netns;

	g_hash_table_iter_init(&each, all);
	while (g_hash_table_iter_next(&each, &key, &netns))
		if (is_wanted(scope, GPOINTER_TO_UINT(key)))
			g_ptr_array_add(wanted, netns);
	g_ptr_array_sort(wanted, by_interest);
	return wanted;
}

void elsewhere_list(const struct scope *scope, elsewhere_found found, void *data)
{
	g_autoptr(GHashTable) all = NULL;
	g_autoptr(GPtrArray) wanted = NULL;
	struct mnl_socket *rtnl;
	guint listed = 0;

	if (!scope->every && scope->netns->len == 1 &&
	    g_array_index(scope->netns, guint32, 0) == scope->own)
		return; /* the usual case, in which no process need be looked at */
	all = netns_find();
	wanted = find_wanted(scope, all);
	rtnl = wanted->len ? mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC) : NULL;
	if (rtnl && mnl_socket_bind(rtnl, 0, MNL_SOCKET_AUTOPID) == 0)
		for (guint i = 0; i < MIN(wanted->len, ELSEWHERE_MOST); i++)
			listed += list_one(rtnl, g_ptr_array_index(wanted, i), found, data);
	if (rtnl)
		mnl_socket_close(rtnl);
	log_info("the interfaces of %u other namespaces of %u are listed now, the others' with "
		 "their first packet",
		 listed, wanted->len);
}
