/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container.h - a container as a runtime has told of it, within ptcpdump-names */
#ifndef PTCPDUMP_EXTCAP_NAMES_CONTAINER_H
#define PTCPDUMP_EXTCAP_NAMES_CONTAINER_H

#include "extcap/names/frames.h"

struct runtime;

/* Labels as they came; NULL where there are none. */
struct label_set {
	GPtrArray *keys, *values;
	gsize size;  /* bytes of both */
	guint32 cut; /* that were left out here */
};

/* Its labels are in the sets; those of @says are NULL until it is encoded. */
struct container {
	struct names_container says;
	struct label_set labels, pod_labels, pod_annotations;
	const struct runtime *from;
	gint64 heard; /* when, on the monotonic clock */
};

/**
 * container_new() - one that nothing is known of but its id
 *
 * Return: NULL when that can be no id: empty, too long, or with characters that stand in no
 *         cgroup's name.
 */
struct container *container_new(const char *id);
void container_free(struct container *container);
typedef struct container container_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(container_t, container_free)

/** container_text() - set one of its strings; NULL and "" leave it as it was */
void container_text(char **place, const char *text);

/** container_created() - when, in seconds since the Epoch; before it is not known */
void container_created(struct container *container, gint64 seconds);

/** container_label() - add a label; what is too much is counted and left out */
void container_label(struct label_set *set, const char *key, const char *value);

/** container_addresses() - its addresses: a copy of what is one, without prefix length */
void container_address(struct container *container, const char *address);

/** container_pod_from_labels() - what the kubelet writes on every container that it starts */
void container_pod_from_labels(struct container *container);

/** container_encode() - as a frame, with no more labels than a client wants */
void container_encode(GByteArray *out, const struct container *container, guint32 label_max);

#endif
