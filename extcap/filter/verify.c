// SPDX-License-Identifier: GPL-2.0-or-later
/* verify.c - is it a classic program that the kernel would take? */
#include "extcap/filter/verify.h"

#include <errno.h>
#include <string.h>

#include "extcap/filter/ancillary.h"

static const guint16 known[] = {
	BPF_LD | BPF_W | BPF_ABS,
	BPF_LD | BPF_H | BPF_ABS,
	BPF_LD | BPF_B | BPF_ABS,
	BPF_LD | BPF_W | BPF_IND,
	BPF_LD | BPF_H | BPF_IND,
	BPF_LD | BPF_B | BPF_IND,
	BPF_LD | BPF_W | BPF_LEN,
	BPF_LD | BPF_IMM,
	BPF_LD | BPF_MEM,
	BPF_LDX | BPF_W | BPF_LEN,
	BPF_LDX | BPF_B | BPF_MSH,
	BPF_LDX | BPF_IMM,
	BPF_LDX | BPF_MEM,
	BPF_ST,
	BPF_STX,
	BPF_ALU | BPF_ADD | BPF_K,
	BPF_ALU | BPF_ADD | BPF_X,
	BPF_ALU | BPF_SUB | BPF_K,
	BPF_ALU | BPF_SUB | BPF_X,
	BPF_ALU | BPF_MUL | BPF_K,
	BPF_ALU | BPF_MUL | BPF_X,
	BPF_ALU | BPF_DIV | BPF_K,
	BPF_ALU | BPF_DIV | BPF_X,
	BPF_ALU | BPF_MOD | BPF_K,
	BPF_ALU | BPF_MOD | BPF_X,
	BPF_ALU | BPF_AND | BPF_K,
	BPF_ALU | BPF_AND | BPF_X,
	BPF_ALU | BPF_OR | BPF_K,
	BPF_ALU | BPF_OR | BPF_X,
	BPF_ALU | BPF_XOR | BPF_K,
	BPF_ALU | BPF_XOR | BPF_X,
	BPF_ALU | BPF_LSH | BPF_K,
	BPF_ALU | BPF_LSH | BPF_X,
	BPF_ALU | BPF_RSH | BPF_K,
	BPF_ALU | BPF_RSH | BPF_X,
	BPF_ALU | BPF_NEG,
	BPF_JMP | BPF_JA,
	BPF_JMP | BPF_JEQ | BPF_K,
	BPF_JMP | BPF_JEQ | BPF_X,
	BPF_JMP | BPF_JGT | BPF_K,
	BPF_JMP | BPF_JGT | BPF_X,
	BPF_JMP | BPF_JGE | BPF_K,
	BPF_JMP | BPF_JGE | BPF_X,
	BPF_JMP | BPF_JSET | BPF_K,
	BPF_JMP | BPF_JSET | BPF_X,
	BPF_RET | BPF_K,
	BPF_RET | BPF_A,
	BPF_MISC | BPF_TAX,
	BPF_MISC | BPF_TXA,
};

static bool is_known(guint16 code)
{
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (known[i] == code)
			return true;
	return false;
}

/* Each operand by itself. */
static int verify_operand(const struct sock_filter *insn)
{
	if (!is_known(insn->code))
		return -EINVAL;
	switch (insn->code) {
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_K:
		return insn->k ? 0 : -EINVAL;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return insn->k < 32 ? 0 : -EINVAL;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return insn->k < BPF_MEMWORDS ? 0 : -EINVAL;
	}
	if (ancillary_is(insn) && ancillary_field(insn) == -EINVAL)
		return -EINVAL;
	return 0;
}

/* @left: instructions behind this one. A distance that leads out of any program is a negative one.
 */
static int verify_jump(const struct sock_filter *insn, guint left)
{
	if (BPF_CLASS(insn->code) != BPF_JMP)
		return 0;
	if (BPF_OP(insn->code) != BPF_JA)
		return insn->jt < left && insn->jf < left ? 0 : -EINVAL;
	if (insn->k < left)
		return 0;
	return insn->k > G_MAXINT32 ? -ELOOP : -EINVAL;
}

/* What is written of scratch memory, carried along the code: a word is known to be where all
 * paths to an instruction have written it. Code behind a jump or a return is reached by jumps
 * alone; like the kernel, we believe a return to run on, and refuse a little more. */
static int verify_memory(const struct sock_filter *code, guint length)
{
	g_autofree guint16 *arriving = g_new(guint16, length);
	guint16 written = 0;

	memset(arriving, 0xff, length * sizeof(*arriving));
	for (guint i = 0; i < length; i++) {
		const struct sock_filter *insn = &code[i];

		written &= arriving[i];
		switch (BPF_CLASS(insn->code)) {
		case BPF_ST:
		case BPF_STX:
			written |= 1 << insn->k;
			break;
		case BPF_LD:
		case BPF_LDX:
			if (BPF_MODE(insn->code) == BPF_MEM && !(written & 1 << insn->k))
				return -EINVAL;
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA) {
				arriving[i + 1 + insn->k] &= written;
			} else {
				arriving[i + 1 + insn->jt] &= written;
				arriving[i + 1 + insn->jf] &= written;
			}
			written = 0xffff;
			break;
		}
	}
	return 0;
}

int classic_verify(const struct sock_filter *code, guint length)
{
	if (!length)
		return -EINVAL;
	if (length > CLASSIC_LENGTH_MAX)
		return -E2BIG;
	for (guint i = 0; i < length; i++) {
		int error = verify_operand(&code[i]);

		if (!error)
			error = verify_jump(&code[i], length - i - 1);
		if (error)
			return error;
	}
	if (BPF_CLASS(code[length - 1].code) != BPF_RET)
		return -EINVAL;
	return verify_memory(code, length);
}
