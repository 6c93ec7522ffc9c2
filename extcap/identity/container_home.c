// SPDX-License-Identifier: GPL-2.0-or-later
/* container_home.c - references to containers and cgroups, and the container that a process is in
 */
#include "extcap/identity/containers_state.h"

#include <string.h>

struct container *container_ref(struct container *container)
{
	if (container)
		container->references++;
	return container;
}

static void container_free(struct container *container)
{
	char *const texts[] = {
		container->key,
		container->id,
		container->runtime,
		container->name,
		container->image,
		container->labels,
		container->pod_name,
		container->pod_namespace,
		container->pod_uid,
		container->pod_labels,
		container->pod_annotations,
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	if (container->comments)
		g_hash_table_unref(container->comments);
	g_free(container);
}

void container_unref(gpointer data)
{
	struct container *container = data;

	if (container && --container->references == 0)
		container_free(container);
}

struct cgroup *cgroup_ref(struct cgroup *cgroup)
{
	if (cgroup)
		cgroup->references++;
	return cgroup;
}

void cgroup_unref(gpointer data)
{
	struct cgroup *cgroup = data;

	if (!cgroup || --cgroup->references)
		return;
	g_clear_pointer(&cgroup->container, container_unref);
	g_free(cgroup->path);
	g_free(cgroup);
}

void home_clear(struct home *home)
{
	g_clear_pointer(&home->v1, cgroup_unref);
	g_clear_pointer(&home->v2, cgroup_unref);
	g_clear_pointer(&home->by_namespace, container_unref);
}

bool home_equal(const struct home *a, const struct home *b)
{
	return a->v1 == b->v1 && a->v2 == b->v2 && a->by_namespace == b->by_namespace;
}

static struct container *of_cgroup(const struct cgroup *cgroup)
{
	return cgroup ? cgroup->container : NULL;
}

/* Where the hierarchies disagree, the one whose container a runtime knows is right. */
struct container *home_container(const struct home *home)
{
	struct container *v2 = of_cgroup(home->v2), *v1 = of_cgroup(home->v1);

	if (v2 && (v2->is_confirmed || !v1 || !v1->is_confirmed))
		return v2;
	return v1 ? v1 : home->by_namespace;
}

bool home_is_wanted(const struct home *home)
{
	return (home->v2 && home->v2->wanted == CGROUP_WANTED) ||
	       (home->v1 && home->v1->wanted == CGROUP_WANTED) ||
	       (home->by_namespace && home->by_namespace->wanted == CGROUP_WANTED);
}
