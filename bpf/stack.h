/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stack.h - was it the running task that made the kernel do this?
 *
 * Theory of operation
 * A softirq runs on top of whatever was running. The kernel counts its softirqs, but does not tell
 * everybody where (that takes CONFIG_KALLSYMS_ALL), and two programs at their tracepoints cost
 * every softirq of the machine two calls. The stack tells as well. On x86-64 interrupts and
 * softirqs have one of their own, so what runs on a task's stack was called by the task. With one
 * exception: what interrupts user space stays on the task's stack, which is empty then, and so
 * does the softirq behind it; but the registers saved there name no system call (orig_ax is -1:
 * arch/x86/entry/entry_64.S, arch/x86/include/asm/irq_stack.h). What a task does on its way back
 * from such an interrupt (io_uring's linked requests) cannot be told from that, and is not taken
 * for its own.
 *
 * With PREEMPT_RT softirqs run on any stack; the engine does not ask then
 * (extcap/capture/softirq.c).
 */
#ifndef PTCPDUMP_BPF_STACK_H
#define PTCPDUMP_BPF_STACK_H

#include "bpf/kernel_types.h"

#define STACK_SIZE     16384 /* x86-64's THREAD_SIZE; with KASAN this is the upper half */
#define NO_SYSTEM_CALL (~0UL)

/* The task's stack begins below the registers. @here: something on the present one: of a tracing
 * program its context, for its variables may stand elsewhere (from 6.13 on); else a variable. */
static __always_inline bool is_called_by(struct task_struct *task, const void *here)
{
#ifdef __TARGET_ARCH_x86
	struct pt_regs *registers = (struct pt_regs *)bpf_task_pt_regs(task);

	if (number_of(registers) - number_of(here) >= STACK_SIZE)
		return false;
	/* Who ends may have come to it from an interrupt. io_uring's workers are never in user
	 * space, and have a copy of somebody's registers. */
	if (task->flags & (PF_EXITING | PF_IO_WORKER))
		return true;
	return registers->orig_ax != NO_SYSTEM_CALL;
#else
	return false;
#endif
}

#endif
