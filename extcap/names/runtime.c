// SPDX-License-Identifier: GPL-2.0-or-later
/* runtime.c - one place where containers are asked for: the driver of all runtimes */
#include "extcap/names/runtime.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Where nobody listens it is looked again so soon; after a failure, ever later. */
#define AWAY_MS	    1000
#define FAILED_MS   1000
#define FAILED_MOST 30000
/* The first list is followed by another, then each minute. */
#define AGAIN_MS     1000
#define LIST_EACH_MS 60000

struct runtime {
	const struct runtime_kind *kind;
	char *path;
	struct table *table;
	const struct runtime_events *events;
	gpointer data, own;
	uid_t uid;
	guint timer;	     /* what comes next: a try, or a list */
	struct looks *looks; /* lists that were asked for by a look */
	guint fail_timer; /* it has failed, which is seen to when nobody is in the middle of it */
	int error;	  /* how, and in what words */
	char *words;
	gint64 list_began; /* 0: none is under way */
	bool list_again;   /* one more was asked for meanwhile */
	bool echo;	   /* the last one was for an event, which may come before its effect */
	bool open, settled, told_trouble, disk_read;
	guint lists, failures;
};

static void begin_list(struct runtime *runtime);
static void look_now(struct runtime *runtime);
static gboolean try_now(gpointer data);

static void later(struct runtime *runtime, guint ms, GSourceFunc what)
{
	if (runtime->timer)
		g_source_remove(runtime->timer);
	runtime->timer = g_timeout_add(ms, what, runtime);
}

struct runtime *runtime_new(const struct runtime_kind *kind, const char *path, struct table *table,
			    const struct runtime_events *events, gpointer data)
{
	struct runtime *runtime = g_new0(struct runtime, 1);

	runtime->kind = kind;
	runtime->path = g_strdup(path);
	runtime->table = table;
	runtime->events = events;
	runtime->data = data;
	runtime->looks = looks_new(table, runtime, look_now);
	later(runtime, 0, try_now);
	return runtime;
}

static void stop(struct runtime *runtime)
{
	if (runtime->timer)
		g_source_remove(runtime->timer);
	if (runtime->fail_timer)
		g_source_remove(runtime->fail_timer);
	runtime->timer = runtime->fail_timer = 0;
	runtime->list_began = 0;
	runtime->list_again = false;
	looks_stop(runtime->looks);
	if (runtime->open)
		runtime->kind->close(runtime);
	runtime->open = false;
}

void runtime_free(struct runtime *runtime)
{
	stop(runtime);
	looks_free(runtime->looks);
	g_free(runtime->own);
	g_free(runtime->words);
	g_free(runtime->path);
	g_free(runtime);
}

static void settle(struct runtime *runtime)
{
	if (runtime->settled)
		return;
	runtime->settled = true;
	runtime->events->settled(runtime->data, runtime);
}

static void trouble(struct runtime *runtime, const char *sentence)
{
	if (!sentence && !runtime->told_trouble)
		return;
	runtime->told_trouble = sentence != NULL;
	runtime->events->trouble(runtime->data, runtime, sentence);
}

static gboolean try_now(gpointer data)
{
	struct runtime *runtime = data;
	struct stat st;

	runtime->timer = 0;
	if (stat(runtime->path, &st)) {
		runtime_failed(runtime, -errno, NULL);
		return G_SOURCE_REMOVE;
	}
	runtime->open = true;
	runtime->lists = 0;
	runtime->kind->watch(runtime);
	if (!runtime->fail_timer)
		begin_list(runtime);
	return G_SOURCE_REMOVE;
}

static void begin_list(struct runtime *runtime)
{
	if (runtime->list_began) {
		runtime->list_again = true;
		return;
	}
	runtime->list_began = g_get_monotonic_time();
	runtime->kind->list(runtime);
}

static gboolean list_now(gpointer data)
{
	struct runtime *runtime = data;

	runtime->timer = 0;
	/* One that takes longer than the pause sets it anew at its end: it is not followed at once.
	 */
	if (!runtime->list_began)
		begin_list(runtime);
	return G_SOURCE_REMOVE;
}

static void look_now(struct runtime *runtime)
{
	if (runtime->open)
		begin_list(runtime);
	else if (runtime->kind->read_disk)
		runtime->kind->read_disk(runtime);
}

void runtime_listed(struct runtime *runtime)
{
	gint64 began = runtime->list_began;

	if (runtime->fail_timer || !began)
		return;
	runtime->list_began = 0;
	runtime->failures = 0;
	runtime->disk_read = false;
	table_remove_unheard(runtime->table, runtime, began);
	trouble(runtime, NULL);
	settle(runtime);
	later(runtime, runtime->lists++ && !runtime->echo ? LIST_EACH_MS : AGAIN_MS, list_now);
	runtime->echo = looks_listed(runtime->looks) || runtime->list_again;
	if (runtime->list_again) {
		runtime->list_again = false;
		begin_list(runtime);
	}
}

