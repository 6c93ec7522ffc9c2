// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* cgroup.bpf.c - cgroups as they come and go, and processes that move into one
 *
 * A container's cgroup is made long before its first packet (35 to 190 ms), and its first
 * process is moved into it by its runtime. So all that is needed of it is known by then, and
 * no packet has to ask.
 */
#include "bpf/cgroup.h"
#include "bpf/select.h"
#include "bpf/tell.h"

/* A container within a wanted one is wanted, too; of others the engine decides. */
static __always_inline void select_new_cgroup(struct cgroup *cgroup)
{
	struct cgroup_key key = key_of_cgroup(cgroup), parent;
	u32 wanted = CGROUP_UNDECIDED, *of_parent;

	parent = key_of_cgroup(BPF_CORE_READ(cgroup, self.parent, cgroup));
	of_parent = bpf_map_lookup_elem(&selected_cgroups, &parent);
	if (of_parent)
		wanted = *of_parent;
	if (bpf_map_update_elem(&selected_cgroups, &key, &wanted, BPF_ANY))
		__sync_fetch_and_add(&control.selected_refused, 1);
}

SEC("?tp_btf/cgroup_mkdir")
int BPF_PROG(on_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	if (!cgroup_counts(cgroup))
		return 0;
	if (config.by_cgroup)
		select_new_cgroup(cgroup);
	tell_cgroup(cgroup, CGROUP_NEW);
	return 0;
}

SEC("?tp_btf/cgroup_release")
int BPF_PROG(on_cgroup_release, struct cgroup *cgroup, const char *path)
{
	struct cgroup_key key = key_of_cgroup(cgroup);

	if (!cgroup_counts(cgroup))
		return 0;
	if (config.by_cgroup)
		bpf_map_delete_elem(&selected_cgroups, &key);
	tell_cgroup(cgroup, CGROUP_GONE);
	return 0;
}

/* Fires when the move is complete. What a thread alone does changes nothing. */
SEC("?tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_attach, struct cgroup *cgroup, const char *path, struct task_struct *task,
	     bool whole_process)
{
	struct owner owner;

	if (task->pid != task->tgid || !cgroup_counts(cgroup))
		return 0;
	if (config.by_cgroup) {
		owner_of_task(task, &owner, RANK_NONE);
		select_by_cgroup(task, &owner);
	}
	tell_cgroups_of(task);
	tell(task, PROCESS_MOVE);
	return 0;
}
