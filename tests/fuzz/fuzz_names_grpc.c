// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_names_grpc.c - what containerd or a Kubernetes runtime may answer: any bytes as each message
 *
 * The first byte says which. What is made of it can be told to a client.
 */
#include "extcap/names/grpc.h"
#include "extcap/names/runtimes/containerd.h"
#include "extcap/names/runtimes/cri.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(struct container *container)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct frame frame;

	if (!container)
		return;
	container_pod_from_labels(container);
	container_encode(bytes, container, 4096);
	container_free(container);
	g_assert_cmpint(frame_take(bytes->data, bytes->len, &frame), ==, bytes->len);
	frame_clear(&frame);
}

static void containers(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();

	containerd_containers(data, size, found);
	for (guint i = 0; i < found->len; i++)
		tell(found->pdata[i]);
	tell(containerd_container(data, size));
}

static void tasks(const uint8_t *data, size_t size)
{
	g_autoptr(GHashTable) found =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	containerd_tasks(data, size, found);
}

static void event(const uint8_t *data, size_t size)
{
	struct containerd_event said = containerd_event(data, size);

	g_assert_true(said.what == CONTAINERD_NOTHING || (said.id && said.name_space));
	containerd_event_clear(&said);
}

static void pods(const uint8_t *data, size_t size)
{
	static char *const addresses[] = {"10.0.0.1", "nonsense", NULL};
	Cri__ListPodsResponse *list = (Cri__ListPodsResponse *)grpc_unpack(
		&cri__list_pods_response__descriptor, data, size);
	Cri__ListContainersResponse *in = (Cri__ListContainersResponse *)grpc_unpack(
		&cri__list_containers_response__descriptor, data, size);

	for (size_t i = 0; list && i < list->n_items; i++)
		tell(cri_pause(list->items[i], addresses));
	for (size_t i = 0; in && i < in->n_containers; i++)
		tell(cri_container(in->containers[i], list && list->n_items ? list->items[0] : NULL,
				   addresses));
	if (list)
		cri__list_pods_response__free_unpacked(list, NULL);
	if (in)
		cri__list_containers_response__free_unpacked(in, NULL);
}

static void status(const uint8_t *data, size_t size)
{
	g_strfreev(cri_addresses(data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const kinds[])(const uint8_t *data, size_t size) = {containers, tasks, event,
									  pods, status};

	if (size)
		kinds[data[0] % G_N_ELEMENTS(kinds)](data + 1, size - 1);
	return 0;
}
