// SPDX-License-Identifier: GPL-2.0-or-later
/* merge.c - the records of several CPUs as one row, in the order of time */
#include "extcap/capture/merge.h"

struct merge {
	GQueue *queues; /* one for each CPU */
	guint cpus;
	GQueue *oldest; /* the queue whose head is next; NULL: to be found */
};

struct merge *merge_new(guint cpus)
{
	struct merge *merge = g_new0(struct merge, 1);

	merge->queues = g_new0(GQueue, cpus);
	merge->cpus = cpus;
	return merge;
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	for (guint cpu = 0; cpu < merge->cpus; cpu++)
		g_queue_clear_full(&merge->queues[cpu], g_free);
	g_free(merge->queues);
	g_free(merge);
}

static guint64 time_of(const GQueue *queue)
{
	return ((const struct packet_record *)queue->head->data)->time;
}

void merge_add(struct merge *merge, guint cpu, struct packet_record *record)
{
	g_queue_push_tail(&merge->queues[cpu % merge->cpus], record);
	merge->oldest = NULL;
}

static GQueue *find_oldest(struct merge *merge)
{
	GQueue *oldest = NULL;

	for (guint cpu = 0; cpu < merge->cpus; cpu++) {
		GQueue *queue = &merge->queues[cpu];

		if (queue->head && (!oldest || time_of(queue) < time_of(oldest)))
			oldest = queue;
	}
	return oldest;
}

const struct packet_record *merge_peek(struct merge *merge)
{
	if (!merge->oldest)
		merge->oldest = find_oldest(merge);
	return merge->oldest ? merge->oldest->head->data : NULL;
}

void merge_next(struct merge *merge)
{
	g_free(g_queue_pop_head(merge->oldest));
	merge->oldest = NULL;
}
