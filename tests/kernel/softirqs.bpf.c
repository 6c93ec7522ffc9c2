// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* softirqs.bpf.c - is bpf/stack.h right?
 *
 * Two tracepoints know without it: no process calls a softirq, and each system call is one's own.
 */
#include "bpf/stack.h"
#include "tests/kernel/softirqs.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct softirqs_counts counted;

SEC("tp_btf/softirq_entry")
int BPF_PROG(on_softirq, unsigned int vector)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();

	if (task->flags & PF_KTHREAD || !task->pid)
		return 0;
	__sync_fetch_and_add(&counted.softirqs, 1);
	if (number_of((void *)bpf_task_pt_regs(task)) - number_of(ctx) < STACK_SIZE)
		__sync_fetch_and_add(&counted.on_stack, 1);
	if (is_called_by(task, ctx))
		__sync_fetch_and_add(&counted.called, 1);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_system_call, struct pt_regs *registers, long number)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();

	__sync_fetch_and_add(&counted.system_calls, 1);
	if (number != -1 && !is_called_by(task, ctx))
		__sync_fetch_and_add(&counted.not_called, 1);
	return 0;
}
