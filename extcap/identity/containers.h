/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containers.h - containers, by the cgroups that processes are in
 *
 * Theory of operation
 * A cgroup is known by (hierarchy, id), from the kernel side's records, with its path, which
 * says of which container it may be (cgroup_path.h). A container is its id; what else is known
 * of it, its name, image, labels and pod, comes from its runtime, before its first packet or
 * later (containers_learn()), and may decide anew of which container a cgroup is.
 *
 * So a process belongs to a container by two numbers in its own records, from its fork on,
 * however short it lives; children of a container's cgroup are that container's. Where a
 * container has no cgroup of its own (rootless Podman on v1), its (mount, pid) namespaces are
 * known by the process that conmon, its monitor, has started.
 *
 * A network namespace is the container's whose process in it is the oldest: what nobody owns
 * there, or somebody from outside does, is named after it. The machine's own is nobody's, nor is
 * one in which a process of no container is older ("--network host" where the daemon has a
 * namespace of its own).
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CONTAINERS_H
#define PTCPDUMP_EXTCAP_IDENTITY_CONTAINERS_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/filter/selection.h"
#include "shared/control.h"
#include "shared/record.h"

/* What a runtime says of a container. NULL: it does not say. */
struct container_details {
	const char *id;
	guint32 uid; /* whose runtime: another user's than root's tells of that user's alone */
	const char *runtime; /* "docker" */
	const char *name;
	const char *image;
	const char *labels; /* a JSON object of strings, as shared/labels.h has it */
	const char *pod_name;
	const char *pod_namespace;
	const char *pod_uid;
	const char *pod_labels;
	const char *pod_annotations;
	guint32 cut; /* labels and annotations that were left out */
};

/* Fields are borrowed, and change with containers_learn(). */
struct container {
	char *key; /* in the table: the id; "ID@UID" of another user's runtime */
	char *id;
	char *runtime, *name, *image, *labels;
	char *pod_name, *pod_namespace, *pod_uid, *pod_labels, *pod_annotations;
	bool is_confirmed;	   /* a runtime has told of it */
	bool is_listed;		   /* and has not told that it is gone */
	enum cgroup_wanted wanted; /* where it has no cgroup; 0: no */
	guint population;	   /* likewise: processes that are in it now */
	guint32 cut;
	guint references;
	GHashTable *comments; /* what identity/container_comments.c has made of it */
};

struct cgroup {
	struct cgroup_key key;
	char *path; /* NULL: not known (its record was lost) */
	struct container *container;
	enum cgroup_wanted wanted; /* 0: no */
	guint population;	   /* processes that are in it now */
	bool is_gone;
	guint references;
};

/* Where a process is, in the kernel's words. A reference is held on each. */
struct home {
	struct cgroup *v1, *v2;		/* NULL: at the root */
	struct container *by_namespace; /* where no cgroup tells */
};

struct containers;

/* A cgroup's processes are wanted from now on, or may be, or are not. */
typedef void (*cgroup_notice)(const struct cgroup *cgroup, void *data);

/* What nobody in the container owns in its network namespace is wanted, or may be, or is not. */
typedef void (*network_notice)(guint32 netns, enum cgroup_wanted wanted, void *data);

/* A cgroup, or a monitor's child, has come that is of a container which no runtime has told of. */
typedef void (*container_notice)(const char *id, void *data);

struct containers *containers_new(void);
void containers_free(struct containers *containers);

/**
 * containers_select() - follow which containers are wanted
 * @selection:	borrowed
 * @decided:	told of each cgroup where that becomes known or changes
 * @network:	and of each container's network namespace
 */
void containers_select(struct containers *containers, const struct selection *selection,
		       cgroup_notice decided, network_notice network, void *data);

/** containers_ask() - whom to tell of those that are not known */
void containers_ask(struct containers *containers, container_notice unknown, void *data);

/* Does a process live in @netns that is in no container, and is older than @start? */
typedef bool (*network_has_older)(guint32 netns, guint64 start, void *data);

/** containers_ask_processes() - who knows */
void containers_ask_processes(struct containers *containers, network_has_older has_older,
			      void *data);

/** containers_apply() - a record of a cgroup; one that claims more than @length is ignored */
void containers_apply(struct containers *containers, const struct cgroup_event *event,
		      gsize length);

/** containers_learn() - what a runtime says */
void containers_learn(struct containers *containers, const struct container_details *details);

/** containers_forget() - no runtime has it any more; processes may still be in it */
void containers_forget(struct containers *containers, const char *id);

/**
 * containers_home() - where a process's record says it is
 *
 * Return: to be given back by home_clear(); the same as @event's process had is equal, member
 *         by member.
 */
struct home containers_home(struct containers *containers, const struct process_event *event);

/**
 * containers_enter() - a process is alive at @home, in the namespaces that @event tells of
 * @monitor:	its parent's arguments where that is conmon, else NULL
 * @uid:	whose conmon that is
 *
 * May complete @home by the namespaces.
 */
void containers_enter(struct containers *containers, struct home *home,
		      const struct process_event *event, const char *monitor, guint32 uid);
/** containers_leave() - it has ended, or moved elsewhere */
void containers_leave(const struct home *home);

/** containers_expire() - forget those of which nothing is left */
void containers_expire(struct containers *containers);

/** containers_of_network() - the container of a network namespace; NULL: it is no container's */
struct container *containers_of_network(const struct containers *containers, guint32 netns);

/** containers_network_is_wanted() - is it the network of a container that is wanted? */
bool containers_network_is_wanted(const struct containers *containers, guint32 netns);

/** containers_find() - by its whole id, as root's runtime has it; NULL when it is not known */
struct container *containers_find(const struct containers *containers, const char *id);

/** containers_matching() - how many that have processes have an id that begins so */
guint containers_matching(const struct containers *containers, const char *prefix);

void home_clear(struct home *home);
bool home_equal(const struct home *a, const struct home *b);

/** home_container() - NULL: the place is in none */
struct container *home_container(const struct home *home);

/** home_is_wanted() - is it a wanted container's? */
bool home_is_wanted(const struct home *home);

#endif
