// SPDX-License-Identifier: GPL-2.0-or-later
/* translate.c - a capture filter in the kernel: classic BPF becomes eBPF */
#include "extcap/filter/translate.h"

#include <errno.h>
#include <stddef.h>

#include "extcap/filter/ancillary.h"
#include "extcap/filter/loads.h"
#include "extcap/filter/registers.h"
#include "extcap/filter/verify.h"
#include "shared/filter_context.h"

#define EBPF_LENGTH_MAX 1000000

struct translation {
	const struct sock_filter *code;
	guint length;
	guint *open; /* for each instruction, see count_open() */
	guint *sure; /* for each, how many bytes are captured on every way to it: the verifier
			finds out, too, and is slow to take away a question that is none */
	struct emitter emitter;
};

/* Targets are the classic instructions by their number, and two places behind them. */
static guint missing(const struct translation *t)
{
	return t->length;
}

static guint done(const struct translation *t)
{
	return t->length + 1;
}

/* Where a jump to @at leads in the end: classic comparisons reach 255 instructions, and libpcap
 * sends them on from there. */
static guint goal(const struct translation *t, guint at)
{
	while (t->code[at].code == (BPF_JMP | BPF_JA))
		at += 1 + t->code[at].k;
	return at;
}

static guint goal_if(const struct translation *t, guint at, bool outcome)
{
	return goal(t, at + 1 + (outcome ? t->code[at].jt : t->code[at].jf));
}

/* ---- ends of the program ---- */

static bool is_end(const struct translation *t, guint at)
{
	return t->code[at].code == (BPF_RET | BPF_K);
}

static void end_with(struct translation *t, enum filter_verdict verdict)
{
	emit(&t->emitter, alu32_imm(BPF_MOV, VERDICT, verdict));
	emit_jump(&t->emitter, jump_always(), done(t));
}

/* What a return gives is how many bytes to keep: any number but 0 is a match. */
static void end_as(struct translation *t, guint at)
{
	end_with(t, t->code[at].k ? FILTER_MATCH : FILTER_NO_MATCH);
}

static void end_by_accumulator(struct translation *t)
{
	emit(&t->emitter, alu32_imm(BPF_MOV, VERDICT, FILTER_NO_MATCH));
	emit(&t->emitter, jump32_imm(BPF_JEQ, A, 0, 1));
	emit(&t->emitter, alu32_imm(BPF_MOV, VERDICT, FILTER_MATCH));
	emit_jump(&t->emitter, jump_always(), done(t));
}

static bool translate_return(struct translation *t, guint at)
{
	if (is_end(t, at))
		end_as(t, at);
	else
		end_by_accumulator(t);
	return false;
}

/* ---- jumps ---- */

/* How many branches the verifier leaves open on the best way from here to an end: what it does
 * not go into at once is kept until the way it took has ended, unless one side ends by itself. */
static guint count_open_at(const struct translation *t, guint at)
{
	const struct sock_filter *insn = &t->code[at];
	guint yes, no;

	if (BPF_CLASS(insn->code) == BPF_RET)
		return 0;
	if (BPF_CLASS(insn->code) != BPF_JMP)
		return t->open[at + 1];
	if (BPF_OP(insn->code) == BPF_JA)
		return t->open[goal(t, at)];
	yes = goal_if(t, at, true);
	no = goal_if(t, at, false);
	if (yes == no || is_end(t, no))
		return t->open[yes];
	if (is_end(t, yes))
		return t->open[no];
	return 1 + MIN(t->open[yes], t->open[no]);
}

static void count_open(struct translation *t)
{
	for (guint at = t->length; at-- > 0;)
		t->open[at] = count_open_at(t, at);
}

/* Where all open branches have room, a comparison goes straight on to what is compared next: a
 * list of hosts is then walked without a jump, which takes half the time. */
#define FEW 1024

/* Of two that are alike, the one that needs no jump. */
static bool is_lighter(const struct translation *t, guint yes, guint no, guint next)
{
	if (t->open[yes] == t->open[no])
		return yes == next;
	return t->open[yes] < t->open[no];
}

static guint8 opposite(guint8 comparison)
{
	switch (comparison) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JGT:
		return BPF_JLE;
	default: /* BPF_JGE */
		return BPF_JLT;
	}
}

static void jump_to(struct translation *t, guint at, struct bpf_insn insn, guint target)
{
	t->sure[target] = MIN(t->sure[target], t->sure[at]);
	emit_jump(&t->emitter, insn, target);
}

