// SPDX-License-Identifier: GPL-2.0-or-later
/* placement.c - the capture filter's programs, put where the kernel side asks them */
#include "extcap/capture/placement.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <unistd.h>

#include "extcap/filter/cost.h"
#include "extcap/filter/load.h"
#include "extcap/linktype.h"
#include "extcap/log.h"
#include "extcap/options.h"

/* A hook of the wire side: which array it asks, what a filter there calls. */
struct way {
	const char *filters, *capture;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	int next;
};

static const struct way ways[] = {
	{"filters_out", "wanted-transmit", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, 0},
	{"filters_in", "wanted-receive-packet", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, 0},
	{"filters_above", "wanted-reentry", BPF_PROG_TYPE_SCHED_CLS, 0, -1},
};

static int put(int map, guint32 index, int program)
{
	return bpf_map_update_elem(map, &index, &program, BPF_ANY) ? -errno : 0;
}

/* The tracepoint's, as the kernel knows it: that of the capture there. */
static guint32 btf_id_of(int program)
{
	struct bpf_prog_info info = {0};
	guint32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) ? 0 : info.attach_btf_id;
}

static int load_program(const struct way *way, struct kernel *kernel, int capture,
			const struct classic *classic)
{
	const struct filter_place place = {
		.contexts = kernel_map(kernel, "filter_contexts"),
		.captures = kernel_map(kernel, way->filters),
		.index = FILTER_CAPTURE,
		.next = way->next,
	};
	const struct filter_hook hook = {
		.name = "capture_filter",
		.type = way->type,
		.attach = way->attach,
		.btf_id = way->type == BPF_PROG_TYPE_TRACING ? btf_id_of(capture) : 0,
	};

	return filter_load(classic->code, classic->length, &place, &hook);
}

/* Would it slow down whoever sends? Then packets are copied, and the engine is slowed down. */
static bool is_too_dear(const struct filter *filter)
{
	const struct classic *ethernet = filter_program(filter, LINK_ETHERNET);
	const struct classic *raw = filter_program(filter, LINK_RAW);
	int cost = ethernet ? filter_cost(ethernet, ETH_HLEN) : filter_cost(raw, 0);

	if (cost < 0)
		log_info("what the filter costs cannot be measured: %s", g_strerror(-cost));
	else
		log_info("the filter takes %d ns a packet", cost);
	if (cost <= FILTER_COST_MOST)
		return false;
	log_warning("the filter takes %d ns a packet, more than %d: it is not asked in the kernel, "
		    "all packets are copied and the engine decides; fewer hosts or ports, or a "
		    "net for them, would do",
		    cost, FILTER_COST_MOST);
	return true;
}

/* What is refused has no entry: nothing there is wanted. @in_engine: where the engine decides. */
static int fill_kind(const struct way *way, struct kernel *kernel, int capture,
		     const struct filter *filter, enum link_kind kind, bool in_engine)
{
	const struct classic *classic = filter_program(filter, kind);
	int map = kernel_map(kernel, way->filters), program, err;

	if (!classic && !filter_is_open(filter, kind))
		return 0;
	if (!classic || in_engine)
		return put(map, kind, capture);
	program = load_program(way, kernel, capture, classic);
	if (program < 0) {
		log_warning("the kernel does not take the filter for %s (%s): all packets there "
			    "are copied, and the engine decides",
			    linktypes[kind].name, g_strerror(-program));
		return put(map, kind, capture);
	}
	err = put(map, kind, program);
	close(program);
	return err;
}

static int fill_way(const struct way *way, struct kernel *kernel, int capture,
		    const struct filter *filter, bool in_engine)
{
	int err = put(kernel_map(kernel, way->filters), FILTER_CAPTURE, capture);

	for (guint kind = 0; kind < LINK_KINDS && !err; kind++)
		err = fill_kind(way, kernel, capture, filter, kind, in_engine);
	return err;
}

bool placement_fill(struct kernel *kernel, const struct filter *filter, GError **error)
{
	bool in_engine = is_too_dear(filter);

	for (guint i = 0; i < G_N_ELEMENTS(ways); i++) {
		int capture = kernel_program(kernel, ways[i].capture);
		int err = capture < 0 ? 0 : fill_way(&ways[i], kernel, capture, filter, in_engine);

		if (!err)
			continue;
		g_set_error(error, OPTIONS_ERROR, -err,
			    "cannot put the capture filter into the kernel: %s; capture without "
			    "one, and use a display filter.",
			    g_strerror(-err));
		return false;
	}
	return true;
}
