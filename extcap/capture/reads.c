// SPDX-License-Identifier: GPL-2.0-or-later
/* reads.c - who has read what from which socket, in the last second */
#include "extcap/capture/reads.h"

#define KEEP_NS	 1000000000ULL
#define KEEP_MAX 65536

/* Of one socket, oldest first. */
struct history {
	guint64 cookie;
	GQueue events;
};

struct reads {
	GHashTable *histories; /* struct history, by its cookie */
	GQueue *order;	       /* struct read_event of all sockets, oldest first */
};

static void history_free(gpointer data)
{
	struct history *history = data;

	g_queue_clear(&history->events);
	g_free(history);
}

struct reads *reads_new(void)
{
	struct reads *reads = g_new0(struct reads, 1);

	reads->histories = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, history_free);
	reads->order = g_queue_new();
	return reads;
}

void reads_free(struct reads *reads)
{
	if (!reads)
		return;
	g_queue_free_full(reads->order, g_free);
	g_hash_table_unref(reads->histories);
	g_free(reads);
}

static void forget(struct reads *reads, guint64 now)
{
	struct read_event *oldest;

	while ((oldest = g_queue_peek_head(reads->order)) &&
	       (oldest->time + KEEP_NS < now || g_queue_get_length(reads->order) > KEEP_MAX)) {
		struct history *history = g_hash_table_lookup(reads->histories, &oldest->cookie);

		g_queue_pop_head(reads->order);
		g_queue_pop_head(&history->events);
		if (g_queue_is_empty(&history->events))
			g_hash_table_remove(reads->histories, &history->cookie);
		g_free(oldest);
	}
}

void reads_add(struct reads *reads, const struct read_event *event)
{
	struct read_event *copy = g_memdup2(event, sizeof(*event));
	struct history *history = g_hash_table_lookup(reads->histories, &event->cookie);

	if (!history) {
		history = g_new0(struct history, 1);
		history->cookie = event->cookie;
		g_hash_table_insert(reads->histories, &history->cookie, history);
	}
	g_queue_push_tail(&history->events, copy);
	g_queue_push_tail(reads->order, copy);
	forget(reads, event->time);
}

/* Positions wrap, as sequence numbers do. */
static bool before(guint32 a, guint32 b)
{
	return (gint32)(a - b) < 0;
}

static bool same_process(const struct owner *a, const struct owner *b)
{
	return a->tgid == b->tgid && a->start == b->start;
}

/* Has somebody else read what @read may have read? Those who were told of before, or who was alone
 * then, and not told of any more. */
static bool disputed(const GList *read, guint32 position)
{
	const struct read_event *reader = read->data;

	for (const GList *l = read->prev; l; l = l->prev) {
		const struct read_event *event = l->data;
		bool other = !same_process(&event->owner, &reader->owner);

		if (!before(position, event->end))
			return other && reader->flags & READ_ONE_OF && event->flags & READ_ALONE;
		if (!before(position, event->position) && other)
			return true;
	}
	return false;
}

/* From the latest on, for a packet is asked for soon after it came: the last read that does not
 * lie behind it took it; or its reader was alone then, and read on until another one did. Of a
 * reader among others the read that took it is still to be told, or was lost. */
static enum read_by by_position(const struct history *history, guint32 position,
				struct owner *reader)
{
	for (const GList *l = history->events.tail; l; l = l->prev) {
		const struct read_event *event = l->data;

		if (before(position, event->position))
			continue;
		*reader = event->owner;
		if (before(position, event->end))
			return disputed(l, position) ? READ_DISPUTED : READ_BY;
		if (!l->next)
			return READ_BEYOND;
		return event->flags & READ_ALONE ? READ_BY : READ_NOT_YET;
	}
	return READ_BEFORE;
}

/* What was cut is its reader's who has read all of it. */
static enum read_by by_positions(const struct history *history, const struct place *place,
				 struct owner *reader)
{
	enum read_by result = by_position(history, place->position, reader);
	struct owner other;

	for (guint32 i = 1; i <= place->more && result == READ_BY; i++) {
		result = by_position(history, place->position + i, &other);
		if (result == READ_BY && !same_process(reader, &other))
			return READ_DISPUTED;
	}
	return result;
}

/* Without a position the first to read since it came has read it, if nobody else has. */
static enum read_by by_time(const struct history *history, const struct place *place,
			    struct owner *reader)
{
	const struct read_event *first = NULL;

	for (const GList *l = history->events.tail; l; l = l->prev) {
		const struct read_event *event = l->data;

		if (event->time < place->time)
			break;
		if (first && !same_process(&first->owner, &event->owner))
			return READ_DISPUTED;
		first = event;
	}
	if (!first)
		return READ_NOT_YET;
	*reader = first->owner;
	return READ_BY;
}

enum read_by reads_find(const struct reads *reads, const struct place *place, struct owner *reader)
{
	const struct history *history = g_hash_table_lookup(reads->histories, &place->cookie);

	const struct read_event *any;

	if (!history)
		return READ_NOT_YET;
	any = g_queue_peek_head((GQueue *)&history->events);
	if (place->has_position && any->flags & READ_POSITION)
		return by_positions(history, place, reader);
	return by_time(history, place, reader);
}
