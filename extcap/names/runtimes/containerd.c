// SPDX-License-Identifier: GPL-2.0-or-later
/* containerd.c - containerd: of all its namespaces but Docker's, whose containers have no names
 * here */
#include <errno.h>
#include <string.h>

#include "containerd.pb-c.h"
#include "extcap/names/grpc.h"
#include "extcap/names/runtimes/containerd.h"
#include "extcap/names/runtimes/disk.h"
#include "extcap/names/runtimes/kinds.h"

#define NAMESPACES_MAX 64
#define SERVICE(name)  "/containerd.services." name
/* Docker's own, and the Kubernetes runtime's. */
#define MOBY "moby"
#define K8S  "k8s.io"

/* A question that is under way. */
struct question {
	struct runtime *runtime;
	char *name_space;
	bool (*take)(struct runtime *runtime, const guint8 *bytes, gsize len);
	bool of_list;
};

struct containerd {
	struct grpc *grpc;
	GHashTable *questions;
	/* The list that is being made */
	guint waiting; /* answers that are still to come */
	GPtrArray *containers;
	GHashTable *tasks; /* id → struct containerd_task */
};

static struct containerd *own(struct runtime *runtime)
{
	return runtime_own(runtime, sizeof(struct containerd));
}

static void question_free(gpointer data)
{
	struct question *question = data;

	g_free(question->name_space);
	g_free(question);
}

/* --- questions ------------------------------------------------------------------------------ */

static void finish_list(struct runtime *runtime)
{
	struct containerd *daemon = own(runtime);

	while (daemon->containers->len) {
		struct container *container = g_ptr_array_steal_index_fast(daemon->containers, 0);
		const struct containerd_task *task =
			g_hash_table_lookup(daemon->tasks, container->says.id);

		container->says.state = task ? task->state : NAMES_CREATED;
		container->says.pid = task ? task->pid : 0;
		runtime_container(runtime, container);
	}
	g_hash_table_remove_all(daemon->tasks);
	runtime_listed(runtime);
}

static void on_message(gpointer data, const guint8 *bytes, gsize len)
{
	struct question *question = data;

	if (!question->take(question->runtime, bytes, len))
		runtime_failed(question->runtime, -EPROTO, "its answer is no list of containers");
}

static void on_end(gpointer data, int status, const char *words)
{
	struct question *question = data;
	struct runtime *runtime = question->runtime;
	struct containerd *daemon = own(runtime);
	bool of_list = question->of_list;

	g_hash_table_remove(daemon->questions, question);
	if (status == GRPC_UNIMPLEMENTED)
		runtime_failed(runtime, -ENOSYS, NULL);
	else if (status < 0 || (status > 0 && status != GRPC_NOT_FOUND))
		runtime_failed(runtime, status < 0 ? status : -EPROTO, words);
	if (of_list && --daemon->waiting == 0)
		finish_list(runtime);
}

static void ask(struct runtime *runtime, const char *method, const char *name_space,
		const ProtobufCMessage *request, bool of_list,
		bool (*take)(struct runtime *runtime, const guint8 *bytes, gsize len))
{
	static const struct grpc_events events = {on_message, on_end};
	struct containerd *daemon = own(runtime);
	struct question *question = g_new0(struct question, 1);

	*question = (struct question){runtime, g_strdup(name_space), take, of_list};
	g_hash_table_add(daemon->questions, question);
	daemon->waiting += of_list;
	grpc_ask(daemon->grpc, method, question->name_space, request, RUNTIME_QUIET_MS, &events,
		 question);
}

/* --- the list ------------------------------------------------------------------------------- */

static bool take_containers(struct runtime *runtime, const guint8 *bytes, gsize len)
{
	return containerd_containers(bytes, len, own(runtime)->containers);
}

static bool take_tasks(struct runtime *runtime, const guint8 *bytes, gsize len)
{
	return containerd_tasks(bytes, len, own(runtime)->tasks);
}

static bool take_namespaces(struct runtime *runtime, const guint8 *bytes, gsize len)
{
	static const Containerd__Nothing nothing = CONTAINERD__NOTHING__INIT;
	Containerd__ListNamespacesResponse *answer =
		(Containerd__ListNamespacesResponse *)grpc_unpack(
			&containerd__list_namespaces_response__descriptor, bytes, len);

	for (size_t i = 0; answer && i < MIN(answer->n_namespaces, NAMESPACES_MAX); i++) {
		const char *name = answer->namespaces[i]->name;

		if (strcmp(name, MOBY) == 0 || !g_str_is_ascii(name))
			continue;
		ask(runtime, SERVICE("containers.v1.Containers/List"), name, &nothing.base, true,
		    take_containers);
		ask(runtime, SERVICE("tasks.v1.Tasks/List"), name, &nothing.base, true, take_tasks);
	}
	if (answer)
		containerd__list_namespaces_response__free_unpacked(answer, NULL);
	return answer;
}

