/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroups.h - cgroups, processes in them and what runtimes say of them, for the tests of containers
 */
#ifndef PTCPDUMP_TESTS_UNIT_CGROUPS_H
#define PTCPDUMP_TESTS_UNIT_CGROUPS_H

#include "tests/unit/said.h"

#define A     "36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd"
#define B     "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define INIT  1
#define CAROL 4194307

/* @names: of the path, the last one first. */
static inline void told(struct processes *processes, guint16 kind, guint32 hierarchy, guint64 id,
			const char *names, gsize length)
{
	g_autofree struct cgroup_event *event = g_malloc0(sizeof(*event) + length);

	event->kind = kind;
	event->hierarchy = hierarchy;
	event->id = id;
	event->path_length = length;
	if (length)
		memcpy(event->data, names, length);
	containers_apply(processes_containers(processes), event, sizeof(*event) + length);
}

#define CGROUP(processes, hierarchy, id, names) \
	told(processes, CGROUP_NEW, hierarchy, id, names, sizeof(names) - 1)
#define CGROUP_ENDS(processes, hierarchy, id) told(processes, CGROUP_GONE, hierarchy, id, NULL, 0)

#define STARTS(processes, who, ...)                                                            \
	APPLY(processes, PROCESS_EXEC, 10, who, .start = who, PATH("sh\0bin\0"), ARGS("sh\0"), \
	      __VA_ARGS__)

static inline void learn(struct processes *processes, const char *id, const char *runtime,
			 const char *name)
{
	const struct container_details details = {
		.id = id,
		.runtime = runtime,
		.name = name,
		.image = "nginx:1.27",
		.labels = "{\"a\":\"b\"}",
	};

	containers_learn(processes_containers(processes), &details);
}

#endif
