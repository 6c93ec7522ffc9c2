/* SPDX-License-Identifier: GPL-2.0-or-later */
/* translate.h - a capture filter in the kernel: classic BPF becomes eBPF
 *
 * Theory of operation
 * libpcap compiles an expression to classic BPF, a machine of two registers (A, X) and
 * sixteen words of memory, whose jumps go forward only: a program ends after at most as many
 * steps as it is long. The kernel runs such programs on a socket, but not at a tracepoint, so
 * each instruction is turned into one or a few of eBPF's, in the same order:
 *
 *	entry	finds this CPU's struct filter_context: first bytes, lengths, ancillary answers
 *	body	one block for each classic instruction that can be reached
 *	missing	a load the context does not have: no match, or unsure (loads.h)
 *	exit	the verdict; where it is not "no match", the tail call that takes the packet
 *
 * The surrounding program fills in the context and tail-calls this one; the program in
 * @place's array is called on a match and on "unsure", and reads which in the context.
 *
 * Why it is right
 * - Arithmetic is the same: eBPF's 32-bit operations have the codes, the operands, the
 *   wrap-around and the shifts (modulo 32) of the kernel's own classic filter, which is
 *   itself turned into them. What differs is written out: a division or modulo by X = 0 is
 *   no match here, and 0 there.
 * - A and X live in registers that only 32-bit operations write, so their upper halves are
 *   always 0. Comparisons are 32-bit ones, for an immediate of 64 would extend its sign.
 * - A load is plain and bounded, and what cannot be loaded is never a match (loads.h).
 * - Memory is written on every path before it is read (verify.h); A and X begin as 0.
 *
 * Why the verifier takes it
 * - It walks the straight path first and keeps every branch that it has left for later, 8,192
 *   at most. A chain of a thousand hosts would leave a thousand, with whatever hangs on each.
 *   So in a long program a comparison goes straight on to the side that ends it, which is put
 *   there inline: its path is over at once, and no branch stays open. (In a short one, where all
 *   have room, it goes on to the other side, which is quicker.) Where neither ends it, it goes on
 *   to the side from which an end is reached with the fewest open ones; what is left for later
 *   then soon meets code that was walked before, and is not walked again.
 * - It refuses code that cannot be reached: an instruction that is neither run into nor
 *   awaited by a jump is left out. All jumps go forward, so that is known when it comes.
 * - Jumps reach 32,767 instructions: emit.h has islands for those.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_TRANSLATE_H
#define PTCPDUMP_EXTCAP_FILTER_TRANSLATE_H

#include <glib.h>
#include <linux/filter.h>

#include "extcap/filter/emit.h"

/* What differs between one hook and another. */
struct filter_place {
	int contexts;  /* map of struct filter_context, key 0: an array, per CPU where it is used */
	int captures;  /* program array to go on in; -1: return the verdict itself (tests) */
	guint32 index; /* in there */
	int next;      /* what this hook's programs return: 0, in tc TC_ACT_UNSPEC */
};

/**
 * filter_translate() - the classic program @code as an eBPF program
 *
 * Return: 0 and struct bpf_insn in @result; -EINVAL, -ELOOP: no program that the kernel would
 *         take (verify.h); -EOPNOTSUPP: an ancillary load that is not answered; -E2BIG: too
 *         long for any verifier.
 */
int filter_translate(const struct sock_filter *code, guint length, const struct filter_place *place,
		     GArray **result);

#endif
