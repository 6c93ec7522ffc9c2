// SPDX-License-Identifier: GPL-2.0-or-later
/* cri.c - the Kubernetes runtime: containerd's CRI side, CRI-O, cri-dockerd
 *
 * Two lists, of pods and of containers, make one; a pod's addresses have to be asked for one by
 * one, once. There are no events before containerd 1.7 and CRI-O 1.26: there containerd's own, and
 * cgroups that nobody knows, say when to list again.
 */
#include <errno.h>

#include "extcap/names/grpc.h"
#include "extcap/names/runtimes/cri.h"
#include "extcap/names/runtimes/disk.h"
#include "extcap/names/runtimes/kinds.h"

#define METHOD(name) "/runtime.v1.RuntimeService/" name
/* Pods that are asked for their addresses at a time; the next list asks for more. */
#define STATUS_MAX 64

struct cri {
	struct grpc *grpc;
	Cri__ListPodsResponse *pods;
	Cri__ListContainersResponse *containers;
	GHashTable *pods_by_id; /* borrowed from @pods */
	GHashTable *addresses;	/* pod id → char ** */
	GHashTable *asked;	/* a set of struct status */
};

/* A pod that is asked for its addresses. */
struct status {
	struct runtime *runtime;
	char *id;
};

static struct cri *own(struct runtime *runtime)
{
	return runtime_own(runtime, sizeof(struct cri));
}

static void status_free(gpointer data)
{
	struct status *status = data;

	g_free(status->id);
	g_free(status);
}

static void fail(struct runtime *runtime, int status, const char *words)
{
	if (status == GRPC_UNIMPLEMENTED)
		runtime_failed(runtime, -ENOSYS, NULL);
	else
		runtime_failed(runtime, status < 0 ? status : -EPROTO, words);
}

/* --- what is known -------------------------------------------------------------------------- */

static void put_pod(struct runtime *runtime, const Cri__Pod *pod)
{
	struct container *pause =
		cri_pause(pod, g_hash_table_lookup(own(runtime)->addresses, pod->id));

	if (pause)
		runtime_container(runtime, pause);
}

static void put_container(struct runtime *runtime, const Cri__Container *said)
{
	struct cri *cri = own(runtime);
	struct container *container =
		cri_container(said, g_hash_table_lookup(cri->pods_by_id, said->pod_id),
			      g_hash_table_lookup(cri->addresses, said->pod_id));

	if (container)
		runtime_container(runtime, container);
}

/* @pod_id: only what belongs to this pod; NULL: everything */
static void put_all(struct runtime *runtime, const char *pod_id)
{
	struct cri *cri = own(runtime);

	for (size_t i = 0; cri->pods && i < cri->pods->n_items; i++)
		if (!pod_id || g_str_equal(cri->pods->items[i]->id, pod_id))
			put_pod(runtime, cri->pods->items[i]);
	for (size_t i = 0; cri->containers && i < cri->containers->n_containers; i++)
		if (!pod_id || g_str_equal(cri->containers->containers[i]->pod_id, pod_id))
			put_container(runtime, cri->containers->containers[i]);
}

/* --- addresses ------------------------------------------------------------------------------ */

static void status_message(gpointer data, const guint8 *bytes, gsize len)
{
	struct status *status = data;
	char **addresses = cri_addresses(bytes, len);

	if (!addresses)
		return;
	g_hash_table_replace(own(status->runtime)->addresses, g_strdup(status->id), addresses);
	put_all(status->runtime, status->id);
}

static void status_end(gpointer data, int code, const char *words)
{
	struct status *status = data;
	struct runtime *runtime = status->runtime;

	g_hash_table_remove(own(runtime)->asked, status);
	if (code < 0)
		fail(runtime, code, words);
}

static void ask_status(struct runtime *runtime, const char *id)
{
	static const struct grpc_events events = {status_message, status_end};
	struct status *status = g_new0(struct status, 1);
	Cri__PodStatusRequest request = CRI__POD_STATUS_REQUEST__INIT;

	*status = (struct status){runtime, g_strdup(id)};
	g_hash_table_add(own(runtime)->asked, status);
	request.id = status->id;
	grpc_ask(own(runtime)->grpc, METHOD("PodSandboxStatus"), NULL, &request.base,
		 RUNTIME_QUIET_MS, &events, status);
}

static gboolean is_no_pod(gpointer id, gpointer addresses, gpointer data)
{
	return !g_hash_table_contains(data, id);
}

static void ask_addresses(struct runtime *runtime)
{
	struct cri *cri = own(runtime);

	g_hash_table_foreach_remove(cri->addresses, is_no_pod, cri->pods_by_id);
	for (size_t i = 0; cri->pods && i < cri->pods->n_items; i++) {
		const Cri__Pod *pod = cri->pods->items[i];

		if (g_hash_table_size(cri->asked) < STATUS_MAX &&
		    !g_hash_table_contains(cri->addresses, pod->id))
			ask_status(runtime, pod->id);
	}
}

