// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_config.c - what the kernel side is told before it runs */
#include "extcap/capture/kernel_state.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "extcap/capture/conntrack.h"
#include "extcap/capture/lanes.h"
#include "extcap/cpus.h"

/* Numbers of different CPUs never meet in the late table, whose size is a power of two. */
static guint number_step(guint cpus)
{
	guint step = 1;

	while (step < cpus)
		step *= 2;
	return step;
}

void kernel_decide_sizes(struct kernel *kernel)
{
	kernel->cpus = cpus_present();
	kernel->lane_size = lanes_size(kernel->options->buffer_size, kernel->cpus);
	/* About as many as small records (216 bytes, of 64 of UDP) fit. In a lane that is full of
	 * them the oldest lose their answers, and are nobody's. */
	kernel->late_entries = kernel->lane_size * number_step(kernel->cpus) / 256;
}

static void set_config(struct kernel *kernel)
{
	struct bpf_map *map = bpf_object__find_map_by_name(kernel->object, ".rodata.config");
	const struct kernel_options *options = kernel->options;
	const struct scope *scope = options->scope;
	const struct selection *selection = options->selection;
	struct config config = {
		.netns = scope->netns->len ? g_array_index(scope->netns, guint32, 0) : 0,
		.ifindex = scope->ifindex,
		.more_netns = scope->netns->len > 1,
		.every_netns = scope->every,
		.directions = options->directions,
		.by_process = selection_by_process(selection),
		.by_user = selection->uids->len,
		.by_name = selection->names && selection->names[0],
		.by_cgroup = selection_by_container(selection),
		.follow_forks = selection->follow_forks,
		.snapshot_length = options->snapshot_length,
		.number_step = number_step(kernel->cpus),
		.lane_mask = kernel->lane_size - 1,
		.late_mask = kernel->late_entries - 1,
		.has_mptcp = access("/proc/sys/net/mptcp", F_OK) == 0,
		.softirq_stacks = kernel->softirq_stacks,
	};

	if (options->filter) {
		config.filtered = 1;
		config.filter_asks = filter_asks(options->filter);
	}
	conntrack_find(&config);
	bpf_map__set_initial_value(map, &config, sizeof(config));
}

static void set_table_sizes(struct kernel *kernel, guint32 entries)
{
	static const char *const tables[] = {"flows", "devices", "scope", "selected"};

	for (guint i = 0; i < G_N_ELEMENTS(tables); i++)
		bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, tables[i]),
					 entries);
}

static void set_lanes(struct kernel *kernel)
{
	struct bpf_map *lanes = bpf_object__find_map_by_name(kernel->object, "lanes");

	bpf_map__set_max_entries(lanes, kernel->cpus);
	bpf_map__set_value_size(lanes, lanes_stride(kernel->lane_size));
}

/* Nobody is looked for in this one: 5 MiB less. */
static void set_unused(struct kernel *kernel, const char *map)
{
	bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, map), 1);
}

static void set_sizes(struct kernel *kernel)
{
	if (kernel->options->table_size)
		set_table_sizes(kernel, kernel->options->table_size);
	bpf_map__set_max_entries(bpf_object__find_map_by_name(kernel->object, "late"),
				 kernel->late_entries);
	if (!kernel->perf)
		set_lanes(kernel);
	if (!selection_by_process(kernel->options->selection))
		set_unused(kernel, "selected");
	if (!selection_by_container(kernel->options->selection))
		set_unused(kernel, "selected_cgroups");
}

void kernel_configure(struct kernel *kernel)
{
	set_config(kernel);
	set_sizes(kernel);
}

static bool put(struct kernel *kernel, const char *map, const void *key, GError **error)
{
	guint32 one = 1;

	if (bpf_map_update_elem(kernel_map(kernel, map), key, &one, BPF_ANY) == 0)
		return true;
	g_set_error(error, OPTIONS_ERROR, errno,
		    "cannot tell the kernel what is wanted: %s; choose fewer processes, users or "
		    "namespaces at once.",
		    g_strerror(errno));
	return false;
}

/* A name may be an executable's, or what the kernel keeps of one: its first 15 characters. */
static bool put_name(struct kernel *kernel, const char *text, GError **error)
{
	struct process_name name = {0}, comm = {0};

	g_strlcpy(name.text, text, sizeof(name.text));
	g_strlcpy(comm.text, text, COMM_LENGTH);
	return put(kernel, "selected_names", &name, error) &&
	       put(kernel, "selected_names", &comm, error);
}

bool kernel_fill_maps(struct kernel *kernel, GError **error)
{
	const struct scope *scope = kernel->options->scope;
	const struct selection *selection = kernel->options->selection;

	for (guint i = 0; i < scope->netns->len; i++)
		if (!put(kernel, "scope", &g_array_index(scope->netns, guint32, i), error))
			return false;
	for (guint i = 0; i < selection->uids->len; i++)
		if (!put(kernel, "selected_users", &g_array_index(selection->uids, guint32, i),
			 error))
			return false;
	for (char **text = selection->names; text && *text; text++)
		if (!put_name(kernel, *text, error))
			return false;
	return true;
}