/* To @target when the comparison comes out as @outcome. */
static void branch(struct translation *t, guint at, bool outcome, guint target)
{
	const struct sock_filter *insn = &t->code[at];
	guint8 comparison = BPF_OP(insn->code);
	bool with_x = BPF_SRC(insn->code) == BPF_X;

	/* "any of these bits" has no opposite, but its result has. */
	if (comparison == BPF_JSET) {
		emit(&t->emitter, alu32_reg(BPF_MOV, ADDRESS, A));
		emit(&t->emitter, with_x ? alu32_reg(BPF_AND, ADDRESS, X)
					 : alu32_imm(BPF_AND, ADDRESS, (gint32)insn->k));
		jump_to(t, at, jump32_imm(outcome ? BPF_JNE : BPF_JEQ, ADDRESS, 0, 0), target);
		return;
	}
	if (!outcome)
		comparison = opposite(comparison);
	jump_to(t, at,
		with_x ? jump32_reg(comparison, A, X, 0)
		       : jump32_imm(comparison, A, (gint32)insn->k, 0),
		target);
}

static bool translate_always(struct translation *t, guint at, guint target)
{
	if (is_end(t, target))
		end_as(t, target);
	else if (target != at + 1)
		jump_to(t, at, jump_always(), target);
	else
		return true;
	return false;
}

static bool translate_comparison(struct translation *t, guint at)
{
	guint yes = goal_if(t, at, true), no = goal_if(t, at, false);
	bool yes_first;

	if (yes == no)
		return translate_always(t, at, yes);
	if (is_end(t, yes) || is_end(t, no))
		yes_first = is_end(t, yes) == (t->length > FEW);
	else
		yes_first = is_lighter(t, yes, no, at + 1);
	branch(t, at, !yes_first, yes_first ? no : yes);
	return translate_always(t, at, yes_first ? yes : no);
}

static bool translate_jump(struct translation *t, guint at)
{
	if (BPF_OP(t->code[at].code) == BPF_JA)
		return translate_always(t, at, goal(t, at));
	return translate_comparison(t, at);
}

/* ---- registers and memory ---- */

static bool translate_load(struct translation *t, guint at)
{
	const struct sock_filter *insn = &t->code[at];
	guint8 reg = BPF_CLASS(insn->code) == BPF_LDX ? X : A;

	switch (BPF_MODE(insn->code)) {
	case BPF_IMM:
		emit(&t->emitter, alu32_imm(BPF_MOV, reg, (gint32)insn->k));
		return true;
	case BPF_LEN:
		emit(&t->emitter, alu32_reg(BPF_MOV, reg, LENGTH));
		return true;
	case BPF_MEM:
		emit(&t->emitter, load_mem(BPF_W, reg, BPF_REG_10, MEMORY_AT(insn->k)));
		return true;
	}
	if (!ancillary_is(insn))
		return load_packet(&t->emitter, insn, missing(t), &t->sure[at]);
	emit(&t->emitter, load_mem(BPF_W, A, CONTEXT, (gint16)ancillary_field(insn)));
	return true;
}

static bool translate_store(struct translation *t, guint at)
{
	guint8 reg = BPF_CLASS(t->code[at].code) == BPF_STX ? X : A;

	emit(&t->emitter, store_mem(BPF_W, BPF_REG_10, MEMORY_AT(t->code[at].k), reg));
	return true;
}

static bool translate_arithmetic(struct translation *t, guint at)
{
	const struct sock_filter *insn = &t->code[at];
	guint8 operation = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) == BPF_K) {
		gint32 number = operation == BPF_NEG ? 0 : (gint32)insn->k;

		emit(&t->emitter, alu32_imm(operation, A, number));
		return true;
	}
	if (operation == BPF_DIV || operation == BPF_MOD) {
		emit(&t->emitter, jump32_imm(BPF_JNE, X, 0, 2));
		end_with(t, FILTER_NO_MATCH);
	}
	emit(&t->emitter, alu32_reg(operation, A, X));
	return true;
}

static bool translate_move(struct translation *t, guint at)
{
	if (BPF_MISCOP(t->code[at].code) == BPF_TAX)
		emit(&t->emitter, alu32_reg(BPF_MOV, X, A));
	else
		emit(&t->emitter, alu32_reg(BPF_MOV, A, X));
	return true;
}

/* ---- the whole ---- */

