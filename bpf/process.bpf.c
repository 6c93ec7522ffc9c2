// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* process.bpf.c - processes and threads, as they come, change and go
 *
 * Theory of operation
 * A process of a few milliseconds is gone before anybody can read /proc, so all that
 * its packets will show leaves the kernel with its exec: the path of the executable
 * and the arguments. The path is walked here, name by name up through the mounts,
 * because no helper that gives it may be called from a tracepoint; it is what
 * /proc/PID/exe would show. A fork carries no name: the child has its parent's.
 */
#include "bpf/select.h"
#include "bpf/tell.h"

static __always_inline struct mount *mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

/* Writes the names of @file's path into @event, the last one first. */
static __always_inline void read_path(struct process_event *event, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);
	u32 length = 0;

	/* The verifier wants a bound; a path of more names is shown cut. */
	for (int i = 0; i < PATH_COMPONENTS; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		struct mount *mount = mount_of(mnt);
		long n;

		if (dentry == BPF_CORE_READ(mnt, mnt_root) || dentry == parent) {
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount) {
				event->path_length = length;
				return;
			}
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mnt = &above->mnt;
			continue;
		}
		if (length >= PATH_LENGTH - PATH_NAME)
			break;
		n = bpf_probe_read_kernel_str(event->data + length, PATH_NAME,
					      BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0)
			break;
		length = (length + n) & (PATH_LENGTH - 1);
		dentry = parent;
	}
	event->path_length = length;
	event->flags |= EVENT_PATH_CUT;
}

/* The executable's own name comes first in the path. */
static __always_inline void select_by_name(const struct process_event *event)
{
	struct process_name name = {};
	u32 *by;

	if (!config.by_name)
		return;
	if (event->path_length)
		bpf_probe_read_kernel_str(name.text, sizeof(name.text), event->data);
	if (is_selected_comm(event->comm) || (event->path_length && is_selected_name(&name))) {
		select_process(&event->owner, SELECTED_BY_NAME);
		return;
	}
	/* It was called so before its exec, and is no longer. */
	by = selected_by(&event->owner);
	if (by)
		*by &= ~SELECTED_BY_NAME;
}

/* A child has its parent's executable, and the name of the thread that forked. It is selected
 * before its record is written, for which there may be no room. */
static __always_inline void select_child(struct task_struct *parent, struct task_struct *child)
{
	struct owner owner;
	u32 by = 0, *parent_by;

	owner_of_task(parent, &owner, RANK_NONE);
	parent_by = selected_by(&owner);
	if (parent_by)
		by = *parent_by & SELECTED_BY_NAME;
	if (parent_by && *parent_by && config.follow_forks)
		by |= SELECTED_BY_FORK;
	if (config.by_name && is_selected_comm(child->comm))
		by |= SELECTED_BY_NAME;
	owner_of_task(child, &owner, RANK_NONE);
	if (by)
		select_process(&owner, by);
	if (config.by_cgroup)
		select_by_cgroup(child, &owner);
}

static __always_inline int tell_exec(struct task_struct *task, u64 start, u64 length, u64 room)
{
	struct process_event *event;
	u32 offset;

	/* A constant for each call: the ring takes no other size. */
	event = begin(sizeof(*event) + PATH_LENGTH + room);
	if (!event)
		return 0;
	describe(event, task, PROCESS_EXEC);
	read_path(event, BPF_CORE_READ(task, mm, exe_file));
	if (length > room) {
		length = room;
		event->flags |= EVENT_ARGS_CUT;
	}
	offset = event->path_length & (PATH_LENGTH - 1);
	/* The new image's own memory; its pages have just been written by the kernel. */
	if (length && !bpf_probe_read_user(event->data + offset, length, (void *)start))
		event->args_length = length;
	select_by_name(event);
	if (config.by_cgroup)
		select_by_cgroup(task, &event->owner);
	bpf_ringbuf_submit(event, wakeup_flags());
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	u64 start = BPF_CORE_READ(task, mm, arg_start);
	u64 length = BPF_CORE_READ(task, mm, arg_end) - start;

	if (length <= ARGS_LENGTH_SMALL)
		return tell_exec(task, start, length, ARGS_LENGTH_SMALL);
	return tell_exec(task, start, length, ARGS_LENGTH);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	if (child->pid != child->tgid)
		return tell(child, THREAD_NEW);
	if (config.by_process)
		select_child(parent, child);
	/* clone3() can put it into another cgroup at once. */
	if (child->cgroups != parent->cgroups)
		tell_cgroups_of(child);
	return tell(child, PROCESS_FORK);
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	return tell(task, task->signal->live.counter == 0 ? PROCESS_EXIT : THREAD_EXIT);
}

/* Fires before the name is written (__set_task_comm), so the new one is the argument. An
 * exec renames too, and tells so itself: until then the process is what it was. */
SEC("?tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *task, const char *name)
{
	struct process_event *event;
	struct owner owner;

	if (BPF_CORE_READ_BITFIELD_PROBED(task, in_execve))
		return 0;
	if (config.by_name && task->pid == task->tgid && is_selected_comm(name)) {
		owner_of_task(task, &owner, RANK_NONE);
		select_process(&owner, SELECTED_BY_NAME);
	}
	event = begin(sizeof(*event));
	if (!event)
		return 0;
	describe(event, task, PROCESS_RENAME);
	__builtin_memset(event->comm, 0, sizeof(event->comm));
	bpf_probe_read_kernel_str(event->comm, sizeof(event->comm), name);
	bpf_ringbuf_submit(event, wakeup_flags());
	return 0;
}

/* What was there before: the same records, read as a stream; their arguments are the
 * engine's to fetch from /proc. The scratch is the iterator's own: an engine reads it
 * once, from one thread. */
struct found_process {
	u8 event[sizeof(struct process_event) + PATH_LENGTH + PATH_NAME];
	u8 cgroup[sizeof(struct cgroup_event) + PATH_LENGTH + PATH_NAME];
} __attribute__((aligned(8)));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct found_process);
} found SEC(".maps");

static __always_inline void write_cgroup(struct seq_file *seq, struct cgroup_event *event,
					 struct cgroup *cgroup)
{
	if (!cgroup)
		return;
	describe_cgroup(event, cgroup, CGROUP_NEW);
	bpf_seq_write(seq, event, sizeof(*event) + (event->path_length & (PATH_LENGTH - 1)));
}

SEC("?iter/task")
int find_processes(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct process_event *event;
	u32 zero = 0, length;
	struct found_process *scratch = bpf_map_lookup_elem(&found, &zero);
	struct file *exe;

	if (!task || !scratch)
		return 0;
	if (!control.pidns) {
		struct pidns here;

		pidns_of_reader(&here);
		control.pidns_level = here.level;
		control.pidns = here.ns;
	}
	event = (struct process_event *)scratch->event;
	describe(event, task, task->pid == task->tgid ? PROCESS_KNOWN : THREAD_NEW);
	exe = BPF_CORE_READ(task, mm, exe_file);
	if (exe && task->pid == task->tgid)
		read_path(event, exe);
	length = sizeof(*event) + (event->path_length & (PATH_LENGTH - 1));
	bpf_seq_write(ctx->meta->seq, event, length);
	if (task->pid != task->tgid)
		return 0;
	write_cgroup(ctx->meta->seq, (struct cgroup_event *)scratch->cgroup, v1_cgroup_of(task));
	write_cgroup(ctx->meta->seq, (struct cgroup_event *)scratch->cgroup, v2_cgroup_of(task));
	return 0;
}
