/* SPDX-License-Identifier: GPL-2.0-or-later */
/* engine_api.h - the Docker Engine API, which Podman speaks too
 *
 * Paths without a version: a daemon that is too old or too new for the one that we would name
 * refuses it, and what we read is the same in all of them.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIMES_ENGINE_API_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIMES_ENGINE_API_H

#include <jansson.h>

#include "extcap/names/runtime.h"

/**
 * engine_api_watch() - subscribe to events
 * @filters:	the JSON object of the API, as it stands in an address (percent-encoded)
 */
void engine_api_watch(struct runtime *runtime, const char *filters);
void engine_api_list(struct runtime *runtime);
void engine_api_describe(struct runtime *runtime, const char *id);
void engine_api_close(struct runtime *runtime);

/* --- what is made of the answers, by itself for tests; NULL where there is no container --- */

struct container *engine_api_listed(const json_t *object);
struct container *engine_api_described(const json_t *object);

struct engine_event {
	enum {
		ENGINE_NOTHING, /* that concerns us */
		ENGINE_CREATED,
		ENGINE_CHANGED, /* has to be asked for */
		ENGINE_DIED,
		ENGINE_REMOVED,
	} what;
	const char *id;		     /* borrowed from the object */
	struct container *container; /* as far as an event of ENGINE_CREATED has it */
};
struct engine_event engine_api_event(const json_t *object);

#endif
