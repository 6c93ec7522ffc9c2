// SPDX-License-Identifier: GPL-2.0-or-later
/* emit.c - eBPF code as it is written, with jumps to places that come later */
#include "extcap/filter/emit.h"

/* Far below the 32,767 that a jump reaches: an island's own size comes on top. */
#define ISLAND_EVERY 12000

#define NOBODY G_MAXUINT

struct jump {
	guint at;
	guint next; /* in its target's chain */
};

void emitter_init(struct emitter *emitter, guint targets)
{
	*emitter = (struct emitter){
		.code = g_array_new(FALSE, FALSE, sizeof(struct bpf_insn)),
		.jumps = g_array_new(FALSE, FALSE, sizeof(struct jump)),
		.waiting = g_new(guint, targets),
		.targets = targets,
	};
	for (guint i = 0; i < targets; i++)
		emitter->waiting[i] = NOBODY;
}

void emitter_clear(struct emitter *emitter)
{
	g_array_unref(emitter->code);
	g_array_unref(emitter->jumps);
	g_free(emitter->waiting);
}

void emit(struct emitter *emitter, struct bpf_insn insn)
{
	g_array_append_val(emitter->code, insn);
}

void emit_map(struct emitter *emitter, guint8 reg, int fd)
{
	emit(emitter, (struct bpf_insn){.code = BPF_LD | BPF_DW | BPF_IMM,
					.dst_reg = reg,
					.src_reg = BPF_PSEUDO_MAP_FD,
					.imm = fd});
	emit(emitter, (struct bpf_insn){0});
}

void emit_jump(struct emitter *emitter, struct bpf_insn insn, guint target)
{
	struct jump jump = {.at = emitter->code->len, .next = emitter->waiting[target]};

	emitter->waiting[target] = emitter->jumps->len;
	g_array_append_val(emitter->jumps, jump);
	emit(emitter, insn);
}

bool emit_awaited(const struct emitter *emitter, guint target)
{
	return emitter->waiting[target] != NOBODY;
}

/* The jump at @at goes to what comes next. */
static void land(struct emitter *emitter, guint at)
{
	guint distance = emitter->code->len - at - 1;

	if (distance > G_MAXINT16)
		emitter->too_far = true;
	g_array_index(emitter->code, struct bpf_insn, at).off = (gint16)distance;
}

void emit_target(struct emitter *emitter, guint target)
{
	guint each = emitter->waiting[target];

	while (each != NOBODY) {
		const struct jump *jump = &g_array_index(emitter->jumps, struct jump, each);

		land(emitter, jump->at);
		each = jump->next;
	}
	emitter->waiting[target] = NOBODY;
}

static void emit_island(struct emitter *emitter, guint next, bool running)
{
	guint over = emitter->code->len;

	if (running)
		emit(emitter, jump_always());
	for (guint target = next; target < emitter->targets; target++) {
		if (!emit_awaited(emitter, target))
			continue;
		emit_target(emitter, target);
		emit_jump(emitter, jump_always(), target);
	}
	if (running)
		land(emitter, over);
	emitter->island = emitter->code->len;
}

void emit_island_if_due(struct emitter *emitter, guint next, bool running)
{
	if (emitter->code->len - emitter->island >= ISLAND_EVERY)
		emit_island(emitter, next, running);
}
