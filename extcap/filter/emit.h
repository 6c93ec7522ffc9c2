/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emit.h - eBPF code as it is written, with jumps to places that come later
 *
 * Theory of operation
 * All jumps go forward, to targets known by number. A jump whose target is not there yet
 * waits in the target's chain; when the target comes, all that wait for it are told how far
 * it is. So one pass is enough, and what nobody waits for is not reached by a jump.
 *
 * A jump's distance has 16 bits. In a long program the code is interrupted, every so often,
 * by an island: one unconditional jump for each target that is waited for. Whoever waits is
 * sent to the island, and the island's jump waits in their place. Code that runs into an
 * island from above jumps over it.
 *
 *	    if a goto 7 ──┐                  if a goto 7 ──┐
 *	    ...           │ too far          goto over ────┼─┐
 *	                  │        becomes   goto 7 ◄──────┘ │ ──┐
 *	                  │                  over: ◄─────────┘   │
 *	7:  ...         ◄─┘              7:  ...               ◄─┘
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_EMIT_H
#define PTCPDUMP_EXTCAP_FILTER_EMIT_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/filter/insn.h"

struct emitter {
	GArray *code;	/* struct bpf_insn */
	GArray *jumps;	/* all that ever waited */
	guint *waiting; /* for each target the last jump that waits for it */
	guint targets;
	guint island; /* where the last one ended */
	bool too_far; /* there were more targets than an island can hold */
};

/** emitter_init() - an empty program, with targets from 0 to @targets - 1 */
void emitter_init(struct emitter *emitter, guint targets);
void emitter_clear(struct emitter *emitter);

void emit(struct emitter *emitter, struct bpf_insn insn);

/** emit_map() - the two instructions that put the map of descriptor @fd into @reg */
void emit_map(struct emitter *emitter, guint8 reg, int fd);

/** emit_jump() - @insn is a jump to @target, which has not come yet */
void emit_jump(struct emitter *emitter, struct bpf_insn insn, guint target);

/** emit_awaited() - does any jump wait for @target? */
bool emit_awaited(const struct emitter *emitter, guint target);

/** emit_target() - what is emitted next is @target */
void emit_target(struct emitter *emitter, guint target);

/**
 * emit_island_if_due() - to be called often, between any two instructions
 * @next:	the first target that has not come yet
 * @running:	does the code before run on into what comes next?
 */
void emit_island_if_due(struct emitter *emitter, guint next, bool running);

#endif
