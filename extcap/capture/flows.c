// SPDX-License-Identifier: GPL-2.0-or-later
/* flows.c - the flow table: asked, and aged */
#include "extcap/capture/flows.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "extcap/seal.h"

SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_LOOKUP_ELEM);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_LOOKUP_BATCH);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_DELETE_ELEM);

#define BATCH	    4096
#define ANSWER_NS   4000000ULL
#define ANSWERS_MAX 16384

struct flows {
	int map;
	GHashTable *answers; /* struct answer, by its key */
};

struct answer {
	struct flow_key key;
	bool known;
	guint64 time;
	struct flow flow;
};

static guint key_hash(gconstpointer data)
{
	const guint32 *words = data;
	guint hash = 0;

	for (gsize i = 0; i < sizeof(struct flow_key) / sizeof(guint32); i++)
		hash = (hash ^ words[i]) * 0x85ebca6b;
	return hash ^ hash >> 15;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct flow_key)) == 0;
}

struct flows *flows_new(int map)
{
	struct flows *flows = g_new0(struct flows, 1);

	flows->map = map;
	flows->answers = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	g_hash_table_unref(flows->answers);
	g_free(flows);
}

static bool is_old(const struct flow *flow, guint64 now)
{
	return !flow->lasting && flow->time + FLOW_KEEP_SECONDS * 1000000000ULL < now;
}

guint flows_age(struct flows *flows, guint64 now)
{
	g_autofree struct flow_key *keys = g_new(struct flow_key, BATCH);
	g_autofree struct flow *found = g_new(struct flow, BATCH);
	guint32 position = 0, count, deleted = 0;
	gboolean first = TRUE;
	int err;

	do {
		count = BATCH;
		err = bpf_map_lookup_batch(flows->map, first ? NULL : &position, &position, keys,
					   found, &count, NULL);
		first = FALSE;
		if (err && err != -ENOENT) /* which says that this was the last part */
			break;
		for (guint32 i = 0; i < count; i++)
			if (is_old(&found[i], now) &&
			    bpf_map_delete_elem(flows->map, &keys[i]) == 0)
				deleted++;
	} while (!err);
	return deleted;
}

static const struct answer *ask(struct flows *flows, const struct flow_key *key, guint64 now)
{
	struct answer *answer = g_hash_table_lookup(flows->answers, key);

	if (answer && answer->time + ANSWER_NS > now)
		return answer;
	if (!answer) {
		if (g_hash_table_size(flows->answers) >= ANSWERS_MAX)
			g_hash_table_remove_all(flows->answers);
		answer = g_new0(struct answer, 1);
		answer->key = *key;
		g_hash_table_insert(flows->answers, &answer->key, answer);
	}
	answer->known = bpf_map_lookup_elem(flows->map, key, &answer->flow) == 0;
	answer->time = now;
	return answer;
}

/* An ICMP error goes to whom its quoted packet came from. */
static bool tuple_of(const guint8 *headers, bool outgoing, struct flow_key *key)
{
	if (flow_is_error(headers))
		return !outgoing && flow_of_quoted(headers, key);
	return flow_of(headers, outgoing, key);
}

bool flows_find(struct flows *flows, bool outgoing, guint32 netns, const guint8 *bytes,
		gsize length, guint64 time, guint64 now, struct flow *out)
{
	guint32 headers[FLOW_HEADERS / sizeof(guint32)] = {0};
	struct flow_key key = {.netns = netns};
	const struct answer *answer;

	memcpy(headers, bytes, MIN(length, sizeof(headers)));
	if (!tuple_of((const guint8 *)headers, outgoing, &key))
		return false;
	answer = ask(flows, &key, now);
	if (!answer->known || is_old(&answer->flow, now))
		return false;
	if (answer->flow.replaced && answer->flow.since > time)
		return false;
	*out = answer->flow;
	return true;
}
