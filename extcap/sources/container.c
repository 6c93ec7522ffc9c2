// SPDX-License-Identifier: GPL-2.0-or-later
/* container.c - the sources "ptcpdump.container.ID" and "ptcpdump.pod.NAMESPACE.NAME", and
 * "ptcpdump.container" and "ptcpdump.pod", which are any others
 *
 * Theory of operation
 * ptcpdump-names knows which there are, or what a runtime said last where that does not
 * answer at once. A container goes by the first twelve digits of its id, or by the whole one
 * where that is a word; a source names it whether or not it runs, for it may start again.
 */
#include "extcap/sources/container.h"

#include "extcap/names/client.h"
#include "extcap/sentence.h"
#include "extcap/sources/source.h"

#include <pcap/dlt.h>
#include <string.h>

#define CONTAINER_PREFIX "ptcpdump.container."
#define POD_PREFIX	 "ptcpdump.pod."

/* More of them make no list that anybody reads, and cost Wireshark 11 ms each. */
#define LISTED 10
/* In all, also where daemons hang. */
#define WAIT_MS 250

#define SHORT_ID 12

static bool is_hex(const char *id)
{
	return strspn(id, "0123456789abcdef") == strlen(id);
}

/* Asked for once by each process of ours: the list has containers and pods. */
static const GPtrArray *containers_there(void)
{
	static const struct names_options usual = {.label_max = 2};
	static GPtrArray *there;

	if (!there)
		there = names_list(&usual, WAIT_MS);
	return there;
}

/* The youngest first. When it was made every runtime's list tells; its process, which may be of
 * another pid namespace, or dead by now, not every one does. */
static gint by_age(gconstpointer left, gconstpointer right)
{
	const struct names_container *a = *(struct names_container *const *)left;
	const struct names_container *b = *(struct names_container *const *)right;

	if (a->created != b->created)
		return a->created > b->created ? -1 : 1;
	return strcmp(a->id, b->id);
}

static GPtrArray *running_ones(void)
{
	const GPtrArray *there = containers_there();
	GPtrArray *running = g_ptr_array_new();

	for (guint i = 0; i < there->len; i++) {
		struct names_container *it = g_ptr_array_index(there, i);

		if (it->state == NAMES_RUNNING && sentence_is_name(it->id))
			g_ptr_array_add(running, it);
	}
	g_ptr_array_sort(running, by_age);
	return running;
}

/* "web, nginx:1.27, docker" */
static char *container_display(const struct names_container *container)
{
	g_autofree char *id = g_strndup(container->id, SHORT_ID);

	return g_strconcat(container->name && *container->name ? container->name : id,
			   container->image ? ", " : "", container->image ? container->image : "",
			   ", ", names_runtime_name(container->runtime), NULL);
}

static char *container_source(const struct names_container *container)
{
	const char *id = container->id;

	if (is_hex(id) && strlen(id) > SHORT_ID)
		return g_strdup_printf(CONTAINER_PREFIX "%.*s", SHORT_ID, id);
	return g_strconcat(CONTAINER_PREFIX, id, NULL);
}

/* Tells of the first few, by their sources or by what the dialog passes. */
static void tell_containers(bool as_source, process_found found, void *data)
{
	g_autoptr(GPtrArray) running = running_ones();
	guint told = 0;

	for (guint i = 0; i < running->len && told < LISTED; i++) {
		const struct names_container *container = g_ptr_array_index(running, i);
		g_autofree char *display = container_display(container);
		g_autofree char *source = container_source(container);

		if (container->pause)
			continue;
		found(as_source ? source : container->id, display, data);
		told++;
	}
}

static bool is_pod(const struct names_container *container)
{
	return container->pod_name && container->pod_namespace &&
	       sentence_is_name(container->pod_name) && sentence_is_name(container->pod_namespace);
}

static void tell_pods(bool as_source, process_found found, void *data)
{
	g_autoptr(GPtrArray) running = running_ones();
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < running->len && g_hash_table_size(told) < LISTED; i++) {
		const struct names_container *it = g_ptr_array_index(running, i);
		char *source;
		g_autofree char *value = NULL, *display = NULL;

		if (!is_pod(it))
			continue;
		source = g_strconcat(POD_PREFIX, it->pod_namespace, ".", it->pod_name, NULL);
		value = g_strconcat(it->pod_name, ".", it->pod_namespace, NULL);
		display = g_strconcat(it->pod_namespace, "/", it->pod_name, NULL);
		if (g_hash_table_contains(told, source))
			g_free(source);
		else if (g_hash_table_add(told, source))
			found(as_source ? source : value, display, data);
	}
}

void container_offer(process_found found, void *data)
{
	tell_containers(false, found, data);
}

void pod_offer(process_found found, void *data)
{
	tell_pods(false, found, data);
}

static void container_list(source_found found, void *data)
{
	tell_containers(true, found, data);
}

static void pod_list(source_found found, void *data)
{
	tell_pods(true, found, data);
}

static void any_container_list(source_found found, void *data)
{
	found("ptcpdump.container", "Another container", data);
}

static void any_pod_list(source_found found, void *data)
{
	found("ptcpdump.pod", "Another pod", data);
}

static bool keep(const char *which, struct source *source, GError **error)
{
	if (*which && strlen(which) < sizeof(source->which)) {
		g_strlcpy(source->which, which, sizeof(source->which));
		return true;
	}
	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture from it: the name after the last dot is missing or too long; "
		    "\"tshark -D\" lists containers and pods.");
	return false;
}

static bool container_parse(const char *which, struct source *source, GError **error)
{
	return keep(which, source, error);
}

/* A namespace's name has no dot (it is a label of the DNS's); a pod's may have. */
static bool pod_parse(const char *which, struct source *source, GError **error)
{
	const char *dot = strchr(which, '.');
	g_autofree char *pod = NULL;

	if (!dot || dot == which || !dot[1]) {
		g_autofree char *seen = sentence_printable(which, 60);

		g_set_error(error, SOURCE_ERROR, 0,
			    "cannot capture from the pod \"%s\": a pod is NAMESPACE.NAME here; "
			    "\"tshark -D\" lists those that run.",
			    seen);
		return false;
	}
	pod = g_strdup_printf("%s.%.*s", dot + 1, (int)(dot - which), which);
	return keep(pod, source, error);
}

static bool any_parse(const char *which, struct source *source, GError **error)
{
	return true;
}

static int ethernet(const char *which)
{
	return DLT_EN10MB; /* of most; the others say so in their interface block */
}

const struct source_class source_container = {
	.name = CONTAINER_PREFIX,
	.parse = container_parse,
	.list = container_list,
	.list_is_slow = true,
	.link_type = ethernet,
};

const struct source_class source_any_container = {
	.name = "ptcpdump.container",
	.lasting = true,
	.parse = any_parse,
	.list = any_container_list,
	.link_type = ethernet,
};

const struct source_class source_pod = {
	.name = POD_PREFIX,
	.parse = pod_parse,
	.list = pod_list,
	.list_is_slow = true,
	.link_type = ethernet,
};

const struct source_class source_any_pod = {
	.name = "ptcpdump.pod",
	.lasting = true,
	.parse = any_parse,
	.list = any_pod_list,
	.link_type = ethernet,
};
