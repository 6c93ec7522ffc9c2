// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_events.c - any bytes as records of processes and cgroups, then the comments made of them
 *
 * The first byte says as what: 'F' is the stream of what was there when a capture began, as the
 * iterator writes it; anything else is a row of records, each behind two bytes with its length,
 * as the ring hands them out. Checked besides crashes: the comments are whole options, decode,
 * and leave room for a packet.
 */
#include <stdint.h>
#include <string.h>

#include "extcap/identity/comments.h"
#include "extcap/identity/container_comments.h"
#include "extcap/identity/processes.h"
#include "extcap/options.h"
#include "extcap/output/pcapng.h"
#include "shared/annotation.h"

#define RECORDS_MAX 64

static struct owner owners[RECORDS_MAX];
static guint owners_count;

static void check_comments(const GByteArray *options)
{
	gsize at = 0;

	g_assert(options->len < PCAPNG_BLOCK_MAX / 4);
	while (at < options->len) {
		struct annotation annotation;
		guint16 code, length;

		g_assert(at + 4 <= options->len);
		memcpy(&code, options->data + at, 2);
		memcpy(&length, options->data + at + 2, 2);
		g_assert(code == OPT_COMMENT && at + 4 + length <= options->len);
		g_assert(annotation_decode((const char *)options->data + at + 4, length,
					   &annotation) == ANNOTATION_OURS);
		at += 4 + ((length + 3) & ~3);
	}
	g_assert(at == options->len);
}

static void note_owner(const struct process_event *event)
{
	if (owners_count < RECORDS_MAX)
		owners[owners_count++] = event->owner;
}

/* A copy that ends where the record does, and is aligned as the ring is. */
static void apply_ring(struct processes *processes, const uint8_t *bytes, size_t size)
{
	while (size >= 2) {
		gsize length = MIN((gsize)(bytes[0] | bytes[1] << 8), size - 2);
		g_autofree struct process_event *event = g_memdup2(bytes + 2, length);

		if (length >= sizeof(struct cgroup_event) &&
		    (event->kind == CGROUP_NEW || event->kind == CGROUP_GONE))
			containers_apply(processes_containers(processes),
					 (struct cgroup_event *)event, length);
		else
			processes_apply(processes, event, length);
		if (length >= sizeof(*event))
			note_owner(event);
		bytes += 2 + length;
		size -= 2 + length;
	}
}

static void apply_found(struct processes *processes, const uint8_t *bytes, size_t size)
{
	struct process_event event;

	processes_apply_found(processes, bytes, size);
	processes_apply_found(processes, bytes, size);
	/* Cgroups among them make what is noted somebody whom nobody knows. */
	for (gsize at = 0; at + sizeof(event) <= size; at += sizeof(event) + event.path_length) {
		memcpy(&event, bytes + at, sizeof(event));
		note_owner(&event);
	}
}

static void ask(struct processes *processes, const struct owner *owner, guint64 time)
{
	struct process *process = processes_find(processes, owner);
	const struct image *image = process ? process_image(process, time) : NULL;
	struct container *container = image ? home_container(&image->home) : NULL;

	if (container)
		check_comments(container_comments(container, CONTEXT_ALL, true));
	for (guint context = 1; context <= CONTEXT_ALL; context = context * 2 + 1)
		check_comments(comments_of(process_image(process, time), owner, context));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct processes *processes;

	if (size == 0)
		return 0;
	processes = processes_new();
	owners_count = 0;
	if (data[0] == 'F')
		apply_found(processes, data + 1, size - 1);
	else
		apply_ring(processes, data + 1, size - 1);
	for (guint i = 0; i < owners_count; i++) {
		ask(processes, &owners[i], owners[i].start);
		ask(processes, &owners[i], G_MAXUINT64);
	}
	processes_expire(processes, data[0] * 1000000000ULL);
	containers_expire(processes_containers(processes));
	processes_expire(processes, G_MAXUINT64);
	for (guint i = 0; i < owners_count; i++)
		ask(processes, &owners[i], 0);
	processes_free(processes);
	return 0;
}
