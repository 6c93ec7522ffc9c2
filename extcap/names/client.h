/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - what the engine and the lister know of containers: they ask ptcpdump-names
 *
 * Theory of operation
 * Container runtimes are talked to by a program of its own, without any capability, so
 * that no daemon's answer is parsed where packets are captured. It is our child at the
 * other end of a socket pair, or, where an administrator has enabled ptcpdump-names.socket,
 * a service of root's. It tells what is there, then what changes; each record is complete
 * by itself and takes the place of an earlier one of that id. Nothing here waits: its
 * socket is a descriptor for the caller's poll, but for names_list(), which has a deadline.
 *
 * Neither end believes the other: a frame that is no frame ends the connection, and what
 * is in a record is any text without NUL, of bounded length.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_CLIENT_H
#define PTCPDUMP_EXTCAP_NAMES_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* Who says so. The first that knows an id is believed before those below it. */
enum names_runtime {
	NAMES_DOCKER,
	NAMES_PODMAN,
	NAMES_CRI,
	NAMES_CONTAINERD,
	NAMES_RUNTIMES,
};

enum names_state {
	NAMES_STATE_UNKNOWN, /* from the state on disk, which is not kept up to date */
	NAMES_CREATED,	     /* not yet started: its processes come after this */
	NAMES_RUNNING,
	NAMES_ENDED, /* it may be started again under the same id */
};

/* One container. Strings are NULL where the runtime does not say; it is never guessed.
 * They may hold any characters but NUL, control characters and bad UTF-8 among them. */
struct names_container {
	char *id; /* as its cgroup spells it: 64 hex digits, mostly ("web" with ctr) */
	enum names_runtime runtime;
	uid_t uid;    /* whose daemon says so: 0 may name any container, another user's only
		       * containers whose processes are that user's */
	bool on_disk; /* from the daemon's files, not from the daemon */
	bool pause;   /* the container that holds a pod's namespaces */
	enum names_state state;
	pid_t pid;	 /* of its init, in the runtime's pid namespace; 0: not known */
	guint64 created; /* seconds since the Epoch; 0: not known */
	char *name;
	char *image;
	char *labels; /* a JSON object, as labels_encode() makes it */
	char *pod_name;
	char *pod_namespace;
	char *pod_uid;
	char *pod_labels;
	char *pod_annotations;
	char *pod_id;	  /* its pause's id; its own, if this is the pause */
	char **addresses; /* "10.88.0.2", "fd00::2": its own or its pod's; NULL: none, or the
			   * host's network */
	guint32 cut;	  /* labels and annotations that were left out, to keep within label_max */
};

/* Where the runtimes are asked. NULL: the runtime's usual places; "": not at all;
 * else a path, with or without "unix://" before it. */
struct names_options {
	const char *addresses[NAMES_RUNTIMES];
	guint32 label_max; /* bytes of each of labels, pod_labels, pod_annotations; at most
			    * NAMES_LABELS_MAX */
};

#define NAMES_LABELS_MAX 65000

/* What names_read() hands over; all but @container may be NULL. Everything is borrowed for
 * the call, and may be from a daemon that lies. */
struct names_events {
	/* Appeared, or changed. Steal what is wanted: a string may be taken and set to NULL. */
	void (*container)(gpointer data, struct names_container *container);
	/* Its runtime has removed it. Packets of its past may still ask for it. */
	void (*gone)(gpointer data, const char *id);
	/* A runtime cannot be asked: one sentence for the user, what to do included. NULL: it
	 * answers (again). Never called for a runtime that is not installed. */
	void (*trouble)(gpointer data, enum names_runtime runtime, const char *sentence);
	/* Every runtime has told what it has, or cannot be asked. Once. */
	void (*listed)(gpointer data);
	/* The administrator's service has no place for us: one sentence, what to do included.
	 * Nothing else comes. */
	void (*refused)(gpointer data, const char *sentence);
};

struct names;

/**
 * names_open() - ask from now on
 *
 * Starts the program, or connects to the service, and returns at once. Call it where a
 * child can be had: before seccomp, and with the user's own rights.
 *
 * Return: NULL with one sentence in @error.
 */
struct names *names_open(const struct names_options *options, GError **error);

/** names_fd() - readable when there is something to read; -1 when the program has ended */
int names_fd(const struct names *names);

/**
 * names_read() - hand over what has come, a bounded part of it; never waits
 *
 * Return: false when the other end is gone or has sent nonsense: names_fd() is -1 from
 * then on, what is known stays known.
 */
bool names_read(struct names *names, const struct names_events *events, gpointer data);

/**
 * names_look() - a cgroup has appeared that belongs to @id, which nobody has told of: look now
 *
 * For runtimes that send no events. The answer, if any, comes as a container does. An id is
 * asked for only as often as makes sense, whatever the caller does; it never waits, and a
 * question that does not fit into the socket is dropped.
 */
void names_look(struct names *names, const char *id);

void names_close(struct names *names);
typedef struct names names_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(names_t, names_close)

/**
 * names_list() - what runs now, for the list of sources
 * @wait_ms:	no longer than this; what a runtime that has not answered said last takes the
 *		place of its answer, out of a cache of the user's
 *
 * Return: struct names_container, an empty array where there is nothing.
 */
GPtrArray *names_list(const struct names_options *options, guint wait_ms);

void names_container_free(struct names_container *container);
typedef struct names_container names_container_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(names_container_t, names_container_free)

/** names_runtime_name() - "docker", "podman", "cri", "containerd" */
const char *names_runtime_name(enum names_runtime runtime);

#endif
