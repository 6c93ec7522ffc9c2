// SPDX-License-Identifier: GPL-2.0-or-later
/* engine_api.c - the Docker Engine API, which Podman speaks too */
#include "extcap/names/runtimes/engine_api.h"

#include <errno.h>
#include <string.h>

#include "extcap/names/http.h"
#include "extcap/names/json.h"

/* So many containers are asked for one by one at a time; if more have changed, all are listed. */
#define QUESTIONS_MAX 16

struct question {
	struct runtime *runtime;
	struct http *http;
	char *id;
	struct json_splitter answer;
	guint objects;
};

struct engine {
	struct http *events;
	struct json_splitter event;
	struct question *list;
	GPtrArray *questions;
};

static struct engine *engine_of(struct runtime *runtime)
{
	struct engine *engine = runtime_own(runtime, sizeof(*engine));

	if (!engine->questions)
		engine->questions = g_ptr_array_new();
	return engine;
}

static void question_free(struct question *question)
{
	json_splitter_clear(&question->answer);
	g_free(question->id);
	g_free(question);
}

static bool ask(struct runtime *runtime, struct question **place, const char *id,
		const char *target, const struct http_events *events)
{
	struct question *question = g_new0(struct question, 1);
	uid_t uid;
	int error = 0;

	question->runtime = runtime;
	question->id = g_strdup(id);
	json_splitter_init(&question->answer);
	question->http = http_get(runtime_path(runtime), target, RUNTIME_QUIET_MS, events, question,
				  &uid, &error);
	if (!question->http) {
		question_free(question);
		runtime_failed(runtime, error, NULL);
		return false;
	}
	*place = question;
	return true;
}

/* --- the list ------------------------------------------------------------------------------- */

/* What the list does not say, and an answer about this one alone has said. */
static void keep_what_was_said(const struct runtime *runtime, struct container *container)
{
	const struct container *was =
		table_word(runtime_table(runtime), runtime, container->says.id);
	const char *image = container->says.image;

	if (!was || was->says.on_disk)
		return;
	if (container->says.state == was->says.state)
		container->says.pid = was->says.pid;
	/* The list says which image its name means now; the container was made of another. */
	if (was->says.image && image && g_str_has_prefix(image, "sha256:"))
		container_text(&container->says.image, was->says.image);
}

static void list_object(gpointer data, const json_t *object)
{
	struct question *question = data;
	struct container *container = engine_api_listed(object);

	question->objects++;
	if (!container)
		return;
	keep_what_was_said(question->runtime, container);
	runtime_container(question->runtime, container);
}

static void list_body(gpointer data, const char *bytes, gsize len)
{
	json_split(&((struct question *)data)->answer, bytes, len, list_object, data);
}

static void fail(struct runtime *runtime, int status)
{
	g_autofree char *words = NULL;

	/* A web server, perhaps, but none of these. */
	if (status > 0)
		words = g_strdup_printf("it answers with status %d", status);
	runtime_failed(runtime, status > 0 ? -EPROTO : status, words);
}

static void list_end(gpointer data, int status)
{
	struct question *question = data;
	struct runtime *runtime = question->runtime;
	bool whole = json_at_end(&question->answer);
	bool nonsense = question->answer.bad && !question->objects;

	engine_of(runtime)->list = NULL;
	question_free(question);
	if (status != 200)
		fail(runtime, status);
	else if (!whole || nonsense)
		runtime_failed(runtime, -EPROTO, "its answer is no list of containers");
	else
		runtime_listed(runtime);
}

void engine_api_list(struct runtime *runtime)
{
	static const struct http_events events = {.body = list_body, .end = list_end};

	ask(runtime, &engine_of(runtime)->list, NULL, "/containers/json?all=1", &events);
}

/* --- one container -------------------------------------------------------------------------- */

static void described_object(gpointer data, const json_t *object)
{
	struct question *question = data;
	struct container *container = engine_api_described(object);

	if (container)
		runtime_container(question->runtime, container);
}

static void described_body(gpointer data, const char *bytes, gsize len)
{
	json_split(&((struct question *)data)->answer, bytes, len, described_object, data);
}

static void described_end(gpointer data, int status)
{
	struct question *question = data;
	struct runtime *runtime = question->runtime;

	g_ptr_array_remove_fast(engine_of(runtime)->questions, question);
	question_free(question);
	/* 404: nobody's, or gone already. */
	if (status < 0)
		fail(runtime, status);
}

void engine_api_describe(struct runtime *runtime, const char *id)
{
	static const struct http_events events = {.body = described_body, .end = described_end};
	struct engine *engine = engine_of(runtime);
	g_autoptr(container_t) is_id = container_new(id);
	g_autofree char *target = g_strdup_printf("/containers/%s/json", id);
	struct question *question;

	if (!is_id)
		return;
	if (engine->questions->len >= QUESTIONS_MAX) {
		runtime_look(runtime, NULL, LOOK_FOR_OWN_WORD);
		return;
	}
	/* Kept before the connection is made: a failure closes them all. */
	if (ask(runtime, &question, id, target, &events))
		g_ptr_array_add(engine->questions, question);
}

/* --- events --------------------------------------------------------------------------------- */

static void event_object(gpointer data, const json_t *object)
{
	struct runtime *runtime = data;
	struct engine_event event = engine_api_event(object);

	switch (event.what) {
	case ENGINE_CREATED:
		if (!event.container)
			break;
		runtime_container(runtime, event.container);
		runtime_look(runtime, event.id, LOOK_FOR_OWN_WORD);
		break;
	case ENGINE_CHANGED:
		runtime_look(runtime, event.id, LOOK_FOR_OWN_WORD);
		break;
	case ENGINE_DIED:
		runtime_state(runtime, event.id, NAMES_ENDED, 0);
		break;
	case ENGINE_REMOVED:
		runtime_gone(runtime, event.id);
		break;
	default:
		break;
	}
}

/* Asking for a container may fail, and close this very stream. */
static void event_body(gpointer data, const char *bytes, gsize len)
{
	struct runtime *runtime = data;

	json_split(&engine_of(runtime)->event, bytes, len, event_object, runtime);
}

static void event_end(gpointer data, int status)
{
	struct runtime *runtime = data;

	engine_of(runtime)->events = NULL;
	fail(runtime, status == 200 ? -ECONNRESET : status);
}

void engine_api_watch(struct runtime *runtime, const char *filters)
{
	static const struct http_events events = {.body = event_body, .end = event_end};
	struct engine *engine = engine_of(runtime);
	g_autofree char *target = g_strconcat("/events?filters=", filters, NULL);
	uid_t uid = 0;
	int error = 0;

	json_splitter_init(&engine->event);
	engine->events = http_get(runtime_path(runtime), target, 0, &events, runtime, &uid, &error);
	if (engine->events)
		runtime_of_user(runtime, uid);
	else
		runtime_failed(runtime, error, NULL);
}

void engine_api_close(struct runtime *runtime)
{
	struct engine *engine = engine_of(runtime);

	http_cancel(g_steal_pointer(&engine->events));
	json_splitter_clear(&engine->event);
	if (engine->list) {
		http_cancel(engine->list->http);
		question_free(g_steal_pointer(&engine->list));
	}
	for (guint i = 0; i < engine->questions->len; i++) {
		struct question *question = engine->questions->pdata[i];

		http_cancel(question->http);
		question_free(question);
	}
	g_ptr_array_set_size(engine->questions, 0);
}
