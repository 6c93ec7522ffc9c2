/* SPDX-License-Identifier: GPL-2.0-or-later */
/* said.h - records of processes as the kernel side writes them, for the tests of the table and
 * of the comments made of it
 */
#ifndef PTCPDUMP_TESTS_SAID_H
#define PTCPDUMP_TESTS_SAID_H

#include <string.h>

#include "extcap/identity/processes.h"

#define SECOND 1000000000ULL

/* Nobody's pid, so that nothing is found of it in /proc. */
#define ALICE 4194305
#define BOB   4194306

/* One record as the kernel side writes it, in memory that ends where the record does. */
struct said {
	guint16 kind;
	guint64 time;
	guint32 tgid, tid;
	guint64 start;
	guint32 parent;
	guint64 parent_start;
	guint16 flags;
	const char *path; /* its names, the last one first: "curl\0bin\0usr\0" */
	gsize path_length;
	const char *args;
	gsize args_length;
	const char *comm;
	guint64 v1, v2; /* cgroups; v1's is of hierarchy 4 */
	guint32 netns, pid_ns, mount_ns;
	guint32 uid;
};

#define PATH(names) .path = names, .path_length = sizeof(names) - 1
#define ARGS(list)  .args = list, .args_length = sizeof(list) - 1

G_GNUC_UNUSED static struct process_event *record(const struct said *said, gsize *length)
{
	struct process_event *event;

	*length = sizeof(*event) + said->path_length + said->args_length;
	event = g_malloc0(*length);
	event->time = said->time;
	event->kind = said->kind;
	event->flags = said->flags;
	event->owner.tgid = said->tgid;
	event->owner.tid = said->tid ? said->tid : said->tgid;
	event->owner.start = said->start;
	event->owner.uid = said->uid;
	event->pid = said->tgid; /* our pid namespace is the host's */
	event->cgroup_v1 = said->v1;
	event->cgroup_v1_hierarchy = said->v1 ? 4 : 0;
	event->cgroup_v2 = said->v2;
	event->netns = said->netns;
	event->pid_ns = said->pid_ns;
	event->mount_ns = said->mount_ns;
	event->parent_tgid = said->parent;
	event->parent_start = said->parent_start;
	event->path_length = said->path_length;
	event->args_length = said->args_length;
	if (said->path_length)
		memcpy(event->data, said->path, said->path_length);
	if (said->args_length)
		memcpy(event->data + said->path_length, said->args, said->args_length);
	g_strlcpy(event->comm, said->comm ? said->comm : "", sizeof(event->comm));
	return event;
}

G_GNUC_UNUSED static void apply(struct processes *processes, const struct said *said)
{
	gsize length;
	g_autofree struct process_event *event = record(said, &length);

	processes_apply(processes, event, length);
}

#define APPLY(processes, ...) apply(processes, &(struct said){__VA_ARGS__})

G_GNUC_UNUSED static struct process *find(struct processes *processes, guint32 tgid, guint64 start)
{
	struct owner owner = {.tgid = tgid, .start = start};

	return processes_find(processes, &owner);
}

G_GNUC_UNUSED static const struct image *image_at(struct processes *processes, guint32 tgid,
						  guint64 start, guint64 time)
{
	struct process *process = find(processes, tgid, start);

	g_assert_nonnull(process);
	return process_image(process, time);
}

#endif