/* By the class of an instruction. Each tells whether the code runs on into the next. */
static bool (*const translators[])(struct translation *t, guint at) = {
	[BPF_LD] = translate_load,    [BPF_LDX] = translate_load,	[BPF_ST] = translate_store,
	[BPF_STX] = translate_store,  [BPF_ALU] = translate_arithmetic, [BPF_JMP] = translate_jump,
	[BPF_RET] = translate_return, [BPF_MISC] = translate_move,
};

static void translate_entry(struct translation *t, const struct filter_place *place)
{
	emit(&t->emitter, alu64_reg(BPF_MOV, PROGRAM, BPF_REG_1));
	emit(&t->emitter, store_imm(BPF_W, BPF_REG_10, KEY_AT, 0));
	emit_map(&t->emitter, BPF_REG_1, place->contexts);
	emit(&t->emitter, alu64_reg(BPF_MOV, BPF_REG_2, BPF_REG_10));
	emit(&t->emitter, alu64_imm(BPF_ADD, BPF_REG_2, KEY_AT));
	emit(&t->emitter, call(BPF_FUNC_map_lookup_elem));
	/* An array has its key 0, but the verifier does not know. */
	emit(&t->emitter, jump_imm(BPF_JNE, BPF_REG_0, 0, 2));
	emit(&t->emitter, alu32_imm(BPF_MOV, BPF_REG_0, place->next));
	emit(&t->emitter, leave());
	emit(&t->emitter, alu64_reg(BPF_MOV, CONTEXT, BPF_REG_0));
	emit(&t->emitter,
	     load_mem(BPF_W, CAPTURED, CONTEXT, offsetof(struct filter_context, captured)));
	emit(&t->emitter,
	     load_mem(BPF_W, LENGTH, CONTEXT, offsetof(struct filter_context, length)));
	emit(&t->emitter, alu32_imm(BPF_MOV, A, 0));
	emit(&t->emitter, alu32_imm(BPF_MOV, X, 0));
}

static void translate_exit(struct translation *t, const struct filter_place *place)
{
	emit_target(&t->emitter, done(t));
	if (place->captures < 0) {
		emit(&t->emitter, leave());
		return;
	}
	emit(&t->emitter, jump_imm(BPF_JEQ, VERDICT, FILTER_NO_MATCH, 6));
	emit(&t->emitter,
	     store_mem(BPF_W, CONTEXT, offsetof(struct filter_context, verdict), VERDICT));
	emit(&t->emitter, alu64_reg(BPF_MOV, BPF_REG_1, PROGRAM));
	emit_map(&t->emitter, BPF_REG_2, place->captures);
	emit(&t->emitter, alu32_imm(BPF_MOV, BPF_REG_3, (gint32)place->index));
	emit(&t->emitter, call(BPF_FUNC_tail_call));
	emit(&t->emitter, alu32_imm(BPF_MOV, BPF_REG_0, place->next));
	emit(&t->emitter, leave());
}

static void translate_body(struct translation *t)
{
	bool running = true;

	for (guint at = 0; at < t->length; at++) {
		emit_island_if_due(&t->emitter, at, running);
		if (!running && !emit_awaited(&t->emitter, at))
			continue;
		emit_target(&t->emitter, at);
		running = translators[BPF_CLASS(t->code[at].code)](t, at);
		if (running)
			t->sure[at + 1] = MIN(t->sure[at + 1], t->sure[at]);
	}
	if (emit_awaited(&t->emitter, missing(t))) {
		emit_target(&t->emitter, missing(t));
		load_short(&t->emitter, done(t));
	}
}

static int find_unanswered(const struct sock_filter *code, guint length)
{
	for (guint i = 0; i < length; i++)
		if (ancillary_is(&code[i]) && ancillary_field(&code[i]) < 0)
			return ancillary_field(&code[i]);
	return 0;
}

int filter_translate(const struct sock_filter *code, guint length, const struct filter_place *place,
		     GArray **result)
{
	struct translation t = {.code = code, .length = length};
	int error = classic_verify(code, length);

	if (!error)
		error = find_unanswered(code, length);
	if (error)
		return error;
	t.open = g_new(guint, length);
	t.sure = g_new(guint, length);
	for (guint i = 0; i < length; i++)
		t.sure[i] = i ? G_MAXUINT : 0;
	count_open(&t);
	emitter_init(&t.emitter, length + 2);
	translate_entry(&t, place);
	translate_body(&t);
	translate_exit(&t, place);
	if (t.emitter.too_far || t.emitter.code->len > EBPF_LENGTH_MAX)
		error = -E2BIG;
	else
		*result = g_array_ref(t.emitter.code);
	emitter_clear(&t.emitter);
	g_free(t.open);
	g_free(t.sure);
	return error;
}
