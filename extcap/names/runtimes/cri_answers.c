// SPDX-License-Identifier: GPL-2.0-or-later
/* cri_answers.c - what the Kubernetes runtime's answers mean */
#include "extcap/names/runtimes/cri.h"

#include "extcap/names/grpc.h"

#define POD_READY     0
#define NETWORK_HOST  2
#define NS_PER_SECOND 1000000000

static void take_labels(struct label_set *set, Cri__Label *const *labels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		g_autofree char *key = grpc_text(&labels[i]->key);
		g_autofree char *value = grpc_text(&labels[i]->value);

		if (key && value)
			container_label(set, key, value);
	}
}

static void take_pod(struct container *container, const Cri__Pod *pod, char *const *addresses)
{
	if (!pod)
		return;
	container_text(&container->says.pod_id, pod->id);
	if (pod->metadata) {
		container_text(&container->says.pod_name, pod->metadata->name);
		container_text(&container->says.pod_namespace, pod->metadata->namespace_name);
		container_text(&container->says.pod_uid, pod->metadata->uid);
	}
	take_labels(&container->pod_labels, pod->labels, pod->n_labels);
	take_labels(&container->pod_annotations, pod->annotations, pod->n_annotations);
	for (; addresses && *addresses; addresses++)
		container_address(container, *addresses);
}

struct container *cri_pause(const Cri__Pod *pod, char *const *addresses)
{
	struct container *container = container_new(pod->id);

	if (!container)
		return NULL;
	container->says.pause = true;
	container->says.state = pod->state == POD_READY ? NAMES_RUNNING : NAMES_ENDED;
	container_created(container, pod->created_at / NS_PER_SECOND);
	take_pod(container, pod, addresses);
	return container;
}

static enum names_state state_of(guint32 state)
{
	static const enum names_state states[] = {NAMES_CREATED, NAMES_RUNNING, NAMES_ENDED,
						  NAMES_STATE_UNKNOWN};

	return state < G_N_ELEMENTS(states) ? states[state] : NAMES_STATE_UNKNOWN;
}

struct container *cri_container(const Cri__Container *said, const Cri__Pod *pod,
				char *const *addresses)
{
	struct container *container = container_new(said->id);

	if (!container)
		return NULL;
	container->says.state = state_of(said->state);
	container_created(container, said->created_at / NS_PER_SECOND);
	container_text(&container->says.name, said->metadata ? said->metadata->name : NULL);
	if (said->image) {
		container_text(&container->says.image, said->image->image);
		container_text(&container->says.image, said->image->user_specified);
	}
	take_labels(&container->labels, said->labels, said->n_labels);
	container_text(&container->says.pod_id, said->pod_id);
	take_pod(container, pod, addresses);
	return container;
}

static bool is_hosts(const Cri__PodStatus *status)
{
	const Cri__Namespaces *spaces = status->on_linux ? status->on_linux->namespaces : NULL;

	return spaces && spaces->options && spaces->options->network == NETWORK_HOST;
}

char **cri_addresses(const guint8 *bytes, gsize len)
{
	Cri__PodStatusResponse *answer = (Cri__PodStatusResponse *)grpc_unpack(
		&cri__pod_status_response__descriptor, bytes, len);
	GPtrArray *addresses = g_ptr_array_new();
	const Cri__Network *network = NULL;

	if (answer && answer->status && !is_hosts(answer->status))
		network = answer->status->network;
	if (network && *network->ip)
		g_ptr_array_add(addresses, g_strdup(network->ip));
	for (size_t i = 0; network && i < MIN(network->n_additional_ips, 15); i++)
		g_ptr_array_add(addresses, g_strdup(network->additional_ips[i]->ip));
	g_ptr_array_add(addresses, NULL);
	if (!answer) {
		g_ptr_array_free(addresses, TRUE);
		return NULL;
	}
	cri__pod_status_response__free_unpacked(answer, NULL);
	return (char **)g_ptr_array_free(addresses, FALSE);
}
