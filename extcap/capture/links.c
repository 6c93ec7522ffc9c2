// SPDX-License-Identifier: GPL-2.0-or-later
/* links.c - the interfaces of the captured namespaces, as they come, go and change name */
#include "extcap/capture/links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <time.h>

#include "extcap/capture/clock.h"
#include "extcap/linktype.h"
#include "extcap/log.h"
#include "extcap/options.h"

/* 500 interfaces answer with about 700 KiB; a burst of changes may come on top. */
#define RECEIVE_BUFFER (4 << 20)
#define LINGER_NS      2000000000ULL /* of an interface that is gone */

struct links {
	guint32 netns;
	guint32 ifindex;
	int counters_map;
	link_appeared appeared;
	void *data;
	struct mnl_socket *socket;
	GPtrArray *all;
	GHashTable *present; /* struct link, by its key */
	GQueue *gone;	     /* interfaces that have ended, and are still in the kernel's table */
	struct link *recent; /* of these: what was found last; NULL: nothing yet */
};

static guint key_hash(gconstpointer data)
{
	const struct device_key *key = data;

	return key->netns * 31 + key->ifindex;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct device_key)) == 0;
}

static struct link *find_present(struct links *links, guint32 netns, guint32 ifindex)
{
	struct device_key key = {.netns = netns, .ifindex = ifindex};

	if (!links->recent || !key_equal(&links->recent->key, &key))
		links->recent = g_hash_table_lookup(links->present, &key);
	return links->recent;
}

static struct counters read_counters(const struct links *links, const struct device_key *key)
{
	int cpus = libbpf_num_possible_cpus();
	g_autofree struct counters *each = g_new0(struct counters, MAX(cpus, 1));
	struct counters sum = {0};

	if (bpf_map_lookup_elem(links->counters_map, key, each))
		return sum;
	for (int cpu = 0; cpu < cpus; cpu++) {
		sum.seen += each[cpu].seen;
		sum.unselected += each[cpu].unselected;
		sum.captured += each[cpu].captured;
		sum.lost += each[cpu].lost;
	}
	return sum;
}

struct counters links_counters(const struct links *links, const struct link *link)
{
	struct counters counters = link->ended ? link->after : read_counters(links, &link->key);

	counters.seen -= link->before.seen;
	counters.unselected -= link->before.unselected;
	counters.captured -= link->before.captured;
	counters.lost -= link->before.lost;
	return counters;
}

/* The latest link of an interface that is gone, or is about to have another name. */
static struct link *find_last(const struct links *links, const struct device_key *key)
{
	for (guint i = links->all->len; i > 0; i--) {
		struct link *link = g_ptr_array_index(links->all, i - 1);

		if (key_equal(&link->key, key))
			return link;
	}
	return NULL;
}

static void end_link(struct links *links, struct link *link)
{
	link->after = read_counters(links, &link->key);
	link->ended = true;
	links->recent = NULL;
	g_hash_table_remove(links->present, &link->key);
}

static void begin_link(struct links *links, const struct device_key *key, const char *name,
		       guint16 hardware)
{
	struct link *link = g_new0(struct link, 1);
	struct link *last = find_last(links, key);

	link->key = *key;
	g_strlcpy(link->name, name, sizeof(link->name));
	link->hardware = hardware;
	link->link_type = linktype_of(hardware);
	link->interface = links->all->len;
	/* What was counted before is another's; all else since the start is this one's. */
	if (last) {
		if (!last->forgotten)
			link->before = last->after;
		link->began = clock_now();
		link->before_this = last;
	}
	g_ptr_array_add(links->all, link);
	g_hash_table_insert(links->present, &link->key, link);
	links->recent = link;
	links->appeared(link, links->data);
}

static void update_link(struct links *links, guint32 netns, guint32 ifindex, const char *name,
			guint16 hardware)
{
	struct device_key key = {.netns = netns, .ifindex = ifindex};
	struct link *link = find_present(links, netns, ifindex);

	if (link && link->hardware == hardware && strcmp(link->name, name) == 0)
		return;
	if (link) {
		log_info("interface %s is now %s", link->name, name);
		end_link(links, link);
	}
	begin_link(links, &key, name, hardware);
}

void links_learn(struct links *links, const struct link_event *event)
{
	char name[LINK_NAME_LENGTH];

	/* Our own namespace is told of by netlink, before the first packet and at once. */
	if (event->netns == links->netns && find_present(links, event->netns, event->ifindex))
		return;
	g_strlcpy(name, event->name, sizeof(name));
	update_link(links, event->netns, event->ifindex, name, event->hardware);
}

