// SPDX-License-Identifier: GPL-2.0-or-later
/* containerd_answers.c - what containerd's answers mean */
#include "extcap/names/runtimes/containerd.h"

#include <string.h>

#include "containerd.pb-c.h"
#include "extcap/names/grpc.h"

/* What nerdctl and the Kubernetes runtime write; ctr's containers have an id and no name. */
static void take_label(struct container *container, const Containerd__Label *label)
{
	g_autofree char *key = grpc_text(&label->key);
	g_autofree char *value = grpc_text(&label->value);

	if (!key || !value)
		return;
	container_label(&container->labels, key, value);
	if (strcmp(key, "nerdctl/name") == 0 || strcmp(key, "io.kubernetes.container.name") == 0)
		container_text(&container->says.name, value);
	if (strcmp(key, "io.cri-containerd.kind") == 0 && strcmp(value, "sandbox") == 0) {
		container->says.pause = true;
		container_text(&container->says.pod_id, container->says.id);
	}
}

static struct container *container_of(const Containerd__Container *said)
{
	struct container *container = container_new(said->id);

	if (!container)
		return NULL;
	container_text(&container->says.image, said->image);
	if (said->created_at)
		container_created(container, said->created_at->seconds);
	for (size_t i = 0; i < said->n_labels; i++)
		take_label(container, said->labels[i]);
	return container;
}

bool containerd_containers(const guint8 *bytes, gsize len, GPtrArray *out)
{
	Containerd__ListContainersResponse *answer =
		(Containerd__ListContainersResponse *)grpc_unpack(
			&containerd__list_containers_response__descriptor, bytes, len);

	for (size_t i = 0; answer && i < answer->n_containers; i++) {
		struct container *container = container_of(answer->containers[i]);

		if (container)
			g_ptr_array_add(out, container);
	}
	if (answer)
		containerd__list_containers_response__free_unpacked(answer, NULL);
	return answer;
}

struct container *containerd_container(const guint8 *bytes, gsize len)
{
	Containerd__GetContainerResponse *answer = (Containerd__GetContainerResponse *)grpc_unpack(
		&containerd__get_container_response__descriptor, bytes, len);
	struct container *container = NULL;

	if (answer && answer->container)
		container = container_of(answer->container);
	if (answer)
		containerd__get_container_response__free_unpacked(answer, NULL);
	return container;
}

static enum names_state state_of(guint32 status)
{
	static const enum names_state states[] = {NAMES_STATE_UNKNOWN, NAMES_CREATED,
						  NAMES_RUNNING,       NAMES_ENDED,
						  NAMES_RUNNING,       NAMES_RUNNING};

	return status < G_N_ELEMENTS(states) ? states[status] : NAMES_STATE_UNKNOWN;
}

bool containerd_tasks(const guint8 *bytes, gsize len, GHashTable *out)
{
	Containerd__ListTasksResponse *answer = (Containerd__ListTasksResponse *)grpc_unpack(
		&containerd__list_tasks_response__descriptor, bytes, len);

	for (size_t i = 0; answer && i < answer->n_tasks; i++) {
		const Containerd__Process *said = answer->tasks[i];
		struct containerd_task *task = g_new0(struct containerd_task, 1);

		task->state = state_of(said->status);
		task->pid = said->pid <= G_MAXINT32 ? (pid_t)said->pid : 0;
		g_hash_table_replace(out, g_strdup(*said->id ? said->id : said->container_id),
				     task);
	}
	if (answer)
		containerd__list_tasks_response__free_unpacked(answer, NULL);
	return answer;
}

/* --- events --------------------------------------------------------------------------------- */

/* The messages of events differ in their numbers; of each the id is taken, the pid where there
 * is one. */
static void take_container_event(struct containerd_event *event, const ProtobufCBinaryData *value)
{
	Containerd__ContainerEvent *said = (Containerd__ContainerEvent *)grpc_unpack(
		&containerd__container_event__descriptor, value->data, value->len);

	if (said)
		event->id = g_strdup(said->id);
	if (said)
		containerd__container_event__free_unpacked(said, NULL);
}

static void take_task_create(struct containerd_event *event, const ProtobufCBinaryData *value)
{
	Containerd__TaskCreate *said = (Containerd__TaskCreate *)grpc_unpack(
		&containerd__task_create__descriptor, value->data, value->len);

	if (!said)
		return;
	event->id = g_strdup(said->container_id);
	event->state = NAMES_CREATED;
	event->pid = said->pid <= G_MAXINT32 ? (pid_t)said->pid : 0;
	containerd__task_create__free_unpacked(said, NULL);
}

static void take_task_start(struct containerd_event *event, const ProtobufCBinaryData *value)
{
	Containerd__TaskStart *said = (Containerd__TaskStart *)grpc_unpack(
		&containerd__task_start__descriptor, value->data, value->len);

	if (!said)
		return;
	event->id = g_strdup(said->container_id);
	event->state = NAMES_RUNNING;
	event->pid = said->pid <= G_MAXINT32 ? (pid_t)said->pid : 0;
	containerd__task_start__free_unpacked(said, NULL);
}

/* Of the container's first process, not of one that was executed in it. */
static void take_task_exit(struct containerd_event *event, const ProtobufCBinaryData *value)
{
	Containerd__TaskExit *said = (Containerd__TaskExit *)grpc_unpack(
		&containerd__task_exit__descriptor, value->data, value->len);

	if (said && strcmp(said->id, said->container_id) == 0) {
		event->id = g_strdup(said->container_id);
		event->state = NAMES_ENDED;
	}
	if (said)
		containerd__task_exit__free_unpacked(said, NULL);
}

struct containerd_event containerd_event(const guint8 *bytes, gsize len)
{
	static const struct {
		const char *topic;
		int what;
		void (*take)(struct containerd_event *event, const ProtobufCBinaryData *value);
	} topics[] = {
		{"/containers/create", CONTAINERD_CHANGED, take_container_event},
		{"/containers/update", CONTAINERD_CHANGED, take_container_event},
		{"/containers/delete", CONTAINERD_REMOVED, take_container_event},
		{"/tasks/create", CONTAINERD_STATE, take_task_create},
		{"/tasks/start", CONTAINERD_STATE, take_task_start},
		{"/tasks/exit", CONTAINERD_STATE, take_task_exit},
	};
	Containerd__Envelope *said =
		(Containerd__Envelope *)grpc_unpack(&containerd__envelope__descriptor, bytes, len);
	struct containerd_event event = {.what = CONTAINERD_NOTHING};

	for (gsize i = 0; said && said->event && i < G_N_ELEMENTS(topics); i++) {
		if (strcmp(said->topic, topics[i].topic) != 0)
			continue;
		topics[i].take(&event, &said->event->value);
		event.name_space = g_strdup(said->namespace_name);
		if (event.id && *event.id)
			event.what = topics[i].what;
	}
	if (said)
		containerd__envelope__free_unpacked(said, NULL);
	return event;
}

void containerd_event_clear(struct containerd_event *event)
{
	g_clear_pointer(&event->name_space, g_free);
	g_clear_pointer(&event->id, g_free);
}
