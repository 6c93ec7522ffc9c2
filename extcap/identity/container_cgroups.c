// SPDX-License-Identifier: GPL-2.0-or-later
/* container_cgroups.c - of which container a cgroup is */
#include "extcap/identity/containers_state.h"

#include <string.h>

#include "extcap/identity/cgroup_path.h"
#include "extcap/identity/event_path.h"

/* Whose a cgroup is, where systemd has made it for a user: "/user.slice/user-1000.slice/…". */
static guint32 user_of(const char *path)
{
	static const char slice[] = "/user-";
	const char *user = strstr(path, slice);
	char *end;
	guint64 uid = user ? g_ascii_strtoull(user + strlen(slice), &end, 10) : 0;

	return uid && uid < G_MAXUINT32 && g_str_has_prefix(end, ".slice/") ? (guint32)uid : 0;
}

/* Root's runtime is believed before the user's. */
static struct container *find_for_path(const struct containers *containers, const char *id,
				       const char *path)
{
	guint32 uid = user_of(path);
	struct container *container = containers_find(containers, id);
	g_autofree char *key = NULL;

	if (!uid || (container && container->is_confirmed))
		return container;
	key = container_key(id, uid);
	return containers_find(containers, key);
}

/* A name that is no id of 64 digits may be anybody's word: it counts where containerd puts its
 * own containers, "/default/web", alone. */
static bool confirms(const struct container *container, const struct cgroup_candidate *candidate,
		     const char *path)
{
	if (!container->is_confirmed || candidate->well_formed)
		return container->is_confirmed;
	return g_strcmp0(container->runtime, "containerd") == 0 && candidate->parent_length &&
	       candidate->parent == path + 1;
}

static void take_hints(struct container *container, const struct cgroup_candidate *candidate)
{
	if (!container->runtime && candidate->runtime)
		container->runtime = g_strdup(candidate->runtime);
	if (!container->pod_uid && candidate->pod[0])
		container->pod_uid = g_strdup(candidate->pod);
}

/* What a selection says of one component; of a name, the runtime may still have to tell. */
enum cgroup_wanted containers_wanted(const struct containers *containers, const char *id,
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
	if (!containers->decided)
		return;
	containers->decided(cgroup, containers->data);
	containers_decide_networks(containers, cgroup);
}

/* What is known of a cgroup's container after all components of its path were looked at. */
struct answer {
	const struct cgroup_candidate *best;
	struct container *container; /* of @best, where it is known already */
	bool is_confirmed;
	enum cgroup_wanted wanted;
};

static void consider(const struct containers *containers, const struct cgroup *cgroup,
		     const struct cgroup_candidate *candidate, struct answer *answer)
{
	g_autofree char *id = g_strndup(candidate->id, candidate->length);
	struct container *container = find_for_path(containers, id, cgroup->path);
	bool confirmed = container && confirms(container, candidate, cgroup->path);

	if (!candidate->well_formed && !confirmed)
		return;
	if (!answer->best || (confirmed && !answer->is_confirmed)) {
		answer->best = candidate;
		answer->container = container;
	}
	answer->is_confirmed = answer->is_confirmed || confirmed;
	if (containers->selection)
		answer->wanted =
			more_wanted(answer->wanted, containers_wanted(containers, id, container,
								      candidate->well_formed));
}

/* The deepest that a runtime confirms, else the deepest that looks like one; wanted is what is
 * in a wanted one, however deep. */
static void resolve(struct containers *containers, struct cgroup *cgroup)
{
	struct cgroup_candidate candidates[CGROUP_CANDIDATES];
	guint n = cgroup_path_parse(cgroup->path, candidates);
	struct answer answer = {0};

	for (guint i = 0; i < n; i++)
		consider(containers, cgroup, &candidates[i], &answer);
	g_clear_pointer(&cgroup->container, container_unref);
	if (answer.best) {
		g_autofree char *id = g_strndup(answer.best->id, answer.best->length);

		if (!answer.container)
			answer.container = containers_find_or_add(containers, id, 0);
		cgroup->container = container_ref(answer.container);
		take_hints(cgroup->container, answer.best);
	}
	decide(containers, cgroup, answer.wanted);
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

void containers_resolve(struct containers *containers, const char *id)
{
	const GPtrArray *cgroups = g_hash_table_lookup(containers->candidates, id);

	for (guint i = 0; cgroups && i < cgroups->len; i++)
		resolve(containers, g_ptr_array_index(cgroups, i));
}

/* ---- records ---- */

struct cgroup *containers_find_or_add_cgroup(struct containers *containers, guint64 id,
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

static void add_path(struct containers *containers, const struct cgroup_event *event)
{
	struct cgroup *cgroup =
		containers_find_or_add_cgroup(containers, event->id, event->hierarchy);

	if (cgroup->path)
		return; /* it was told with another process, too */
	cgroup->path = event_path(event->data, event->path_length);
	index_candidates(containers, cgroup, true);
	resolve(containers, cgroup);
	if (cgroup->container)
		containers_look(containers, cgroup->container);
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
