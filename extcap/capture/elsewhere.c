// SPDX-License-Identifier: GPL-2.0-or-later
/* elsewhere.c - what is in other network namespaces, without entering one */
#include "extcap/capture/elsewhere.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/log.h"
#include "extcap/sources/netns.h"

#define ANSWER_ROOM 32768 /* the kernel's most for a part of a list */

/* What is asked for, and of which namespace just now. */
struct asked {
	guint32 netns;
	gint32 id;
	elsewhere_found found;
	elsewhere_address address; /* NULL: interfaces are asked for */
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

/* A link's own address; what IFA_ADDRESS has on a point-to-point link is the other end's. */
static int on_address(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const struct asked *asked = data;
	const struct nlattr *attribute, *found = NULL;
	guint16 length = info->ifa_family == AF_INET ? 4 : sizeof(struct address);
	struct address address;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*info))
	{
		guint16 type = mnl_attr_get_type(attribute);

		if (mnl_attr_get_payload_len(attribute) == length &&
		    (type == IFA_LOCAL || (type == IFA_ADDRESS && !found)))
			found = attribute;
	}
	if (!found)
		return MNL_CB_OK;
	address_set(&address, info->ifa_family, mnl_attr_get_payload(found));
	asked->address(asked->netns, &address, asked->data);
	return MNL_CB_OK;
}

static int list_addresses(struct mnl_socket *rtnl, struct asked *asked)
{
	char room[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(room);

	message->nlmsg_type = RTM_GETADDR;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifaddrmsg));
	if (asked->id >= 0)
		mnl_attr_put_u32(message, IFA_TARGET_NETNSID, (guint32)asked->id);
	return ask(rtnl, message, on_address, asked);
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

static bool list_one(struct mnl_socket *rtnl, const struct netns *netns, struct asked *asked)
{
	int err;

	asked->netns = netns->inode;
	asked->id = netns->name ? id_by_name(rtnl, netns) : id_by_process(rtnl, netns);
	if (asked->id < 0)
		return false;
	err = asked->address ? list_addresses(rtnl, asked) : list_links(rtnl, asked);
	if (err)
		log_debug("the %s of namespace %u are not listed: %s",
			  asked->address ? "addresses" : "interfaces", netns->inode,
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

/* The usual case, in which no process need be looked at. */
static bool is_own_alone(const struct scope *scope)
{
	return !scope->every && scope->netns->len == 1 &&
	       g_array_index(scope->netns, guint32, 0) == scope->own;
}

static void list_wanted(struct mnl_socket *rtnl, const struct scope *scope, struct asked *asked)
{
	g_autoptr(GHashTable) all = netns_find();
	g_autoptr(GPtrArray) wanted = find_wanted(scope, all);
	guint listed = 0;

	for (guint i = 0; rtnl && i < MIN(wanted->len, ELSEWHERE_MOST); i++)
		listed += list_one(rtnl, g_ptr_array_index(wanted, i), asked);
	log_info("the %s of %u other namespaces of %u are listed now, the others' with %s",
		 asked->address ? "addresses" : "interfaces", listed, wanted->len,
		 asked->address ? "their packets" : "their first packet");
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *rtnl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	if (!rtnl || mnl_socket_bind(rtnl, 0, MNL_SOCKET_AUTOPID) == 0)
		return rtnl;
	mnl_socket_close(rtnl);
	return NULL;
}

void elsewhere_list(const struct scope *scope, elsewhere_found found, void *data)
{
	struct asked asked = {.found = found, .data = data};
	struct mnl_socket *rtnl;

	if (is_own_alone(scope))
		return;
	rtnl = open_socket();
	list_wanted(rtnl, scope, &asked);
	if (rtnl)
		mnl_socket_close(rtnl);
}

/* The kernel looks at whose addresses are asked for only where it is to be strict (4.20); else it
 * would tell of our own. */
static bool is_strict(struct mnl_socket *rtnl)
{
	int yes = 1;

	return mnl_socket_setsockopt(rtnl, NETLINK_GET_STRICT_CHK, &yes, sizeof(yes)) == 0;
}

void elsewhere_addresses(const struct scope *scope, elsewhere_address found, void *data)
{
	struct asked asked = {.netns = scope->own, .id = -1, .address = found, .data = data};
	struct mnl_socket *rtnl = open_socket();

	bool listed = rtnl && (!scope_has_own(scope) || list_addresses(rtnl, &asked) == 0);

	if (listed && !is_own_alone(scope)) {
		listed = is_strict(rtnl);
		if (listed)
			list_wanted(rtnl, scope, &asked);
	}
	if (!listed)
		log_warning("the kernel does not tell which addresses there are: one that two "
			    "namespaces have may get a name");
	if (rtnl)
		mnl_socket_close(rtnl);
}
