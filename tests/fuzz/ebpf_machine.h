/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ebpf_machine.h - runs the part of eBPF that generated filters use, and trusts none of it
 *
 * Registers hold numbers or addresses; each access must lie in the stack or in the context,
 * each jump must go forward, each register and each word of the stack must have been written
 * before it is read. What does not hold ends the fuzzer.
 */
#ifndef PTCPDUMP_TESTS_FUZZ_EBPF_MACHINE_H
#define PTCPDUMP_TESTS_FUZZ_EBPF_MACHINE_H

#include <glib.h>
#include <linux/bpf.h>
#include <string.h>

#include "shared/filter_context.h"

#define STACK_SIZE 512

struct ebpf_machine {
	guint64 reg[11];
	guint written; /* one bit for each register */
	guint8 stack[STACK_SIZE], stack_written[STACK_SIZE];
	struct filter_context *context;
};

static inline guint64 machine_get(const struct ebpf_machine *machine, guint reg)
{
	g_assert(reg <= 10 && machine->written & 1U << reg);
	return machine->reg[reg];
}

static inline void machine_set(struct ebpf_machine *machine, guint reg, guint64 number)
{
	g_assert(reg < 10);
	machine->reg[reg] = number;
	machine->written |= 1U << reg;
}

static inline guint machine_size(const struct bpf_insn *insn)
{
	return BPF_SIZE(insn->code) == BPF_W ? 4 : BPF_SIZE(insn->code) == BPF_H ? 2 : 1;
}

static inline guint8 *machine_address(struct ebpf_machine *machine, guint64 base, gint16 offset,
				      guint size, bool writes)
{
	guint8 *at = (guint8 *)(gsize)base + offset, *context = (guint8 *)machine->context;

	if (at >= context && at + size <= context + sizeof(*machine->context)) {
		g_assert(!writes);
		return at;
	}
	g_assert(at >= machine->stack && at + size <= machine->stack + STACK_SIZE);
	for (guint i = 0; i < size; i++) {
		guint8 *mark = &machine->stack_written[at - machine->stack + i];

		g_assert(writes || *mark);
		*mark = 1;
	}
	return at;
}

static inline guint32 machine_calculate(guint8 operation, guint32 a, guint32 b)
{
	switch (operation) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : a;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	case BPF_NEG:
		return -a;
	case BPF_MOV:
		return b;
	}
	g_assert_not_reached();
}

static inline void machine_alu(struct ebpf_machine *machine, const struct bpf_insn *insn)
{
	bool with_register = BPF_SRC(insn->code) == BPF_X,
	     wide = BPF_CLASS(insn->code) == BPF_ALU64;
	guint8 operation = BPF_OP(insn->code);
	guint64 a = operation == BPF_MOV ? 0 : machine_get(machine, insn->dst_reg), b;

	if (operation == BPF_END) {
		g_assert(BPF_SRC(insn->code) == BPF_TO_BE && !wide);
		a = insn->imm == 16 ? GUINT16_TO_BE(a) : GUINT32_TO_BE(a);
		g_assert(insn->imm == 16 || insn->imm == 32);
		machine_set(machine, insn->dst_reg, a);
		return;
	}
	g_assert(!insn->off && !(with_register && insn->imm) && !(!with_register && insn->src_reg));
	b = with_register ? machine_get(machine, insn->src_reg) : (guint64)(gint64)insn->imm;
	if (!wide)
		a = machine_calculate(operation, (guint32)a, (guint32)b);
	else if (operation == BPF_MOV)
		a = b;
	else if (operation == BPF_ADD)
		a += b;
	else if (operation == BPF_AND)
		a &= b;
	else
		g_assert_not_reached();
	machine_set(machine, insn->dst_reg, a);
}

static inline bool machine_compare(struct ebpf_machine *machine, const struct bpf_insn *insn)
{
	guint64 a, b;

	if (BPF_OP(insn->code) == BPF_JA)
		return true;
	a = machine_get(machine, insn->dst_reg);
	b = BPF_SRC(insn->code) == BPF_X ? machine_get(machine, insn->src_reg)
					 : (guint64)(gint64)insn->imm;
	if (BPF_CLASS(insn->code) == BPF_JMP32)
		a = (guint32)a, b = (guint32)b;
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	}
	g_assert_not_reached();
}

static inline void machine_call(struct ebpf_machine *machine, const struct bpf_insn *insn)
{
	g_assert(insn->imm == BPF_FUNC_map_lookup_elem);
	g_assert(machine_get(machine, 1) == 0x1000 + 7);
	machine_address(machine, machine_get(machine, 2), 0, 4, false);
	machine->written &= ~0x3eU;
	machine_set(machine, 0, (gsize)machine->context);
}

static inline void machine_memory(struct ebpf_machine *machine, const struct bpf_insn *insn)
{
	guint8 class = BPF_CLASS(insn->code);
	guint base = class == BPF_LDX ? insn->src_reg : insn->dst_reg;
	guint8 *at = machine_address(machine, machine_get(machine, base), insn->off,
				     machine_size(insn), class != BPF_LDX);
	guint32 number = 0;

	if (class == BPF_LDX) {
		/* Loads of 1, 2 and 4 bytes in the machine's own order. */
		guint16 half;

		memcpy(&half, at, machine_size(insn) == 2 ? 2 : 0);
		memcpy(&number, at, machine_size(insn) == 4 ? 4 : 0);
		if (machine_size(insn) < 4)
			number = machine_size(insn) == 2 ? half : *at;
		machine_set(machine, insn->dst_reg, number);
		return;
	}
	g_assert(machine_size(insn) == 4);
	number = class == BPF_STX ? (guint32)machine_get(machine, insn->src_reg)
				  : (guint32)insn->imm;
	memcpy(at, &number, 4);
}

/* Map 7 is the context's. */
static inline guint32 machine_run(struct ebpf_machine *machine, const GArray *program)
{
	memset(machine->stack_written, 0, sizeof(machine->stack_written));
	machine->written = 1U << 1 | 1U << 10;
	machine->reg[10] = (gsize)machine->stack + STACK_SIZE;
	for (guint at = 0;; at++) {
		const struct bpf_insn *insn;

		g_assert(at < program->len);
		insn = &g_array_index(program, struct bpf_insn, at);
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			g_assert(insn->code == (BPF_LD | BPF_DW | BPF_IMM) &&
				 insn->src_reg == BPF_PSEUDO_MAP_FD);
			machine_set(machine, insn->dst_reg, 0x1000 + (guint64)insn->imm);
			at++;
			break;
		case BPF_LDX:
		case BPF_ST:
		case BPF_STX:
			machine_memory(machine, insn);
			break;
		case BPF_ALU:
		case BPF_ALU64:
			machine_alu(machine, insn);
			break;
		case BPF_JMP:
		case BPF_JMP32:
			if (insn->code == (BPF_JMP | BPF_EXIT))
				return (guint32)machine_get(machine, 0);
			if (insn->code == (BPF_JMP | BPF_CALL)) {
				machine_call(machine, insn);
				break;
			}
			g_assert(insn->off >= 0);
			if (machine_compare(machine, insn))
				at += (guint)insn->off;
			break;
		}
	}
}

#endif
