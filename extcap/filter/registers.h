/* SPDX-License-Identifier: GPL-2.0-or-later */
/* registers.h - who lives where in a generated filter */
#ifndef PTCPDUMP_EXTCAP_FILTER_REGISTERS_H
#define PTCPDUMP_EXTCAP_FILTER_REGISTERS_H

#include <linux/filter.h>

#include "extcap/filter/insn.h"

/* The body calls nobody, so that even those that a call destroys stay. */
enum {
	VERDICT = BPF_REG_0,  /* on the way to the exit */
	ADDRESS = BPF_REG_1,  /* of a load whose offset was computed; else free */
	LAST = BPF_REG_2,     /* behind the last byte that a load wants */
	CAPTURED = BPF_REG_3, /* of the context */
	LENGTH = BPF_REG_4,   /* of the context */
	PROGRAM = BPF_REG_6,  /* what the kernel passed to the program: for the tail call */
	CONTEXT = BPF_REG_7,  /* struct filter_context */
	A = BPF_REG_8,	      /* the classic machine's own two, unsigned 32 bits */
	X = BPF_REG_9,
};

/* The stack, from its end down: the context's key, then the classic machine's memory. */
#define KEY_AT		(-4)
#define MEMORY_AT(word) (KEY_AT - 4 * (BPF_MEMWORDS - (int)(word)))

#endif
