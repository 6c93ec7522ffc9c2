/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runtime.h - one place where containers are asked for: the driver of all runtimes
 *
 * Theory of operation
 * A place is a socket at which a daemon of some kind may listen. Each goes its own way, so that
 * one that hangs, lies, dies or comes back holds up no other:
 *
 *   away      nobody listens there: the state on disk is read, and looked for again soon
 *   asking    events are subscribed to first, then everything is listed, so that nothing
 *             falls in between; each answer has a time within which it must come
 *   watching  listed again after a second (what happened between two connections may have
 *             come in the wrong order), then each minute, which also tells a daemon that hangs
 *             from one that has nothing to say
 *
 * What a kind of runtime must know how to do is struct runtime_kind; runtimes.c has the table.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIME_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIME_H

#include "extcap/names/container.h"
#include "extcap/names/looks.h"
#include "extcap/names/table.h"

struct runtime;

struct runtime_kind {
	enum names_runtime id;
	const char *title;	   /* as a sentence has it: "Docker" */
	const char *const *places; /* where it is, mostly; "%u" is the user */
	const char *remedy;	   /* for one who may not open the socket */

	/* Ask, without waiting. Each ends in runtime_failed() at the latest. */
	void (*watch)(struct runtime *runtime);
	void (*list)(struct runtime *runtime); /* ends in runtime_listed(), too */
	/* About one container, of which an event or a cgroup has told; NULL: list all. */
	void (*describe)(struct runtime *runtime, const char *id);
	/* Stop asking: no call of the above will come back any more. */
	void (*close)(struct runtime *runtime);
	/* What is in its files; NULL: nothing that we could read. */
	void (*read_disk)(struct runtime *runtime);
};

extern const struct runtime_kind *const runtime_kinds[NAMES_RUNTIMES];

struct runtime_events {
	/* Its first list is complete, or there will be none. Once. */
	void (*settled)(gpointer data, struct runtime *runtime);
	/* One sentence; NULL: all is well (again). */
	void (*trouble)(gpointer data, struct runtime *runtime, const char *sentence);
	/* Something has happened that the runtime of this kind may know more of, with the container
	 * @id; NULL: with one that has gone. */
	void (*hint)(gpointer data, enum names_runtime kind, const char *id);
};

struct runtime *runtime_new(const struct runtime_kind *kind, const char *path, struct table *table,
			    const struct runtime_events *events, gpointer data);
void runtime_free(struct runtime *runtime);

/** runtime_look() - there is a container that nobody has told of; @id NULL: some. A list that has
 *  not got @id yet is made again (looks.h). */
void runtime_look(struct runtime *runtime, const char *id, enum look enough);

bool runtime_is_settled(const struct runtime *runtime);
const struct runtime_kind *runtime_kind_of(const struct runtime *runtime);

/* --- for the kinds ------------------------------------------------------------------------- */

const char *runtime_path(const struct runtime *runtime);
const struct table *runtime_table(const struct runtime *runtime);

/** runtime_own() - a kind's own data, zeroed, of @size bytes; freed with the runtime */
gpointer runtime_own(struct runtime *runtime, gsize size);

/** runtime_of_user() - whose daemon answers there */
void runtime_of_user(struct runtime *runtime, uid_t uid);

/** runtime_container() - it says so of this one; takes @container */
void runtime_container(struct runtime *runtime, struct container *container);

/** runtime_container_on_disk() - its files do */
void runtime_container_on_disk(struct runtime *runtime, struct container *container);

/** runtime_gone() - it has removed it */
void runtime_gone(struct runtime *runtime, const char *id);

/** runtime_state() - of one that it has told of already */
void runtime_state(struct runtime *runtime, const char *id, enum names_state state, pid_t pid);

/** runtime_listed() - that was all; what it has not told of since its list began is gone */
void runtime_listed(struct runtime *runtime);

/**
 * runtime_failed() - it cannot be asked; it is closed, and tried again later
 * @error:	-errno; -ENOENT is no trouble, -ENOSYS neither: it is not what we look for
 * @words:	what it said, or NULL
 */
void runtime_failed(struct runtime *runtime, int error, const char *words);

/** runtime_hint() - tell others of another kind */
void runtime_hint(struct runtime *runtime, enum names_runtime kind, const char *id);

/* How long a daemon may say nothing to a question. Docker on a busy machine takes a second. */
#define RUNTIME_QUIET_MS 5000

#endif
