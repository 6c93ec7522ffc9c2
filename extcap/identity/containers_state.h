/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containers_state.h - what the table of containers consists of: for its own files alone
 *
 *   containers.c            the table, and what runtimes say
 *   container_cgroups.c     of which container a cgroup is
 *   container_namespaces.c  where processes are, and whose a network is
 *   container_home.c        references
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CONTAINERS_STATE_H
#define PTCPDUMP_EXTCAP_IDENTITY_CONTAINERS_STATE_H

#include "extcap/identity/containers.h"

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
	network_notice network_decided;
	void *data;
	network_has_older has_older;
	void *processes;
	container_notice unknown;
	void *asked;
	GHashTable *cgroups;	/* struct cgroup, by itself: (hierarchy, id) */
	GHashTable *candidates; /* char * -> GPtrArray of cgroups, borrowed: which may be its */
	GHashTable *by_id;	/* its key, char * -> struct container */
	GHashTable *inner;	/* struct inner, by itself */
	GHashTable *networks;	/* inode number -> struct network */
	guint32 machine;	/* network namespace of process 1 */
};

struct container *container_ref(struct container *container);
void container_unref(gpointer container);
struct cgroup *cgroup_ref(struct cgroup *cgroup);
void cgroup_unref(gpointer cgroup);

/** container_key() - a user's own runtime may say anything, of its own containers; to be freed */
char *container_key(const char *id, guint32 uid);

/** containers_look() - something of it has come: if no runtime has told of it, ask them now */
void containers_look(const struct containers *containers, const struct container *container);

/** containers_find_or_add() - the table's own reference is the first */
struct container *containers_find_or_add(struct containers *containers, const char *id,
					 guint32 uid);

/** containers_find_or_add_cgroup() - borrowed; its path may not be known yet */
struct cgroup *containers_find_or_add_cgroup(struct containers *containers, guint64 id,
					     guint32 hierarchy);

/** containers_resolve() - decide anew of which container the cgroups are that name @id */
void containers_resolve(struct containers *containers, const char *id);

/**
 * containers_wanted() - what the selection says of a container's id
 * @container:	NULL: nothing else is known of it
 * @well_formed: it looks like one
 */
enum cgroup_wanted containers_wanted(const struct containers *containers, const char *id,
				     const struct container *container, bool well_formed);

/** containers_decide_networks() - those of @cgroup are wanted as it is */
void containers_decide_networks(const struct containers *containers, const struct cgroup *cgroup);

/** containers_decide() - is a container wanted that has no cgroup? */
void containers_decide(const struct containers *containers, struct container *container);

#endif
