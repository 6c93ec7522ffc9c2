// SPDX-License-Identifier: GPL-2.0-or-later
/* containers.c - the table of containers, and what runtimes say of them */
#include "extcap/identity/containers_state.h"

#include <string.h>

static guint cgroup_hash(gconstpointer data)
{
	const struct cgroup_key *key = data;

	return (guint)key->id * 31 + (guint)(key->id >> 32) + key->hierarchy;
}

static gboolean cgroup_equal(gconstpointer a, gconstpointer b)
{
	const struct cgroup_key *p = a, *q = b;

	return p->id == q->id && p->hierarchy == q->hierarchy;
}

static guint inner_hash(gconstpointer data)
{
	const struct inner *inner = data;

	return inner->mount_ns * 31 + inner->pid_ns;
}

static gboolean inner_equal(gconstpointer a, gconstpointer b)
{
	const struct inner *p = a, *q = b;

	return p->mount_ns == q->mount_ns && p->pid_ns == q->pid_ns;
}

static void inner_free(gpointer data)
{
	struct inner *inner = data;

	container_unref(inner->container);
	g_free(inner);
}

static void network_free(gpointer data)
{
	struct network *network = data;

	cgroup_unref(network->cgroup);
	container_unref(network->container);
	g_free(network);
}

static void free_array(gpointer array)
{
	g_ptr_array_unref(array);
}

struct containers *containers_new(void)
{
	struct containers *containers = g_new0(struct containers, 1);

	containers->cgroups = g_hash_table_new_full(cgroup_hash, cgroup_equal, NULL, cgroup_unref);
	containers->candidates = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_array);
	containers->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, container_unref);
	containers->inner = g_hash_table_new_full(inner_hash, inner_equal, inner_free, NULL);
	containers->networks = g_hash_table_new_full(NULL, NULL, NULL, network_free);
	return containers;
}

void containers_free(struct containers *containers)
{
	if (!containers)
		return;
	g_hash_table_unref(containers->networks);
	g_hash_table_unref(containers->inner);
	g_hash_table_unref(containers->candidates);
	g_hash_table_unref(containers->cgroups);
	g_hash_table_unref(containers->by_id);
	g_free(containers);
}

void containers_select(struct containers *containers, const struct selection *selection,
		       cgroup_notice decided, network_notice network, void *data)
{
	containers->selection = selection;
	containers->decided = decided;
	containers->network_decided = network;
	containers->data = data;
}

struct container *containers_find(const struct containers *containers, const char *id)
{
	return g_hash_table_lookup(containers->by_id, id);
}

void containers_ask(struct containers *containers, container_notice unknown, void *data)
{
	containers->unknown = unknown;
	containers->asked = data;
}

void containers_look(const struct containers *containers, const struct container *container)
{
	if (containers->unknown && !container->is_confirmed)
		containers->unknown(container->id, containers->asked);
}

void containers_ask_processes(struct containers *containers, network_has_older has_older,
			      void *data)
{
	containers->has_older = has_older;
	containers->processes = data;
}

/* A user's own runtime may say anything, of its own containers. */
char *container_key(const char *id, guint32 uid)
{
	return uid ? g_strdup_printf("%s@%u", id, uid) : g_strdup(id);
}

/* The table's own reference is the first. */
struct container *containers_find_or_add(struct containers *containers, const char *id, guint32 uid)
{
	g_autofree char *key = container_key(id, uid);
	struct container *container = containers_find(containers, key);

	if (container)
		return container;
	container = g_new0(struct container, 1);
	container->references = 1;
	container->id = g_strdup(id);
	container->key = g_steal_pointer(&key);
	g_hash_table_insert(containers->by_id, container->key, container);
	return container;
}

/* ---- what runtimes say ---- */

static void replace(char **text, const char *by)
{
	g_free(*text);
	*text = g_strdup(by);
}

void containers_decide(const struct containers *containers, struct container *container)
{
	if (containers->selection)
		container->wanted = containers_wanted(containers, container->id, container, true);
}

void containers_learn(struct containers *containers, const struct container_details *details)
{
	struct container *container = containers_find_or_add(containers, details->id, details->uid);

	container->cut = details->cut;
	container->is_confirmed = container->is_listed = true;
	replace(&container->runtime, details->runtime);
	replace(&container->name, details->name);
	replace(&container->image, details->image);
	replace(&container->labels, details->labels);
	replace(&container->pod_name, details->pod_name);
	replace(&container->pod_namespace, details->pod_namespace);
	replace(&container->pod_uid, details->pod_uid);
	replace(&container->pod_labels, details->pod_labels);
	replace(&container->pod_annotations, details->pod_annotations);
	if (container->comments)
		g_hash_table_remove_all(container->comments);
	containers_decide(containers, container);
	containers_resolve(containers, container->id);
}

static void unlist(gpointer key, gpointer value, gpointer id)
{
	struct container *container = value;

	if (strcmp(container->id, id) == 0)
		container->is_listed = false;
}

/* What was known of it stays true of what is still there of it. */
void containers_forget(struct containers *containers, const char *id)
{
	g_autofree char *wanted = g_strdup(id);

	g_hash_table_foreach(containers->by_id, unlist, wanted);
}

static gboolean nothing_is_left(gpointer id, gpointer value, gpointer data)
{
	const struct container *container = value;

	return container->references == 1 && !container->is_listed;
}

/* Whether somebody older is there is looked at again from time to time. */
static gboolean is_nobodys(gpointer netns, gpointer value, gpointer data)
{
	const struct network *network = value;

	return !network->cgroup && !network->container;
}

void containers_expire(struct containers *containers)
{
	g_hash_table_foreach_remove(containers->networks, is_nobodys, NULL);
	g_hash_table_foreach_remove(containers->by_id, nothing_is_left, NULL);
}

guint containers_matching(const struct containers *containers, const char *prefix)
{
	GHashTableIter each;
	gpointer id;
	guint n = 0;

	g_hash_table_iter_init(&each, containers->by_id);
	while (g_hash_table_iter_next(&each, &id, NULL))
		n += g_str_has_prefix(id, prefix);
	return n;
}
