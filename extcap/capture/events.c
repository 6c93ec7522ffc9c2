// SPDX-License-Identifier: GPL-2.0-or-later
/* events.c - the process ring: processes, sockets' users, interfaces */
#include "extcap/capture/events.h"

#include <errno.h>
#include <stddef.h>

#include "extcap/capture/ring.h"
#include "extcap/log.h"
#include "extcap/options.h"

#define EVENTS_RING_SIZE (4 << 20) /* as in bpf/maps.h */
#define DRAIN_TRIES	 1000
#define USE_KEEP_NS	 1000000000ULL

/* A socket's first use; forgotten after a second, when no packet waits for it any more. */
struct use {
	guint64 cookie;
	guint64 time;
	struct owner owner;
};

struct events {
	struct ring *ring;
	struct processes *processes;
	struct links *links;
	struct control *control;
	guint64 lost;	  /* as far as it was told */
	GHashTable *uses; /* struct use, by cookie */
	GQueue *order;	  /* the same, oldest first */
};

struct events *events_open(struct kernel *kernel, struct processes *processes, GError **error)
{
	struct ring *ring = ring_open(kernel_map(kernel, "events"), EVENTS_RING_SIZE);
	struct events *events;

	if (!ring) {
		g_set_error(error, OPTIONS_ERROR, errno, "cannot map the process ring: %s.",
			    g_strerror(errno));
		return NULL;
	}
	events = g_new0(struct events, 1);
	events->ring = ring;
	events->processes = processes;
	events->control = kernel_control(kernel);
	events->uses = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	events->order = g_queue_new();
	return events;
}

void events_tell_links(struct events *events, struct links *links)
{
	events->links = links;
}

void events_free(struct events *events)
{
	if (!events)
		return;
	ring_free(events->ring);
	g_queue_free(events->order);
	g_hash_table_unref(events->uses);
	g_free(events);
}

static void forget_uses(struct events *events, guint64 now)
{
	struct use *oldest;

	while ((oldest = g_queue_peek_head(events->order)) && oldest->time + USE_KEEP_NS < now) {
		g_queue_pop_head(events->order);
		g_hash_table_remove(events->uses, &oldest->cookie);
	}
}

static void remember_use(struct events *events, const struct process_event *event)
{
	struct use *use;

	forget_uses(events, event->time);
	if (g_hash_table_contains(events->uses, &event->cookie))
		return; /* only the first use tells who reads what came before it */
	use = g_new0(struct use, 1);
	use->cookie = event->cookie;
	use->time = event->time;
	use->owner = event->owner;
	g_hash_table_insert(events->uses, &use->cookie, use);
	g_queue_push_tail(events->order, use);
}

static void apply(struct events *events, const struct process_event *event, gsize length)
{
	if (length < offsetof(struct process_event, owner))
		return;
	switch (event->kind) {
	case LINK_SEEN:
		if (events->links && length >= sizeof(struct link_event))
			links_learn(events->links, (const struct link_event *)event);
		break;
	case SOCKET_USED:
		if (length >= sizeof(*event))
			remember_use(events, event);
		break;
	default:
		processes_apply(events->processes, event, length);
	}
}

static void apply_all(struct events *events)
{
	const void *event;
	gsize length;

	while ((event = ring_peek(events->ring, &length))) {
		apply(events, event, length);
		ring_next(events->ring);
	}
	ring_release(events->ring, ring_position(events->ring));
}

static void tell_losses(struct events *events)
{
	if (events->control->events_lost == events->lost)
		return;
	events->lost = events->control->events_lost;
	log_warning("%" G_GUINT64_FORMAT
		    " process records were lost so far: some packets will have "
		    "a pid without a name",
		    events->lost);
}

bool events_drain(struct events *events)
{
	/* A record takes its writer microseconds, unless the writer's CPU is taken away. */
	for (int i = 0; i < DRAIN_TRIES; i++) {
		apply_all(events);
		if (ring_empty(events->ring)) {
			tell_losses(events);
			return true;
		}
	}
	return false;
}

bool events_empty(const struct events *events)
{
	return ring_empty(events->ring);
}

const struct owner *events_first_use(const struct events *events, guint64 cookie)
{
	const struct use *use = g_hash_table_lookup(events->uses, &cookie);

	return use ? &use->owner : NULL;
}
