// SPDX-License-Identifier: GPL-2.0-or-later
/* interpret.c - a classic filter, run here */
#include "extcap/filter/interpret.h"

#include <string.h>

#include "extcap/filter/ancillary.h"

struct machine {
	guint32 a, x;
	guint32 memory[BPF_MEMWORDS];
	const struct filter_packet *packet;
	const struct filter_context *context;
};

/* @size bytes at @offset, in the network's order. False: they are not there. */
static bool read_packet(const struct machine *machine, guint32 offset, guint size, guint32 *number)
{
	if ((guint64)offset + size > machine->packet->captured)
		return false;
	*number = 0;
	for (guint i = 0; i < size; i++)
		*number = *number << 8 | machine->packet->bytes[offset + i];
	return true;
}

static guint size_of(guint16 code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

static bool ask(struct machine *machine, const struct sock_filter *insn)
{
	int field = ancillary_field(insn);

	if (field < 0)
		return false;
	memcpy(&machine->a, (const guint8 *)machine->context + field, sizeof(machine->a));
	return true;
}

/* False: what is to be loaded is not there. */
static bool load(struct machine *machine, const struct sock_filter *insn)
{
	bool to_x = BPF_CLASS(insn->code) == BPF_LDX;
	guint32 *reg = to_x ? &machine->x : &machine->a;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		*reg = insn->k;
		return true;
	case BPF_LEN:
		*reg = machine->packet->length;
		return true;
	case BPF_MEM:
		*reg = machine->memory[insn->k];
		return true;
	case BPF_MSH:
		if (!read_packet(machine, insn->k, 1, reg))
			return false;
		*reg = (*reg & 0x0f) << 2;
		return true;
	case BPF_IND:
		return read_packet(machine, machine->x + insn->k, size_of(insn->code), reg);
	}
	if (ancillary_is(insn))
		return ask(machine, insn);
	return read_packet(machine, insn->k, size_of(insn->code), reg);
}

/* False: a division by 0. */
static bool calculate(struct machine *machine, const struct sock_filter *insn)
{
	guint32 operand = BPF_SRC(insn->code) == BPF_X ? machine->x : insn->k;
	guint32 *a = &machine->a;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		*a += operand;
		return true;
	case BPF_SUB:
		*a -= operand;
		return true;
	case BPF_MUL:
		*a *= operand;
		return true;
	case BPF_DIV:
		*a = operand ? *a / operand : 0;
		return operand;
	case BPF_MOD:
		*a = operand ? *a % operand : 0;
		return operand;
	case BPF_AND:
		*a &= operand;
		return true;
	case BPF_OR:
		*a |= operand;
		return true;
	case BPF_XOR:
		*a ^= operand;
		return true;
	case BPF_LSH:
		*a <<= operand & 31;
		return true;
	case BPF_RSH:
		*a >>= operand & 31;
		return true;
	default: /* BPF_NEG */
		*a = -*a;
		return true;
	}
}

static bool compare(const struct machine *machine, const struct sock_filter *insn)
{
	guint32 operand = BPF_SRC(insn->code) == BPF_X ? machine->x : insn->k;

	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return machine->a == operand;
	case BPF_JGT:
		return machine->a > operand;
	case BPF_JGE:
		return machine->a >= operand;
	default: /* BPF_JSET */
		return machine->a & operand;
	}
}

static guint32 jump(const struct machine *machine, const struct sock_filter *insn)
{
	if (BPF_OP(insn->code) == BPF_JA)
		return insn->k;
	return compare(machine, insn) ? insn->jt : insn->jf;
}

/* False: it is no match. */
static bool step(struct machine *machine, const struct sock_filter *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_LDX:
		return load(machine, insn);
	case BPF_ST:
		machine->memory[insn->k] = machine->a;
		return true;
	case BPF_STX:
		machine->memory[insn->k] = machine->x;
		return true;
	case BPF_ALU:
		return calculate(machine, insn);
	default: /* BPF_MISC */
		if (BPF_MISCOP(insn->code) == BPF_TAX)
			machine->x = machine->a;
		else
			machine->a = machine->x;
		return true;
	}
}

bool classic_matches(const struct sock_filter *code, const struct filter_packet *packet,
		     const struct filter_context *context)
{
	struct machine machine = {.packet = packet, .context = context};

	/* Jumps go forward and the last instruction returns: it ends. */
	for (const struct sock_filter *insn = code;; insn++) {
		if (BPF_CLASS(insn->code) == BPF_RET)
			return insn->code == (BPF_RET | BPF_A) ? machine.a : insn->k;
		if (BPF_CLASS(insn->code) == BPF_JMP)
			insn += jump(&machine, insn);
		else if (!step(&machine, insn))
			return false;
	}
}
