// SPDX-License-Identifier: GPL-2.0-or-later
/* containers.c - containers, by the cgroups that processes are in */
#include "extcap/identity/containers.h"

#include <string.h>

#include "extcap/identity/cgroup_path.h"
#include "extcap/identity/conmon.h"

/* The mount and the pid namespace: a key of a table. */
struct inner {
	guint32 mount_ns, pid_ns;
	struct container *container;
};

/* Whose a network namespace is: of its processes that are in containers, the oldest's. */
struct network {
	struct cgroup *cgroup; /* else: */
	struct container *container;
	guint64 start; /* of that process */
};

struct containers {
	const struct selection *selection; /* NULL: nobody is selected */
	cgroup_notice decided;
	void *data;
	GHashTable *cgroups;	/* struct cgroup, by itself: (hierarchy, id) */
	GHashTable *candidates; /* char * -> GPtrArray of cgroups, borrowed: which may be its */
	GHashTable *by_id;	/* char * -> struct container */
	GHashTable *inner;	/* struct inner, by itself */
	GHashTable *networks;	/* inode number -> struct network */
	guint32 machine;	/* network namespace of process 1 */
};

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

/* ---- references ---- */

static struct container *container_ref(struct container *container)
{
	if (container)
		container->references++;
	return container;
}

static void container_unref(gpointer data)
{
	struct container *container = data;
	char **texts[] = {
		&container->id,		&container->runtime,	     &container->namespace,
		&container->name,	&container->image,	     &container->labels,
		&container->pod_name,	&container->pod_namespace,   &container->pod_uid,
		&container->pod_labels, &container->pod_annotations,
	};

	if (!container || --container->references)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*texts[i]);
	if (container->comments)
		g_hash_table_unref(container->comments);
	g_free(container);
}

static struct cgroup *cgroup_ref(struct cgroup *cgroup)
{
	if (cgroup)
		cgroup->references++;
	return cgroup;
}

static void cgroup_unref(gpointer data)
{
	struct cgroup *cgroup = data;

	if (!cgroup || --cgroup->references)
		return;
	g_clear_pointer(&cgroup->container, container_unref);
	g_free(cgroup->path);
	g_free(cgroup);
}

struct home home_ref(const struct home *home)
{
	cgroup_ref(home->v1);
	cgroup_ref(home->v2);
	container_ref(home->by_namespace);
	return *home;
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

/* ---- the table ---- */

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
		       cgroup_notice decided, void *data)
{
	containers->selection = selection;
	containers->decided = decided;
	containers->data = data;
}

struct container *containers_find(const struct containers *containers, const char *id)
{
	return g_hash_table_lookup(containers->by_id, id);
}

/* The table's own reference is the first. */
static struct container *find_or_add(struct containers *containers, const char *id)
{
	struct container *container = containers_find(containers, id);

	if (container)
		return container;
	container = g_new0(struct container, 1);
	container->references = 1;
	container->id = g_strdup(id);
	g_hash_table_insert(containers->by_id, container->id, container);
	return container;
}

/* ---- of which container a cgroup is ---- */

/* A name that is no id of 64 digits may be anybody's: it counts in containerd's own folder. */
static bool confirms(const struct container *container, const struct cgroup_candidate *candidate)
{
	const char *folder = container->namespace;
	gsize length = folder ? strlen(folder) : 0;

	if (!container->is_confirmed)
		return false;
	if (candidate->well_formed)
		return true;
	return length && candidate->parent_length == length &&
	       memcmp(candidate->parent, folder, length) == 0;
}

static void take_hints(struct container *container, const struct cgroup_candidate *candidate)
{
	if (!container->runtime && candidate->runtime)
		container->runtime = g_strdup(candidate->runtime);
	if (!container->pod_uid && candidate->pod[0])
		container->pod_uid = g_strdup(candidate->pod);
}

/* What a selection says of one component; of a name, the runtime may still have to tell. */
static enum cgroup_wanted wanted_as(const struct containers *containers, const char *id,
				    const struct container *container, bool well_formed)
{
	const struct selection *selection = containers->selection;
	bool is_known = container && container->is_confirmed;

	if ((well_formed || is_known) && selection_has_container_id(selection, id))
		return CGROUP_WANTED;
	if (is_known)
		return selection_has_container(selection, container->name, container->pod_name,
					       container->pod_namespace)
			       ? CGROUP_WANTED
			       : 0;
	return well_formed && selection_by_container_name(selection) ? CGROUP_UNDECIDED : 0;
}