/* --- the lists ------------------------------------------------------------------------------ */

static void forget_pods(struct cri *cri)
{
	g_hash_table_remove_all(cri->pods_by_id);
	if (cri->pods)
		cri__list_pods_response__free_unpacked(g_steal_pointer(&cri->pods), NULL);
}

static void forget_containers(struct cri *cri)
{
	if (cri->containers)
		cri__list_containers_response__free_unpacked(g_steal_pointer(&cri->containers),
							     NULL);
}

static void pods_message(gpointer data, const guint8 *bytes, gsize len)
{
	struct cri *cri = own(data);

	forget_pods(cri);
	cri->pods = (Cri__ListPodsResponse *)grpc_unpack(&cri__list_pods_response__descriptor,
							 bytes, len);
	if (!cri->pods) {
		runtime_failed(data, -EPROTO, "its answer is no list of pods");
		return;
	}
	for (size_t i = 0; i < cri->pods->n_items; i++)
		g_hash_table_insert(cri->pods_by_id, cri->pods->items[i]->id, cri->pods->items[i]);
}

static void containers_message(gpointer data, const guint8 *bytes, gsize len)
{
	struct cri *cri = own(data);

	forget_containers(cri);
	cri->containers = (Cri__ListContainersResponse *)grpc_unpack(
		&cri__list_containers_response__descriptor, bytes, len);
	if (!cri->containers)
		runtime_failed(data, -EPROTO, "its answer is no list of containers");
}

static void pods_end(gpointer data, int status, const char *words)
{
	if (status != GRPC_OK) {
		fail(data, status, words);
		return;
	}
	put_all(data, NULL);
	runtime_listed(data);
	ask_addresses(data);
}

static void containers_end(gpointer data, int status, const char *words)
{
	static const struct grpc_events events = {pods_message, pods_end};
	static const Cri__Nothing nothing = CRI__NOTHING__INIT;

	if (status != GRPC_OK) {
		fail(data, status, words);
		return;
	}
	grpc_ask(own(data)->grpc, METHOD("ListPodSandbox"), NULL, &nothing.base, RUNTIME_QUIET_MS,
		 &events, data);
}

/* Containers first: the pods of all that this list has are in the one that is made after it. */
static void list(struct runtime *runtime)
{
	static const struct grpc_events events = {containers_message, containers_end};
	static const Cri__Nothing nothing = CRI__NOTHING__INIT;

	grpc_ask(own(runtime)->grpc, METHOD("ListContainers"), NULL, &nothing.base,
		 RUNTIME_QUIET_MS, &events, runtime);
}

/* --- events --------------------------------------------------------------------------------- */

static void event_message(gpointer data, const guint8 *bytes, gsize len)
{
	runtime_look(data, NULL, LOOK_FOR_OWN_WORD);
}

static void event_end(gpointer data, int status, const char *words)
{
	/* Of no events the lists do not suffer. */
	if (status != GRPC_UNIMPLEMENTED)
		fail(data, status < 0 ? status : -EPROTO, words);
}

static void watch(struct runtime *runtime)
{
	static const struct grpc_events events = {event_message, event_end};
	static const Cri__Nothing nothing = CRI__NOTHING__INIT;
	struct cri *cri = own(runtime);
	uid_t uid = 0;
	int error = 0;

	cri->grpc = grpc_open(runtime_path(runtime), &uid, &error);
	if (!cri->grpc) {
		runtime_failed(runtime, error, NULL);
		return;
	}
	runtime_of_user(runtime, uid);
	cri->pods_by_id = g_hash_table_new(g_str_hash, g_str_equal);
	cri->addresses =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	cri->asked = g_hash_table_new_full(NULL, NULL, status_free, NULL);
	grpc_ask(cri->grpc, METHOD("GetContainerEvents"), NULL, &nothing.base, 0, &events, runtime);
}

static void close_all(struct runtime *runtime)
{
	struct cri *cri = own(runtime);

	grpc_close(g_steal_pointer(&cri->grpc));
	if (!cri->asked)
		return;
	forget_pods(cri);
	forget_containers(cri);
	g_clear_pointer(&cri->pods_by_id, g_hash_table_unref);
	g_clear_pointer(&cri->addresses, g_hash_table_unref);
	g_clear_pointer(&cri->asked, g_hash_table_unref);
}

const struct runtime_kind cri_kind = {
	.id = NAMES_CRI,
	.title = "The Kubernetes runtime",
	.places = (const char *const[]){"/run/containerd/containerd.sock", "/run/crio/crio.sock",
					"/run/cri-dockerd.sock",
					"/run/k3s/containerd/containerd.sock", NULL},
	.remedy = "only root may ask it; or enable ptcpdump-names.socket",
	.watch = watch,
	.list = list,
	.close = close_all,
};