/* What is wrong, in words for the user. */
static char *sentence_of(const struct runtime *runtime, int error, const char *words)
{
	const struct runtime_kind *kind = runtime->kind;

	if (error == -EACCES || error == -EPERM)
		return g_strdup_printf("%s at %s does not let us in, so its containers are shown "
				       "by their ids: %s.",
				       kind->title, runtime->path, kind->remedy);
	if (error == -ETIMEDOUT || error == -EAGAIN)
		return g_strdup_printf("%s at %s does not answer, so its newest containers are "
				       "shown by their ids: see whether it hangs, or needs to be "
				       "restarted.",
				       kind->title, runtime->path);
	if (error == -ECONNREFUSED)
		return g_strdup_printf("%s does not run, though its socket %s is there, so its "
				       "containers may be shown by their ids: start it.",
				       kind->title, runtime->path);
	return g_strdup_printf("%s at %s cannot be asked for its containers (%s), so they are "
			       "shown by their ids; it is asked again.",
			       kind->title, runtime->path, words ? words : g_strerror(-error));
}

static gboolean failed_now(gpointer data)
{
	struct runtime *runtime = data;
	int error = runtime->error;
	bool absent = error == -ENOENT || error == -ENOTDIR || error == -ENOSYS;
	g_autofree char *sentence = NULL;

	runtime->fail_timer = 0;
	stop(runtime);
	if (runtime->kind->read_disk && !runtime->disk_read)
		runtime->kind->read_disk(runtime);
	runtime->disk_read = true;
	if (!absent)
		sentence = sentence_of(runtime, error, runtime->words);
	if (sentence || error == -ENOSYS)
		trouble(runtime, sentence);
	settle(runtime);
	later(runtime, absent ? AWAY_MS : MIN(FAILED_MS << MIN(runtime->failures, 5), FAILED_MOST),
	      try_now);
	if (!absent)
		runtime->failures++;
	return G_SOURCE_REMOVE;
}

void runtime_failed(struct runtime *runtime, int error, const char *words)
{
	if (runtime->fail_timer)
		return;
	runtime->error = error;
	g_free(runtime->words);
	runtime->words = g_strdup(words);
	runtime->fail_timer = g_timeout_add(0, failed_now, runtime);
}

void runtime_look(struct runtime *runtime, const char *id, enum look enough)
{
	struct stat st;

	if (runtime->fail_timer)
		return;
	if (runtime->open && runtime->kind->describe && id) {
		runtime->kind->describe(runtime, id);
		return;
	}
	runtime->echo = true;
	/* One that has just come. */
	if (!runtime->open && !runtime->failures && stat(runtime->path, &st) == 0) {
		later(runtime, 0, try_now);
		return;
	}
	if (runtime->open || runtime->kind->read_disk)
		looks_add(runtime->looks, runtime->open ? id : NULL, enough);
}

bool runtime_is_settled(const struct runtime *runtime)
{
	return runtime->settled;
}

const struct runtime_kind *runtime_kind_of(const struct runtime *runtime)
{
	return runtime->kind;
}

const char *runtime_path(const struct runtime *runtime)
{
	return runtime->path;
}

const struct table *runtime_table(const struct runtime *runtime)
{
	return runtime->table;
}

gpointer runtime_own(struct runtime *runtime, gsize size)
{
	if (!runtime->own)
		runtime->own = g_malloc0(size);
	return runtime->own;
}

void runtime_of_user(struct runtime *runtime, uid_t uid)
{
	runtime->uid = uid;
}

void runtime_container(struct runtime *runtime, struct container *container)
{
	container->from = runtime;
	container->says.runtime = runtime->kind->id;
	container->says.uid = runtime->uid;
	container_pod_from_labels(container);
	table_put(runtime->table, container);
}

void runtime_container_on_disk(struct runtime *runtime, struct container *container)
{
	const struct container *was = table_word(runtime->table, runtime, container->says.id);

	/* The daemon's own word is the better one, even if it is of before it went away. */
	if (was && !was->says.on_disk) {
		container_free(container);
		return;
	}
	container->says.on_disk = true;
	runtime_container(runtime, container);
}

void runtime_gone(struct runtime *runtime, const char *id)
{
	table_remove(runtime->table, runtime, id);
}

void runtime_state(struct runtime *runtime, const char *id, enum names_state state, pid_t pid)
{
	table_set_state(runtime->table, runtime, id, state, pid);
}

void runtime_hint(struct runtime *runtime, enum names_runtime kind, const char *id)
{
	runtime->events->hint(runtime->data, kind, id);
}