/* Either of them: wanted is more than undecided, which is more than not. */
static enum cgroup_wanted more_wanted(enum cgroup_wanted a, enum cgroup_wanted b)
{
	if (a == CGROUP_WANTED || b == CGROUP_WANTED)
		return CGROUP_WANTED;
	return a ? a : b;
}

static void decide(struct containers *containers, struct cgroup *cgroup, enum cgroup_wanted wanted)
{
	cgroup->wanted = wanted;
	if (containers->decided)
		containers->decided(cgroup, containers->data);
}

/* The deepest that a runtime confirms, else the deepest that looks like one; wanted is what is
 * in a wanted one, however deep. */
static void resolve(struct containers *containers, struct cgroup *cgroup)
{
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];
	guint n = cgroup_path_parse(cgroup->path, candidates);
	const struct cgroup_candidate *best = NULL;
	bool is_confirmed = false;
	enum cgroup_wanted wanted = 0;

	for (guint i = 0; i < n; i++) {
		g_autofree char *id = g_strndup(candidates[i].id, candidates[i].length);
		struct container *container = containers_find(containers, id);
		bool confirmed = container && confirms(container, &candidates[i]);

		if (!candidates[i].well_formed && !confirmed)
			continue;
		if (!best || (confirmed && !is_confirmed))
			best = &candidates[i];
		is_confirmed = is_confirmed || confirmed;
		if (containers->selection)
			wanted = more_wanted(wanted, wanted_as(containers, id, container,
							       candidates[i].well_formed));
	}
	g_clear_pointer(&cgroup->container, container_unref);
	if (best) {
		g_autofree char *id = g_strndup(best->id, best->length);

		cgroup->container = container_ref(find_or_add(containers, id));
		take_hints(cgroup->container, best);
	}
	decide(containers, cgroup, wanted);
}

/* Each component's id leads to the cgroup, for the day on which a runtime tells of it. */
static void index_candidates(struct containers *containers, struct cgroup *cgroup, bool add)
{
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];
	guint n = cgroup->path ? cgroup_path_parse(cgroup->path, candidates) : 0;

	for (guint i = 0; i < n; i++) {
		g_autofree char *id = g_strndup(candidates[i].id, candidates[i].length);
		GPtrArray *cgroups = g_hash_table_lookup(containers->candidates, id);

		if (add && !cgroups) {
			cgroups = g_ptr_array_new();
			g_hash_table_insert(containers->candidates, g_strdup(id), cgroups);
		}
		if (add)
			g_ptr_array_add(cgroups, cgroup);
		else if (cgroups && g_ptr_array_remove_fast(cgroups, cgroup) && !cgroups->len)
			g_hash_table_remove(containers->candidates, id);
	}
}

static void resolve_again(struct containers *containers, const char *id)
{
	const GPtrArray *cgroups = g_hash_table_lookup(containers->candidates, id);

	for (guint i = 0; cgroups && i < cgroups->len; i++)
		resolve(containers, g_ptr_array_index(cgroups, i));
}

/* ---- records ---- */

static struct cgroup *find_or_add_cgroup(struct containers *containers, guint64 id,
					 guint32 hierarchy)
{
	const struct cgroup_key key = {.id = id, .hierarchy = hierarchy};
	struct cgroup *cgroup = g_hash_table_lookup(containers->cgroups, &key);

	if (cgroup)
		return cgroup;
	cgroup = g_new0(struct cgroup, 1);
	cgroup->references = 1; /* the table's */
	cgroup->key = key;
	g_hash_table_insert(containers->cgroups, &cgroup->key, cgroup);
	return cgroup;
}

/* The names of the path come last first, each ended by NUL. */
static char *path_of(const struct cgroup_event *event)
{
	g_autoptr(GString) path = g_string_new(NULL);
	const char *data = event->data, *end = data + event->path_length;

	while (data < end) {
		gsize length = strnlen(data, end - data);

		g_string_prepend_len(path, data, length);
		g_string_prepend_c(path, '/');
		data += length + 1;
	}
	return g_string_free(g_steal_pointer(&path), FALSE);
}

