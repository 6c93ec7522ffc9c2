// SPDX-License-Identifier: GPL-2.0-or-later
/* flows.c - the flow table's age */
#include "extcap/capture/flows.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "shared/record.h"

#define BATCH 4096

static gboolean is_old(const struct flow *flow, guint64 now)
{
	return !flow->lasting && flow->time + FLOW_KEEP_SECONDS * 1000000000ULL < now;
}

guint flows_age(int map, guint64 now)
{
	g_autofree struct flow_key *keys = g_new(struct flow_key, BATCH);
	g_autofree struct flow *flows = g_new(struct flow, BATCH);
	guint32 position = 0, count, deleted = 0;
	gboolean first = TRUE;
	int err;

	do {
		count = BATCH;
		err = bpf_map_lookup_batch(map, first ? NULL : &position, &position, keys, flows,
					   &count, NULL);
		first = FALSE;
		if (err && err != -ENOENT) /* which says that this was the last part */
			break;
		for (guint32 i = 0; i < count; i++)
			if (is_old(&flows[i], now) && bpf_map_delete_elem(map, &keys[i]) == 0)
				deleted++;
	} while (!err);
	return deleted;
}
