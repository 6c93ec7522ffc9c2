// SPDX-License-Identifier: GPL-2.0-or-later
/* loads.c - how a generated filter reads a packet */
#include "extcap/filter/loads.h"

#include <stddef.h>

#include "extcap/filter/registers.h"
#include "shared/filter_context.h"

#define BYTES_AT offsetof(struct filter_context, bytes)

/* No packet has more in its linear part. */
#define LINEAR_MAX 0x20000

static guint size_of(const struct sock_filter *insn)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_W:
		return 4;
	case BPF_H:
		return 2;
	default:
		return 1;
	}
}

/* The number stands in @reg as the packet has it. */
static void finish(struct emitter *emitter, const struct sock_filter *insn, guint8 reg)
{
	guint size = size_of(insn);

	if (size > 1)
		emit(emitter, from_network(reg, (gint32)size * 8));
	if (BPF_CLASS(insn->code) != BPF_LDX)
		return;
	/* BPF_MSH: the length of an IPv4 header, from its first byte. */
	emit(emitter, alu32_imm(BPF_AND, reg, 0x0f));
	emit(emitter, alu32_imm(BPF_LSH, reg, 2));
}

static bool load_constant(struct emitter *emitter, const struct sock_filter *insn, guint8 reg,
			  guint missing, guint *sure)
{
	guint64 last = (guint64)insn->k + size_of(insn);

	if (last > FILTER_BYTES) {
		emit(emitter, alu32_imm(BPF_MOV, LAST, (gint32)MIN(last, G_MAXUINT32)));
		emit_jump(emitter, jump_always(), missing);
		return false;
	}
	if (last > *sure) {
		emit(emitter, jump_imm(BPF_JGE, CAPTURED, (gint32)last, 2));
		emit(emitter, alu32_imm(BPF_MOV, LAST, (gint32)last));
		emit_jump(emitter, jump_always(), missing);
		*sure = (guint)last;
	}
	emit(emitter, load_mem(BPF_SIZE(insn->code), reg, CONTEXT, (gint16)(BYTES_AT + insn->k)));
	finish(emitter, insn, reg);
	return true;
}

static void load_computed(struct emitter *emitter, const struct sock_filter *insn, guint missing)
{
	/* The offset wraps at 32 bits, as the kernel's does. */
	emit(emitter, alu32_reg(BPF_MOV, ADDRESS, X));
	if (insn->k)
		emit(emitter, alu32_imm(BPF_ADD, ADDRESS, (gint32)insn->k));
	emit(emitter, alu64_reg(BPF_MOV, LAST, ADDRESS));
	emit(emitter, alu64_imm(BPF_ADD, LAST, (gint32)size_of(insn)));
	emit(emitter, jump_reg(BPF_JGE, CAPTURED, LAST, 1));
	emit_jump(emitter, jump_always(), missing);
	emit(emitter, alu64_imm(BPF_AND, ADDRESS, FILTER_BYTES - 1));
	emit(emitter, alu64_reg(BPF_ADD, ADDRESS, CONTEXT));
	emit(emitter, load_mem(BPF_SIZE(insn->code), A, ADDRESS, BYTES_AT));
	finish(emitter, insn, A);
}

bool load_packet(struct emitter *emitter, const struct sock_filter *insn, guint missing,
		 guint *sure)
{
	guint8 reg = BPF_CLASS(insn->code) == BPF_LDX ? X : A;

	if (BPF_MODE(insn->code) != BPF_IND)
		return load_constant(emitter, insn, reg, missing, sure);
	load_computed(emitter, insn, missing);
	return true;
}

void load_short(struct emitter *emitter, guint done)
{
	emit(emitter, alu32_imm(BPF_MOV, VERDICT, FILTER_UNSURE));
	emit_jump(emitter, jump_reg(BPF_JGE, LENGTH, LAST, 0), done);
	emit(emitter, alu32_imm(BPF_MOV, VERDICT, FILTER_NO_MATCH));
	emit_jump(emitter, jump32_imm(BPF_JLT, LAST, SKF_LL_OFF, 0), done);
	emit(emitter, alu32_imm(BPF_AND, LAST, ~SKF_NET_OFF));
	emit_jump(emitter, jump_imm(BPF_JGE, LAST, LINEAR_MAX, 0), done);
	emit(emitter, alu32_imm(BPF_MOV, VERDICT, FILTER_UNSURE));
	emit_jump(emitter, jump_always(), done);
}
