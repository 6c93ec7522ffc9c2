// SPDX-License-Identifier: GPL-2.0-or-later
/* events.c - the process ring: processes, cgroups, reads from sockets, interfaces */
#include "extcap/capture/events.h"

#include <errno.h>
#include <stddef.h>

#include "extcap/capture/ring.h"
#include "extcap/log.h"
#include "extcap/options.h"

#define DRAIN_TRIES 1000

struct events {
	struct ring *ring;
	struct processes *processes;
	struct links *links;
	struct control *control;
	guint64 lost; /* as far as it was told */
	struct reads *reads;
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
	events->reads = reads_new();
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
	reads_free(events->reads);
	g_free(events);
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
	case SOCKET_READ:
		if (length >= sizeof(struct read_event))
			reads_add(events->reads, (const struct read_event *)event);
		break;
	case CGROUP_NEW:
	case CGROUP_GONE:
		containers_apply(processes_containers(events->processes),
				 (const struct cgroup_event *)event, length);
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

const struct reads *events_reads(const struct events *events)
{
	return events->reads;
}
