// SPDX-License-Identifier: GPL-2.0-or-later
/* container.c - a container as a runtime has told of it, within ptcpdump-names */
#include "extcap/names/container.h"

#include <arpa/inet.h>
#include <string.h>

#include "shared/labels.h"

/* Bytes of one set of labels that are kept; Docker took 5 MB of them. */
#define SET_MAX	      (256 * 1024)
#define ADDRESSES_MAX 16

/* A whole manifest, which says nothing of the pod that the others do not. */
#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

static bool is_id(const char *id)
{
	gsize len = strlen(id);

	if (len == 0 || len > NAMES_ID_MAX || *id == '.')
		return false;
	for (const char *at = id; *at; at++)
		if (!g_ascii_isalnum(*at) && !strchr("_.-", *at))
			return false;
	return true;
}

struct container *container_new(const char *id)
{
	struct container *container;

	if (!id || !is_id(id))
		return NULL;
	container = g_new0(struct container, 1);
	container->says.id = g_strdup(id);
	return container;
}

static void clear_set(struct label_set *set)
{
	g_clear_pointer(&set->keys, g_ptr_array_unref);
	g_clear_pointer(&set->values, g_ptr_array_unref);
}

void container_free(struct container *container)
{
	struct frame frame = {0};

	if (!container)
		return;
	frame.container = container->says;
	frame_clear(&frame);
	clear_set(&container->labels);
	clear_set(&container->pod_labels);
	clear_set(&container->pod_annotations);
	g_free(container);
}

void container_text(char **place, const char *text)
{
	if (!text || !*text)
		return;
	g_free(*place);
	*place = g_strdup(text);
}

void container_created(struct container *container, gint64 seconds)
{
	container->says.created = (guint64)MAX(seconds, 0);
}

void container_label(struct label_set *set, const char *key, const char *value)
{
	gsize size = strlen(key) + strlen(value);

	if (strcmp(key, LAST_APPLIED) == 0)
		return;
	if (set->size + size > SET_MAX) {
		set->cut++;
		return;
	}
	if (!set->keys) {
		set->keys = g_ptr_array_new_with_free_func(g_free);
		set->values = g_ptr_array_new_with_free_func(g_free);
	}
	g_ptr_array_add(set->keys, g_strdup(key));
	g_ptr_array_add(set->values, g_strdup(value));
	set->size += size;
}

void container_address(struct container *container, const char *address)
{
	char **old = container->says.addresses;
	guint count = old ? g_strv_length(old) : 0;
	guint8 bytes[sizeof(struct in6_addr)];
	char *alone;

	if (!address || count >= ADDRESSES_MAX)
		return;
	alone = g_strndup(address, strcspn(address, "/"));
	if ((inet_pton(AF_INET, alone, bytes) != 1 && inet_pton(AF_INET6, alone, bytes) != 1) ||
	    (old && g_strv_contains((const char *const *)old, alone))) {
		g_free(alone);
		return;
	}
	container->says.addresses = g_renew(char *, old, count + 2);
	container->says.addresses[count] = alone;
	container->says.addresses[count + 1] = NULL;
}

void container_pod_from_labels(struct container *container)
{
	const struct label_set *set = &container->labels;
	struct names_container *says = &container->says;
	const struct {
		const char *key;
		char **place;
	} pod[] = {
		{"io.kubernetes.pod.name", &says->pod_name},
		{"io.kubernetes.pod.namespace", &says->pod_namespace},
		{"io.kubernetes.pod.uid", &says->pod_uid},
	};

	for (guint i = 0; set->keys && i < set->keys->len; i++)
		for (gsize j = 0; j < G_N_ELEMENTS(pod); j++)
			if (!*pod[j].place && strcmp(set->keys->pdata[i], pod[j].key) == 0)
				container_text(pod[j].place, set->values->pdata[i]);
}

static char *encode_set(const struct label_set *set, guint32 max, guint32 *cut)
{
	GString *json;

	*cut += set->cut;
	if (!set->keys || max < 2)
		return NULL;
	json = g_string_new(NULL);
	*cut += labels_encode(json, (const char *const *)set->keys->pdata,
			      (const char *const *)set->values->pdata, set->keys->len, max);
	return g_string_free(json, FALSE);
}

void container_encode(GByteArray *out, const struct container *container, guint32 label_max)
{
	struct frame frame = {.type = FRAME_CONTAINER, .container = container->says};
	struct names_container *says = &frame.container;
	guint32 cut = 0;

	says->labels = encode_set(&container->labels, label_max, &cut);
	says->pod_labels = encode_set(&container->pod_labels, label_max, &cut);
	says->pod_annotations = encode_set(&container->pod_annotations, label_max, &cut);
	says->cut = cut;
	frame_append(out, &frame);
	g_free(says->labels);
	g_free(says->pod_labels);
	g_free(says->pod_annotations);
}
