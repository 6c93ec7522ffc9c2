/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cgroup.h - in which cgroups a process is, and what they are called
 *
 * A container is a cgroup, of v2 or of v1 hierarchies: where a runtime uses v1, its processes
 * may all be in v2's root, and the other way round. Of the v1 hierarchies some are looked at
 * that every runtime uses; in the first that a process is not at the root of, it counts.
 */
#ifndef PTCPDUMP_BPF_CGROUP_H
#define PTCPDUMP_BPF_CGROUP_H

#include "bpf/maps.h"

#define PATH_NAME 256 /* NAME_MAX + 1 */

/* The v1 hierarchies that tell of containers, in this order. The kernel numbers controllers as
 * it was built. */
#define V1_CONTROLLERS 4

static __always_inline int v1_controller(int nth)
{
	switch (nth) {
	case 0:
		return bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)
			       ? bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)
			       : -1;
	case 1:
		return bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)
			       ? bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)
			       : -1;
	case 2:
		return bpf_core_enum_value_exists(enum cgroup_subsys_id, cpuset_cgrp_id)
			       ? bpf_core_enum_value(enum cgroup_subsys_id, cpuset_cgrp_id)
			       : -1;
	default:
		return bpf_core_enum_value_exists(enum cgroup_subsys_id, devices_cgrp_id)
			       ? bpf_core_enum_value(enum cgroup_subsys_id, devices_cgrp_id)
			       : -1;
	}
}

/* Is it in a hierarchy that is looked at? */
static __always_inline bool cgroup_counts(struct cgroup *cgroup)
{
	u32 mask = BPF_CORE_READ(cgroup, root, subsys_mask);

	if (!BPF_CORE_READ(cgroup, root, hierarchy_id))
		return true;
#pragma unroll
	for (int nth = 0; nth < V1_CONTROLLERS; nth++) {
		int controller = v1_controller(nth);

		if (controller >= 0 && mask & 1U << controller)
			return true;
	}
	return false;
}

static __always_inline struct cgroup_key key_of_cgroup(struct cgroup *cgroup)
{
	return (struct cgroup_key){
		.id = BPF_CORE_READ(cgroup, kn, id),
		.hierarchy = BPF_CORE_READ(cgroup, root, hierarchy_id),
	};
}

/* NULL: it is at the root. */
static __always_inline struct cgroup *v2_cgroup_of(struct task_struct *task)
{
	struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);

	return BPF_CORE_READ(cgroup, level) ? cgroup : NULL;
}

static __always_inline struct cgroup *v1_cgroup_of(struct task_struct *task)
{
	void *states = (void *)BPF_CORE_READ(task, cgroups) +
		       bpf_core_field_offset(struct css_set, subsys);

#pragma unroll
	for (int nth = 0; nth < V1_CONTROLLERS; nth++) {
		int controller = v1_controller(nth);
		struct cgroup_subsys_state *state = NULL;
		struct cgroup *cgroup;

		if (controller < 0)
			continue;
		bpf_probe_read_kernel(&state, sizeof(state), states + controller * sizeof(state));
		cgroup = BPF_CORE_READ(state, cgroup);
		if (BPF_CORE_READ(cgroup, level) && BPF_CORE_READ(cgroup, root, hierarchy_id))
			return cgroup;
	}
	return NULL;
}

/* Writes what @event says of the cgroup, its path's names from the last one up. */
static __always_inline void describe_cgroup(struct cgroup_event *event, struct cgroup *cgroup,
					    u16 kind)
{
	struct cgroup_key key = key_of_cgroup(cgroup);
	u32 length = 0;

	event->time = bpf_ktime_get_ns();
	event->kind = kind;
	event->flags = 0;
	event->reserved = 0;
	event->id = key.id;
	event->hierarchy = key.hierarchy;
	event->reserved_too = 0;
	event->path_length = 0;
	if (kind == CGROUP_GONE)
		return;
	/* The verifier wants a bound; a path of more names is shown cut. */
	for (int i = 0; i < PATH_COMPONENTS; i++) {
		long n;

		if (!BPF_CORE_READ(cgroup, level)) {
			event->path_length = length;
			return;
		}
		if (length >= PATH_LENGTH - PATH_NAME)
			break;
		n = bpf_probe_read_kernel_str(event->data + length, PATH_NAME,
					      BPF_CORE_READ(cgroup, kn, name));
		if (n <= 0)
			break;
		length = (length + n) & (PATH_LENGTH - 1);
		cgroup = BPF_CORE_READ(cgroup, self.parent, cgroup);
	}
	event->path_length = length;
	event->flags |= EVENT_PATH_CUT;
}

#endif
