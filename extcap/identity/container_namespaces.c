// SPDX-License-Identifier: GPL-2.0-or-later
/* container_namespaces.c - where processes are, and whose a network namespace is */
#include "extcap/identity/containers_state.h"

#include <string.h>

#include "extcap/identity/conmon.h"

static const struct container *of_cgroup(const struct cgroup *cgroup)
{
	return cgroup ? cgroup->container : NULL;
}

struct home containers_home(struct containers *containers, const struct process_event *event)
{
	const struct inner key = {.mount_ns = event->mount_ns, .pid_ns = event->pid_ns};
	const struct inner *inner = g_hash_table_lookup(containers->inner, &key);
	struct home home = {0};

	if (event->cgroup_v1)
		home.v1 = cgroup_ref(containers_find_or_add_cgroup(containers, event->cgroup_v1,
								   event->cgroup_v1_hierarchy));
	if (event->cgroup_v2)
		home.v2 =
			cgroup_ref(containers_find_or_add_cgroup(containers, event->cgroup_v2, 0));
	if (inner && inner->container->population && !home_container(&home))
		home.by_namespace = container_ref(inner->container);
	return home;
}

static gboolean is_inner_of(gpointer key, gpointer value, gpointer container)
{
	return ((const struct inner *)key)->container == container;
}

static void add_inner(struct containers *containers, const struct process_event *event,
		      struct container *container)
{
	struct inner *inner = g_new(struct inner, 1);

	*inner = (struct inner){event->mount_ns, event->pid_ns, container_ref(container)};
	/* It may have been restarted, in other namespaces. */
	g_hash_table_foreach_remove(containers->inner, is_inner_of, container);
	g_hash_table_add(containers->inner, inner);
	/* cppcheck-suppress memleak ; it is the table's */
}

/* conmon's child is the container's first process, where it is in namespaces of its own. */
static void place_by_monitor(struct containers *containers, struct home *home,
			     const struct process_event *event, const char *monitor, guint32 uid)
{
	g_autofree char *id = NULL, *name = NULL;
	struct container *container;

	if (!conmon_parse(monitor, &id, &name))
		return;
	container = containers_find_or_add(containers, id, uid);
	if (!container->runtime)
		container->runtime = g_strdup("podman");
	if (!container->name)
		container->name = g_steal_pointer(&name);
	containers_look(containers, container);
	containers_decide(containers, container);
	add_inner(containers, event, container);
	home->by_namespace = container_ref(container);
}

/* Podman's knows the name, also where no runtime can be asked; CRI-O's has another one for it. */
static void name_by_monitor(struct container *container, const char *monitor)
{
	g_autofree char *id = NULL, *name = NULL;

	if (container->name || g_strcmp0(container->runtime, "podman") != 0 ||
	    !conmon_parse(monitor, &id, &name) || strcmp(id, container->id) != 0)
		return;
	container->name = g_steal_pointer(&name);
	if (container->comments)
		g_hash_table_remove_all(container->comments);
}

static enum cgroup_wanted network_wanted(const struct network *network)
{
	if (network->cgroup)
		return network->cgroup->wanted;
	return network->container ? network->container->wanted : 0;
}

void containers_decide_networks(const struct containers *containers, const struct cgroup *cgroup)
{
	GHashTableIter each;
	gpointer netns, network;

	g_hash_table_iter_init(&each, containers->networks);
	while (g_hash_table_iter_next(&each, &netns, &network))
		if (((struct network *)network)->cgroup == cgroup)
			containers->network_decided(GPOINTER_TO_UINT(netns), cgroup->wanted,
						    containers->data);
}

bool containers_network_is_wanted(const struct containers *containers, guint32 netns)
{
	const struct network *network =
		g_hash_table_lookup(containers->networks, GUINT_TO_POINTER(netns));

	return network && network_wanted(network) == CGROUP_WANTED;
}

static bool has_ended(const struct network *network)
{
	if (network->cgroup)
		return network->cgroup->is_gone || !network->cgroup->population;
	return network->container && !network->container->population;
}

static struct cgroup *cgroup_with_container(const struct home *home)
{
	const struct container *container = home_container(home);

	if (of_cgroup(home->v2) == container)
		return home->v2;
	return of_cgroup(home->v1) == container ? home->v1 : NULL;
}

/* Inode numbers of namespaces are given out again at once: whoever comes to one whose container
 * has ended has another one. */
static void claim_network(struct containers *containers, const struct home *home,
			  const struct process_event *event)
{
	gpointer key = GUINT_TO_POINTER(event->netns);
	struct network *network = g_hash_table_lookup(containers->networks, key);
	struct container *container = home_container(home);

	if (network && has_ended(network)) {
		if (containers->network_decided)
			containers->network_decided(event->netns, 0, containers->data);
		g_hash_table_remove(containers->networks, key);
		network = NULL;
	}
	if (!container || !event->netns || event->netns == containers->machine ||
	    (network && network->start < event->owner.start))
		return;
	network = g_new0(struct network, 1);
	network->start = event->owner.start;
	if (!containers->has_older ||
	    !containers->has_older(event->netns, event->owner.start, containers->processes)) {
		network->cgroup = cgroup_ref(cgroup_with_container(home));
		network->container = network->cgroup ? NULL : container_ref(container);
	}
	g_hash_table_replace(containers->networks, key, network);
	if (containers->network_decided)
		containers->network_decided(event->netns, network_wanted(network),
					    containers->data);
}

void containers_enter(struct containers *containers, struct home *home,
		      const struct process_event *event, const char *monitor, guint32 uid)
{
	if (event->owner.tgid == 1) {
		containers->machine = event->netns;
		g_hash_table_remove(containers->networks, GUINT_TO_POINTER(event->netns));
	}
	if (monitor && !home_container(home))
		place_by_monitor(containers, home, event, monitor, uid);
	else if (monitor)
		name_by_monitor(home_container(home), monitor);
	claim_network(containers, home, event);
	if (home->v1)
		home->v1->population++;
	if (home->v2)
		home->v2->population++;
	if (home->by_namespace)
		home->by_namespace->population++;
}

void containers_leave(const struct home *home)
{
	if (home->v1 && home->v1->population)
		home->v1->population--;
	if (home->v2 && home->v2->population)
		home->v2->population--;
	if (home->by_namespace && home->by_namespace->population)
		home->by_namespace->population--;
}

struct container *containers_of_network(const struct containers *containers, guint32 netns)
{
	const struct network *network =
		g_hash_table_lookup(containers->networks, GUINT_TO_POINTER(netns));

	if (!network)
		return NULL;
	return network->cgroup ? network->cgroup->container : network->container;
}