static int on_attribute(const struct nlattr *attribute, void *data)
{
	const char **name = data;

	if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		*name = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

static int on_message(const struct nlmsghdr *message, void *data)
{
	struct links *links = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const char *name = NULL;
	struct link *link;

	if (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK)
		return MNL_CB_OK;
	/* A bridge tells of its ports with messages of its own family, which look like a
	 * link's coming and going. */
	if (info->ifi_family != AF_UNSPEC)
		return MNL_CB_OK;
	if (links->ifindex && (guint32)info->ifi_index != links->ifindex)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(*info), on_attribute, &name);
	if (message->nlmsg_type == RTM_NEWLINK && name) {
		update_link(links, links->netns, info->ifi_index, name, info->ifi_type);
	} else if (message->nlmsg_type == RTM_DELLINK) {
		link = find_present(links, links->netns, info->ifi_index);
		if (link) {
			log_info("interface %s is gone", link->name);
			end_link(links, link);
			link->gone = clock_now();
			g_queue_push_tail(links->gone, link);
		}
	}
	return MNL_CB_OK;
}

/* Unless another interface has taken its number by now. */
static void forget_link(struct links *links, struct link *link)
{
	if (find_present(links, link->key.netns, link->key.ifindex))
		return;
	link->after = read_counters(links, &link->key);
	bpf_map_delete_elem(links->counters_map, &link->key);
	link->forgotten = true;
}

void links_forget(struct links *links, guint64 now)
{
	struct link *oldest;

	while ((oldest = g_queue_peek_head(links->gone)) && oldest->gone + LINGER_NS < now)
		forget_link(links, g_queue_pop_head(links->gone));
}

static int ask_for_all(struct links *links)
{
	char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = time(NULL);
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	return mnl_socket_sendto(links->socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

/* Reads what is there; @until_done also waits for the end of the list that was asked for. */
static int receive(struct links *links, bool until_done)
{
	char buffer[32768]; /* the kernel's most for a part of a list */

	for (;;) {
		int flags = until_done ? 0 : MSG_DONTWAIT;
		ssize_t n = recv(mnl_socket_get_fd(links->socket), buffer, sizeof(buffer), flags);
		int result;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		result = mnl_cb_run(buffer, n, 0, 0, on_message, links);
		if (result < 0 &&
		    errno != EINTR) /* a list that was interrupted is asked for again */
			return -errno;
		if (result < 0)
			ask_for_all(links);
		if (result == MNL_CB_STOP && until_done)
			return 0;
	}
}

static bool start(struct links *links)
{
	int size = RECEIVE_BUFFER;

	links->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!links->socket || mnl_socket_bind(links->socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0)
		return false;
	setsockopt(mnl_socket_get_fd(links->socket), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	errno = -ask_for_all(links);
	if (!errno)
		errno = -receive(links, true);
	return !errno;
}

struct links *links_open(guint32 netns, guint32 ifindex, int counters_map, link_appeared appeared,
			 void *data, GError **error)
{
	struct links *links = g_new0(struct links, 1);

	links->netns = netns;
	links->ifindex = ifindex;
	links->counters_map = counters_map;
	links->appeared = appeared;
	links->data = data;
	links->all = g_ptr_array_new_with_free_func(g_free);
	links->present = g_hash_table_new(key_hash, key_equal);
	links->gone = g_queue_new();
	if (start(links))
		return links;
	g_set_error(error, OPTIONS_ERROR, errno, "cannot list the network interfaces: %s.",
		    g_strerror(errno));
	links_free(links);
	return NULL;
}

void links_free(struct links *links)
{
	if (!links)
		return;
	if (links->socket)
		mnl_socket_close(links->socket);
	g_hash_table_unref(links->present);
	g_queue_free(links->gone);
	g_ptr_array_unref(links->all);
	g_free(links);
}

int links_fd(const struct links *links)
{
	return mnl_socket_get_fd(links->socket);
}

void links_read(struct links *links)
{
	int err = receive(links, false);

	if (err == -ENOBUFS) {
		log_warning("link messages were lost, all interfaces are listed again");
		ask_for_all(links);
	} else if (err) {
		log_warning("reading link messages failed: %s", g_strerror(-err));
	}
}

/* The link that an interface was when a packet passed it. */
static struct link *link_at(struct link *link, guint64 time)
{
	while (link && link->began > time && link->before_this)
		link = link->before_this;
	return link;
}

struct link *links_find(struct links *links, const struct packet_record *record)
{
	struct device_key key = {.netns = record->netns, .ifindex = record->ifindex};
	struct link *link = find_present(links, record->netns, record->ifindex);
	char name[LINK_NAME_LENGTH];

	if (!link && record->netns == links->netns) {
		links_read(links);
		link = find_present(links, record->netns, record->ifindex);
	}
	/* It may be gone, and its packets still in the ring. */
	if (!link)
		link = find_last(links, &key);
	if (!link) {
		g_snprintf(name, sizeof(name), "if%u", record->ifindex);
		begin_link(links, &key, name, record->hardware);
		link = find_present(links, record->netns, record->ifindex);
	}
	return link_at(link, record->time);
}

const GPtrArray *links_all(const struct links *links)
{
	return links->all;
}
