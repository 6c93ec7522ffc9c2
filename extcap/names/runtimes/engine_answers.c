// SPDX-License-Identifier: GPL-2.0-or-later
/* engine_answers.c - what the Docker Engine API answers, and Podman's like it */
#include "extcap/names/runtimes/engine_api.h"

#include <string.h>

#include "extcap/names/json.h"

static enum names_state state_of(const char *word)
{
	static const struct {
		const char *word;
		enum names_state state;
	} states[] = {
		{"created", NAMES_CREATED},	{"configured", NAMES_CREATED},
		{"initialized", NAMES_CREATED}, {"running", NAMES_RUNNING},
		{"paused", NAMES_RUNNING},	{"restarting", NAMES_RUNNING},
		{"stopping", NAMES_RUNNING},	{"exited", NAMES_ENDED},
		{"stopped", NAMES_ENDED},	{"removing", NAMES_ENDED},
		{"dead", NAMES_ENDED},
	};

	for (gsize i = 0; word && i < G_N_ELEMENTS(states); i++)
		if (strcmp(word, states[i].word) == 0)
			return states[i].state;
	return NAMES_STATE_UNKNOWN;
}

static void take_networks(struct container *container, const json_t *networks)
{
	const char *name;
	json_t *network;

	json_object_foreach((json_t *)networks, name, network)
	{
		container_address(container, json_text(network, "IPAddress", NULL));
		container_address(container, json_text(network, "GlobalIPv6Address", NULL));
	}
}

/* "/web", but "/other/alias" is what another one calls it by a link. */
static const char *own_name(const char *name)
{
	if (!name)
		return NULL;
	if (*name == '/')
		name++;
	return strchr(name, '/') ? NULL : name;
}

struct container *engine_api_listed(const json_t *object)
{
	struct container *container = container_new(json_text(object, "Id", NULL));
	size_t i;
	json_t *name;

	if (!container)
		return NULL;
	json_array_foreach((json_t *)json_below(object, "Names", NULL), i, name)
	{
		if (!container->says.name)
			container_text(&container->says.name, own_name(json_string_of(name)));
	}
	container_text(&container->says.image, json_text(object, "Image", NULL));
	container->says.state = state_of(json_text(object, "State", NULL));
	container_created(container, json_integer_value(json_below(object, "Created", NULL)));
	json_labels(&container->labels, json_below(object, "Labels", NULL));
	take_networks(container, json_below(object, "NetworkSettings", "Networks", NULL));
	return container;
}

static pid_t pid_of(const json_t *value)
{
	json_int_t pid = json_integer_value(value);

	return pid > 0 && pid <= G_MAXINT32 ? (pid_t)pid : 0;
}

/* "2026-11-27T14:05:38.123456789Z" */
static gint64 seconds_of(const char *time)
{
	g_autoptr(GDateTime) parsed = time ? g_date_time_new_from_iso8601(time, NULL) : NULL;

	return parsed ? g_date_time_to_unix(parsed) : 0;
}

struct container *engine_api_described(const json_t *object)
{
	struct container *container = container_new(json_text(object, "Id", NULL));

	if (!container)
		return NULL;
	container_text(&container->says.name, own_name(json_text(object, "Name", NULL)));
	container_text(&container->says.image, json_text(object, "Config", "Image", NULL));
	container->says.state = state_of(json_text(object, "State", "Status", NULL));
	container->says.pid = pid_of(json_below(object, "State", "Pid", NULL));
	container_created(container, seconds_of(json_text(object, "Created", NULL)));
	json_labels(&container->labels, json_below(object, "Config", "Labels", NULL));
	take_networks(container, json_below(object, "NetworkSettings", "Networks", NULL));
	return container;
}

/* The labels stand among attributes of the event's own; those that are called as one of them are
 * lost here, and come when the container is asked for. */
static void take_attributes(struct container *container, const json_t *attributes)
{
	static const char *const own[] = {"name", "image", "containerExitCode", "podId", NULL};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)attributes, key, value)
	{
		if (!g_strv_contains(own, key) && json_string_of(value))
			container_label(&container->labels, key, json_string_of(value));
	}
	container_text(&container->says.name, own_name(json_text(attributes, "name", NULL)));
	container_text(&container->says.image, json_text(attributes, "image", NULL));
}

struct engine_event engine_api_event(const json_t *object)
{
	static const struct {
		const char *type, *action;
		int what;
	} actions[] = {
		{"container", "create", ENGINE_CREATED},  {"container", "start", ENGINE_CHANGED},
		{"container", "rename", ENGINE_CHANGED},  {"container", "update", ENGINE_CHANGED},
		{"container", "die", ENGINE_DIED},	  {"container", "died", ENGINE_DIED},
		{"container", "destroy", ENGINE_REMOVED}, {"container", "remove", ENGINE_REMOVED},
		{"network", "connect", ENGINE_CHANGED},	  {"network", "disconnect", ENGINE_CHANGED},
	};
	const char *type = json_text(object, "Type", NULL);
	const char *action = json_text(object, "Action", NULL);
	struct engine_event event = {.what = ENGINE_NOTHING};

	for (gsize i = 0; type && action && i < G_N_ELEMENTS(actions); i++)
		if (strcmp(type, actions[i].type) == 0 && strcmp(action, actions[i].action) == 0)
			event.what = actions[i].what;
	if (event.what == ENGINE_NOTHING)
		return event;
	if (strcmp(type, "network") == 0)
		event.id = json_text(object, "Actor", "Attributes", "container", NULL);
	else
		event.id = json_text(object, "Actor", "ID", NULL);
	if (event.what == ENGINE_CREATED && (event.container = container_new(event.id))) {
		take_attributes(event.container, json_below(object, "Actor", "Attributes", NULL));
		event.container->says.state = NAMES_CREATED;
	}
	if (!event.id)
		event.what = ENGINE_NOTHING;
	return event;
}
