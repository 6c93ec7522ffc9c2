// SPDX-License-Identifier: GPL-2.0-or-later
/* kernel_select.c - whose packets the kernel side lets through, told while a capture runs */
#include <bpf/bpf.h>
#include <errno.h>

#include "extcap/capture/kernel.h"
#include "extcap/log.h"
#include "extcap/seal.h"

SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_UPDATE_ELEM);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_MAP_DELETE_ELEM);

void kernel_select(struct kernel *kernel, guint32 tgid, guint64 start, bool wanted)
{
	struct process_key key = {.start = start, .tgid = tgid};
	guint32 by = SELECTED_BY_PID;
	int map = kernel_map(kernel, "selected");

	if (wanted && bpf_map_update_elem(map, &key, &by, BPF_ANY))
		log_warning("process %u cannot be selected: %s", tgid, g_strerror(errno));
	else if (!wanted)
		bpf_map_delete_elem(map, &key);
}

void kernel_select_cgroup(struct kernel *kernel, const struct cgroup_key *key,
			  enum cgroup_wanted wanted)
{
	guint32 value = wanted;
	int map = kernel_map(kernel, "selected_cgroups");

	if (!wanted)
		bpf_map_delete_elem(map, key);
	else if (bpf_map_update_elem(map, key, &value, BPF_ANY))
		log_warning("a container cannot be selected: %s", g_strerror(errno));
}

void kernel_select_network(struct kernel *kernel, guint32 netns, enum cgroup_wanted wanted)
{
	guint32 value = wanted;
	int map = kernel_map(kernel, "selected_networks");

	if (!wanted)
		bpf_map_delete_elem(map, &netns);
	else if (bpf_map_update_elem(map, &netns, &value, BPF_ANY))
		log_warning("what nobody owns in a container's network cannot be selected: %s",
			    g_strerror(errno));
}
