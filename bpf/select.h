/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* select.h - which processes' packets are wanted
 *
 * The engine decides in the end, from the same records (extcap/filter/selection.c): what is
 * dropped here must be what it would drop. So a process is selected here as soon as its
 * fork, exec or new name happens, before it can send, and a packet is dropped only where
 * its owner is known already.
 */
#ifndef PTCPDUMP_BPF_SELECT_H
#define PTCPDUMP_BPF_SELECT_H

#include "bpf/cgroup.h"
#include "bpf/owner.h"

static __always_inline struct process_key key_of_owner(const struct owner *owner)
{
	return (struct process_key){.start = owner->start, .tgid = owner->tgid};
}

static __always_inline u32 *selected_by(const struct owner *owner)
{
	struct process_key key = key_of_owner(owner);

	return bpf_map_lookup_elem(&selected, &key);
}

static __always_inline void select_process(const struct owner *owner, u32 by)
{
	struct process_key key = key_of_owner(owner);
	u32 *entry = bpf_map_lookup_elem(&selected, &key);

	if (entry)
		*entry |= by;
	else if (bpf_map_update_elem(&selected, &key, &by, BPF_ANY))
		__sync_fetch_and_add(&control.selected_refused, 1);
}

static __always_inline bool cgroup_is_wanted(struct cgroup *cgroup)
{
	struct cgroup_key key;

	if (!cgroup)
		return false;
	key = key_of_cgroup(cgroup);
	return bpf_map_lookup_elem(&selected_cgroups, &key);
}

/* The process is in these cgroups from now on. */
static __always_inline void select_by_cgroup(struct task_struct *task, const struct owner *owner)
{
	u32 *by;

	if (cgroup_is_wanted(v2_cgroup_of(task)) || cgroup_is_wanted(v1_cgroup_of(task))) {
		select_process(owner, SELECTED_BY_CGROUP);
		return;
	}
	by = selected_by(owner);
	if (by)
		*by &= ~SELECTED_BY_CGROUP;
}

static __always_inline bool is_selected_name(const struct process_name *name)
{
	return bpf_map_lookup_elem(&selected_names, name) != NULL;
}

static __always_inline bool is_selected_comm(const char *comm)
{
	struct process_name name = {};

	/* What stands behind the name's end is left over from a longer one. */
	bpf_probe_read_kernel_str(name.text, COMM_LENGTH, comm);
	return is_selected_name(&name);
}

static __always_inline bool owner_is_wanted(const struct owner *owner)
{
	u32 uid = owner->uid, *by;

	if (config.by_user && !bpf_map_lookup_elem(&selected_users, &uid))
		return false;
	if (!config.by_process)
		return true;
	by = selected_by(owner);
	return by && *by;
}

/* A packet whose owners are not both known may still be wanted. */
static __always_inline bool may_be_wanted(const struct packet_record *meta, bool has_other_end)
{
	u32 netns;

	if (!config.by_process && !config.by_user)
		return true;
	if (meta->direction == DIRECTION_IN || has_other_end)
		return true;
	if (meta->evidence != EVIDENCE_NONE && owner_is_wanted(&meta->owner))
		return true;
	/* What others do in a wanted container's network, and the kernel. */
	netns = meta->netns;
	return config.by_cgroup && bpf_map_lookup_elem(&selected_networks, &netns);
}

#endif