static void list(struct runtime *runtime)
{
	static const Containerd__Nothing nothing = CONTAINERD__NOTHING__INIT;

	ask(runtime, SERVICE("namespaces.v1.Namespaces/List"), NULL, &nothing.base, true,
	    take_namespaces);
}

/* --- events --------------------------------------------------------------------------------- */

static bool take_container(struct runtime *runtime, const guint8 *bytes, gsize len)
{
	struct container *container = containerd_container(bytes, len);
	const struct container *was;

	if (!container)
		return false;
	was = table_word(runtime_table(runtime), runtime, container->says.id);
	container->says.state = was ? was->says.state : NAMES_CREATED;
	container->says.pid = was ? was->says.pid : 0;
	runtime_container(runtime, container);
	return true;
}

static void describe(struct runtime *runtime, const struct containerd_event *event)
{
	Containerd__GetContainerRequest request = CONTAINERD__GET_CONTAINER_REQUEST__INIT;

	request.id = event->id;
	ask(runtime, SERVICE("containers.v1.Containers/Get"), event->name_space, &request.base,
	    false, take_container);
}

static void event_message(gpointer data, const guint8 *bytes, gsize len)
{
	struct runtime *runtime = data;
	struct containerd_event event = containerd_event(bytes, len);

	if (event.what == CONTAINERD_NOTHING || strcmp(event.name_space, MOBY) == 0 ||
	    !g_str_is_ascii(event.name_space)) {
		containerd_event_clear(&event);
		return;
	}
	if (event.what == CONTAINERD_CHANGED)
		describe(runtime, &event);
	else if (event.what == CONTAINERD_REMOVED)
		runtime_gone(runtime, event.id);
	else
		runtime_state(runtime, event.id, event.state, event.pid);
	/* Before 1.7 its CRI side tells of nothing by itself, and knows a container only some time
	 * after this event: that the container is there is not the end of making it. */
	if (strcmp(event.name_space, K8S) == 0)
		runtime_hint(runtime, NAMES_CRI,
			     event.what == CONTAINERD_REMOVED ? NULL : event.id);
	containerd_event_clear(&event);
}

static void event_end(gpointer data, int status, const char *words)
{
	struct runtime *runtime = data;

	if (status == GRPC_UNIMPLEMENTED)
		runtime_failed(runtime, -ENOSYS, NULL);
	else
		runtime_failed(runtime, status < 0 ? status : -EPROTO, words);
}

static void watch(struct runtime *runtime)
{
	static const struct grpc_events events = {event_message, event_end};
	static char *filters[] = {"topic~=\"^/containers/\"",
				  "topic~=\"^/tasks/(create|start|exit)$\""};
	Containerd__SubscribeRequest request = CONTAINERD__SUBSCRIBE_REQUEST__INIT;
	struct containerd *daemon = own(runtime);
	uid_t uid = 0;
	int error = 0;

	daemon->grpc = grpc_open(runtime_path(runtime), &uid, &error);
	if (!daemon->grpc) {
		runtime_failed(runtime, error, NULL);
		return;
	}
	runtime_of_user(runtime, uid);
	daemon->waiting = 0;
	daemon->questions = g_hash_table_new_full(NULL, NULL, question_free, NULL);
	daemon->containers = g_ptr_array_new_with_free_func((GDestroyNotify)container_free);
	daemon->tasks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	request.filters = filters;
	request.n_filters = G_N_ELEMENTS(filters);
	/* It is silent until something happens, a daemon that hangs likewise: the lists tell. */
	grpc_ask(daemon->grpc, SERVICE("events.v1.Events/Subscribe"), NULL, &request.base, 0,
		 &events, runtime);
}

static void close_all(struct runtime *runtime)
{
	struct containerd *daemon = own(runtime);

	grpc_close(g_steal_pointer(&daemon->grpc));
	g_clear_pointer(&daemon->questions, g_hash_table_unref);
	g_clear_pointer(&daemon->containers, g_ptr_array_unref);
	g_clear_pointer(&daemon->tasks, g_hash_table_unref);
}

const struct runtime_kind containerd_kind = {
	.id = NAMES_CONTAINERD,
	.title = "containerd",
	.places = (const char *const[]){"/run/containerd/containerd.sock",
					"/run/k3s/containerd/containerd.sock", NULL},
	.remedy = "only root may ask it; or enable ptcpdump-names.socket",
	.watch = watch,
	.list = list,
	.close = close_all,
	.read_disk = containerd_read_disk,
};