static void add_path(struct containers *containers, const struct cgroup_event *event)
{
	struct cgroup *cgroup = find_or_add_cgroup(containers, event->id, event->hierarchy);

	if (cgroup->path)
		return; /* it was told with another process, too */
	cgroup->path = path_of(event);
	index_candidates(containers, cgroup, true);
	resolve(containers, cgroup);
}

static void remove_cgroup(struct containers *containers, const struct cgroup_event *event)
{
	const struct cgroup_key key = {.id = event->id, .hierarchy = event->hierarchy};
	struct cgroup *cgroup = g_hash_table_lookup(containers->cgroups, &key);

	if (!cgroup)
		return;
	cgroup->is_gone = true;
	index_candidates(containers, cgroup, false);
	g_hash_table_remove(containers->cgroups, &key);
}

void containers_apply(struct containers *containers, const struct cgroup_event *event, gsize length)
{
	if (length < sizeof(*event) || event->path_length > length - sizeof(*event))
		return;
	if (event->kind == CGROUP_NEW)
		add_path(containers, event);
	else
		remove_cgroup(containers, event);
}

/* ---- what runtimes say ---- */

static void replace(char **text, const char *by)
{
	g_free(*text);
	*text = g_strdup(by);
}

static void decide_by_namespace(const struct containers *containers, struct container *container)
{
	if (containers->selection)
		container->wanted = wanted_as(containers, container->id, container, true);
}

void containers_learn(struct containers *containers, const struct container_details *details)
{
	struct container *container = find_or_add(containers, details->id);

	container->is_confirmed = container->is_listed = true;
	replace(&container->runtime, details->runtime);
	replace(&container->namespace, details->namespace);
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
	decide_by_namespace(containers, container);
	resolve_again(containers, container->id);
}

/* What was known of it stays true of what is still there of it. */
void containers_forget(struct containers *containers, const char *id)
{
	struct container *container = containers_find(containers, id);

	if (container)
		container->is_listed = false;
}

static gboolean nothing_is_left(gpointer id, gpointer value, gpointer data)
{
	const struct container *container = value;

	return container->references == 1 && !container->is_listed;
}

void containers_expire(struct containers *containers)
{
	g_hash_table_foreach_remove(containers->by_id, nothing_is_left, NULL);
}

/* ---- processes ---- */

struct home containers_home(struct containers *containers, const struct process_event *event)
{
	const struct inner key = {.mount_ns = event->mount_ns, .pid_ns = event->pid_ns};
	const struct inner *inner = g_hash_table_lookup(containers->inner, &key);
	struct home home = {0};

	if (event->cgroup_v1)
		home.v1 = cgroup_ref(find_or_add_cgroup(containers, event->cgroup_v1,
							event->cgroup_v1_hierarchy));
	if (event->cgroup_v2)
		home.v2 = cgroup_ref(find_or_add_cgroup(containers, event->cgroup_v2, 0));
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
			     const struct process_event *event, const char *monitor)
{
	g_autofree char *id = NULL, *name = NULL;
	struct container *container;

	if (!conmon_parse(monitor, &id, &name))
		return;
	container = find_or_add(containers, id);
	if (!container->runtime)
		container->runtime = g_strdup("podman");
	if (!container->name)
		container->name = g_steal_pointer(&name);
	decide_by_namespace(containers, container);
	add_inner(containers, event, container);
	home->by_namespace = container_ref(container);
}

static bool has_ended(const struct network *network)
{
	if (network->cgroup)
		return network->cgroup->is_gone || !network->cgroup->population;
	return !network->container->population;
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
		g_hash_table_remove(containers->networks, key);
		network = NULL;
	}
	if (!container || !event->netns || event->netns == containers->machine ||
	    (network && network->start <= event->owner.start))
		return;
	network = g_new0(struct network, 1);
	network->cgroup = cgroup_ref(cgroup_with_container(home));
	network->container = network->cgroup ? NULL : container_ref(container);
	network->start = event->owner.start;
	g_hash_table_replace(containers->networks, key, network);
}

void containers_enter(struct containers *containers, struct home *home,
		      const struct process_event *event, const char *monitor)
{
	if (event->owner.tgid == 1) {
		containers->machine = event->netns;
		g_hash_table_remove(containers->networks, GUINT_TO_POINTER(event->netns));
	}
	if (monitor && !home_container(home))
		place_by_monitor(containers, home, event, monitor);
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
