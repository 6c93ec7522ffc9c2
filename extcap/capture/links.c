// SPDX-License-Identifier: GPL-2.0-or-later
/* links.c - the interfaces of the captured namespaces, as they come, go and change name */
#include "extcap/capture/links.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "extcap/capture/clock.h"
#include "extcap/capture/link_news.h"
#include "extcap/linktype.h"
#include "extcap/log.h"
#include "extcap/options.h"
#include "extcap/seal.h"

SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_LOOKUP_ELEM);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_DELETE_ELEM);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_OBJ_GET_INFO_BY_FD);

#define LINGER_NS 2000000000ULL /* of an interface that is gone */

struct links {
	guint32 netns;
	guint32 ifindex;
	int counters_map;
	link_appeared appeared;
	void *data;
	struct link_news *news;
	guint room;    /* of the kernel side's table */
	guint away;    /* links that have left it */
	guint listing; /* which list of our own namespace is the latest */
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

static void add(struct counters *sum, const struct counters *more)
{
	sum->seen += more->seen;
	sum->unselected += more->unselected;
	sum->captured += more->captured;
	sum->lost += more->lost;
}

static void subtract(struct counters *sum, const struct counters *less)
{
	sum->seen -= less->seen;
	sum->unselected -= less->unselected;
	sum->captured -= less->captured;
	sum->lost -= less->lost;
}

static struct counters read_counters(const struct links *links, const struct device_key *key)
{
	int cpus = libbpf_num_possible_cpus();
	g_autofree struct counters *each = g_new0(struct counters, MAX(cpus, 1));
	struct counters sum = {0};

	if (bpf_map_lookup_elem(links->counters_map, key, each))
		return sum;
	for (int cpu = 0; cpu < cpus; cpu++)
		add(&sum, &each[cpu]);
	return sum;
}

static struct counters counted_between(const struct links *links, const struct link *link)
{
	struct counters counters = link->ended ? link->after : read_counters(links, &link->key);

	subtract(&counters, &link->before);
	add(&counters, &link->kept);
	return counters;
}

/* Records that were counted while this link was its interface's, beyond those that are its own. */
static guint64 others_records(const struct links *links, const struct link *link)
{
	return counted_between(links, link).captured -
	       (link->written + link->rejected + link->unselected + link->cut);
}

struct counters links_counters(const struct links *links, const struct link *link)
{
	struct counters counters = counted_between(links, link);
	guint64 more = 0;

	if (link->replaced)
		more -= others_records(links, link);
	else
		for (const struct link *l = link->before_this; l; l = l->before_this)
			more += others_records(links, l);
	counters.seen += more;
	counters.captured += more;
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

/* An interface that is gone counts on: some of its packets may be on their way. */
static void stop_counting(struct links *links, struct link *link)
{
	if (!link->ended)
		link->after = read_counters(links, &link->key);
	link->ended = true;
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
		stop_counting(links, last);
		last->replaced = true;
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
		links->recent = NULL;
		g_hash_table_remove(links->present, &link->key);
	}
	begin_link(links, &key, name, hardware);
}

static void come_back(struct links *links, struct link *link)
{
	if (!link->away)
		return;
	link->away = false;
	links->away--;
}

void links_learn(struct links *links, const struct link_event *event)
{
	char name[LINK_NAME_LENGTH];

	/* Our own namespace is told of by netlink, before the first packet and at once. */
	if (event->netns == links->netns && find_present(links, event->netns, event->ifindex))
		return;
	g_strlcpy(name, event->name, sizeof(name));
	update_link(links, event->netns, event->ifindex, name, event->hardware);
	come_back(links, find_present(links, event->netns, event->ifindex));
}

static void gone_link(struct links *links, struct link *link)
{
	log_info("interface %s is gone", link->name);
	link->gone = clock_now();
	links->recent = NULL;
	g_hash_table_remove(links->present, &link->key);
	g_queue_push_tail(links->gone, link);
}

static gboolean was_not_listed(gpointer key, gpointer value, gpointer data)
{
	const struct links *links = data;
	const struct link *link = value;

	(void)key;
	return link->key.netns == links->netns && link->listed != links->listing;
}

/* Their end was told of when there was no room for it. */
static void end_unlisted(struct links *links)
{
	struct link *link;

	while ((link = g_hash_table_find(links->present, was_not_listed, links)))
		gone_link(links, link);
}

static void on_news(enum link_news_kind kind, guint32 ifindex, guint16 hardware, const char *name,
		    void *data)
{
	struct links *links = data;
	struct link *link;

	if (kind == NEWS_LIST_BEGINS)
		links->listing++;
	else if (kind == NEWS_LIST_ENDS)
		end_unlisted(links);
	if (!ifindex || (links->ifindex && ifindex != links->ifindex))
		return;
	if (kind == NEWS_THERE)
		update_link(links, links->netns, ifindex, name, hardware);
	link = find_present(links, links->netns, ifindex);
	if (link && kind == NEWS_GONE)
		gone_link(links, link);
	else if (link)
		link->listed = links->listing;
}

/* Unless another interface has taken its number by now. */
static void forget_link(struct links *links, struct link *link)
{
	if (find_present(links, link->key.netns, link->key.ifindex))
		return;
	stop_counting(links, link);
	bpf_map_delete_elem(links->counters_map, &link->key);
	link->forgotten = true;
}

/* What it counted is kept; what was lost, and no packet has told of yet, too. */
static void leave(struct links *links, struct link *link, const struct counters *counters)
{
	guint64 lost = link->kept.lost + counters->lost - link->before.lost;

	if (lost > link->told + link->foretold)
		link->lost += lost - link->told - link->foretold;
	link->told = lost;
	link->foretold = 0;
	bpf_map_delete_elem(links->counters_map, &link->key);
	add(&link->kept, counters);
	subtract(&link->kept, &link->before);
	link->before = (struct counters){0};
	link->away = true;
	links->away++;
}

static void make_room(struct links *links)
{
	GHashTableIter each;
	gpointer key, value;

	if (g_hash_table_size(links->present) - links->away < links->room / 2)
		return;
	g_hash_table_iter_init(&each, links->present);
	while (g_hash_table_iter_next(&each, &key, &value)) {
		struct link *link = value;
		struct counters counters = read_counters(links, &link->key);

		if (link->key.netns == links->netns || link->away)
			continue;
		if (counters.seen == link->seen)
			leave(links, link, &counters);
		link->seen = link->away ? 0 : counters.seen;
	}
}

void links_forget(struct links *links, guint64 now)
{
	struct link *oldest;

	make_room(links);
	while ((oldest = g_queue_peek_head(links->gone)) && oldest->gone + LINGER_NS < now)
		forget_link(links, g_queue_pop_head(links->gone));
}

static guint entries_of(int map)
{
	struct bpf_map_info info = {0};
	guint32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) ? G_MAXUINT : info.max_entries;
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
	links->room = entries_of(counters_map);
	links->news = link_news_open(on_news, links);
	if (links->news)
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
	link_news_free(links->news);
	g_hash_table_unref(links->present);
	g_queue_free(links->gone);
	g_ptr_array_unref(links->all);
	g_free(links);
}

int links_fd(const struct links *links)
{
	return link_news_fd(links->news);
}

void links_read(struct links *links)
{
	link_news_read(links->news);
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
	/* It may be gone, and its packets still in a lane. */
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
