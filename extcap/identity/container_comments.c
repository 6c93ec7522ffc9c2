// SPDX-License-Identifier: GPL-2.0-or-later
/* container_comments.c - the comments of a packet's container and pod, encoded once */
#include "extcap/identity/container_comments.h"

#include "extcap/options.h"
#include "extcap/output/pcapng.h"
#include "shared/annotation.h"

#include <string.h>

/* Of a single value. Labels were cut as --label-length says, and are JSON: only what is beyond
 * the longest of those is cut here. */
#define VALUE_MAX 16384

#define BY_NETWORK 0x80000000U

static void comment(GByteArray *out, enum annotation_kind kind, const char *const *values)
{
	g_autoptr(GString) text = g_string_sized_new(256);

	annotation_encode(text, kind, values, VALUE_MAX);
	pcapng_option(out, OPT_COMMENT, text->str, text->len);
}

/* A JSON object; where some labels are left out, with one more that says so. */
static char *json(const char *labels, guint32 cut)
{
	gsize length = labels ? strlen(labels) : 0;
	bool is_empty = length <= 2;

	if (!cut || (!is_empty && labels[length - 1] != '}'))
		return g_strdup(labels ? labels : "{}");
	return g_strdup_printf("%.*s%s\"...\":\"%u left out\"}", is_empty ? 1 : (int)length - 1,
			       is_empty ? "{" : labels, is_empty ? "" : ",", cut);
}

static bool has_pod(const struct container *container)
{
	return container->pod_name || container->pod_uid;
}

static void comment_container(GByteArray *out, const struct container *container)
{
	g_autofree char *labels = json(container->labels, has_pod(container) ? 0 : container->cut);
	const char *values[CONTAINER_VALUES] = {
		[CONTAINER_NAME] = container->name,
		[CONTAINER_ID] = container->id,
		[CONTAINER_IMAGE] = container->image,
		[CONTAINER_LABELS] = labels,
	};

	comment(out, ANNOTATION_CONTAINER, values);
}

static void comment_pod(GByteArray *out, const struct container *container)
{
	g_autofree char *labels = json(container->pod_labels, 0);
	g_autofree char *annotations = json(container->pod_annotations, container->cut);
	const char *values[POD_VALUES] = {
		[POD_NAME] = container->pod_name, [POD_NAMESPACE] = container->pod_namespace,
		[POD_UID] = container->pod_uid,	  [POD_LABELS] = labels,
		[POD_ANNOTATIONS] = annotations,
	};

	comment(out, ANNOTATION_POD, values);
}

static void comment_by_network(GByteArray *out)
{
	const char *values[BY_VALUES] = {[BY_IS] = "network"};

	comment(out, ANNOTATION_BY, values);
}

static GByteArray *encode(const struct container *container, guint32 context)
{
	GByteArray *out = g_byte_array_new();

	if (context & CONTEXT_CONTAINER)
		comment_container(out, container);
	if (context & CONTEXT_POD && has_pod(container))
		comment_pod(out, container);
	if (context & BY_NETWORK && out->len)
		comment_by_network(out);
	return out;
}

static void free_bytes(gpointer bytes)
{
	g_byte_array_unref(bytes);
}

const GByteArray *container_comments(struct container *container, guint32 context, bool by_network)
{
	gpointer key;
	GByteArray *bytes;

	context &= CONTEXT_CONTAINER | CONTEXT_POD;
	context |= by_network ? BY_NETWORK : 0;
	key = GUINT_TO_POINTER(context);
	if (!container->comments)
		container->comments = g_hash_table_new_full(NULL, NULL, NULL, free_bytes);
	bytes = g_hash_table_lookup(container->comments, key);
	if (!bytes) {
		bytes = encode(container, context);
		g_hash_table_insert(container->comments, key, bytes);
	}
	return bytes;
}
