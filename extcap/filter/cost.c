// SPDX-License-Identifier: GPL-2.0-or-later
/* cost.c - what a filter costs each packet */
#include "extcap/filter/cost.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "extcap/filter/load.h"
#include "shared/filter_context.h"

#define ETHERNET_HEADER 14
#define LENGTH		64
#define REPEAT		200
#define ROUNDS		3

/* From 192.0.2.1 and 2001:db8::1, which are nobody's, to their like; ports 1 and 2. */
static const guint8 packets[][ETHERNET_HEADER + LENGTH] = {
	{[12] = 0x08, 0x00, 0x45, 0, 0,	  LENGTH, 0, 0, 0, 0, 64, 6, 0,		 0,
	 192,	      0,    2,	  1, 192, 0,	  2, 2, 0, 1, 0,  2, [46] = 0x50},
	{[12] = 0x08, 0x00, 0x45, 0, 0,	  LENGTH, 0, 0, 0, 0, 64, 17, 0, 0,
	 192,	      0,    2,	  1, 192, 0,	  2, 2, 0, 1, 0,  2,  0, LENGTH - 20},
	{[12] = 0x86, 0xdd,	0x60, 0,    0,	  0,	    0,	  LENGTH - 40, 17,
	 64,	      0x20,	0x01, 0x0d, 0xb8, [37] = 1, 0x20, 0x01,	       0x0d,
	 0xb8,	      [53] = 2, 0,    1,    0,	  2,	    0,	  LENGTH - 40},
};

static int measure(int program)
{
	guint8 dummy[LENGTH] = {0};
	guint32 best = G_MAXINT32;

	for (guint i = 0; i < ROUNDS; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = dummy,
			    .data_size_in = sizeof(dummy), .repeat = REPEAT);

		if (bpf_prog_test_run_opts(program, &opts))
			return -errno;
		best = MIN(best, opts.duration);
	}
	return (int)best;
}

static int measure_all(int program, int contexts, guint front)
{
	guint skip = ETHERNET_HEADER - front;
	struct filter_context context = {
		.captured = front + LENGTH,
		.length = front + LENGTH,
	};
	guint32 key = 0;
	int most = 0;

	for (guint i = 0; i < G_N_ELEMENTS(packets); i++) {
		int cost;

		memcpy(context.bytes, packets[i] + skip, context.captured);
		if (bpf_map_update_elem(contexts, &key, &context, BPF_ANY))
			return -errno;
		cost = measure(program);
		if (cost < 0)
			return cost;
		most = MAX(most, cost);
	}
	return most;
}

int filter_cost(const struct classic *classic, guint front)
{
	const struct filter_hook hook = {.name = "filter_cost",
					 .type = BPF_PROG_TYPE_SOCKET_FILTER};
	int contexts = bpf_map_create(BPF_MAP_TYPE_ARRAY, "filter_cost", sizeof(guint32),
				      sizeof(struct filter_context), 1, NULL);
	struct filter_place place = {.contexts = contexts, .captures = -1};
	int program, cost;

	if (contexts < 0)
		return -errno;
	program = filter_load(classic->code, classic->length, &place, &hook);
	cost = program < 0 ? program : measure_all(program, contexts, front);
	if (program >= 0)
		close(program);
	close(contexts);
	return cost;
}
