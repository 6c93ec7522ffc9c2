/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks.h - the eBPF programs: what each is for, and what is lost without it
 *
 * Kernels differ in what they have and allow (KERNELS in the README). Nothing is
 * guessed from versions: a program is loaded, and one that the kernel refuses is done
 * without where that is possible, which is logged once.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_HOOKS_H
#define PTCPDUMP_EXTCAP_CAPTURE_HOOKS_H

#include <glib.h>
#include <stdbool.h>

enum hook_place {
	PLACE_TRACEPOINT,
	PLACE_SOFTIRQ,	/* their tracepoints; only where the stack does not tell: softirq.h */
	PLACE_FUNCTION, /* as it returns; tried only where a tracepoint for the same is off */
	PLACE_CGROUP,	/* the root of the cgroup2 hierarchy */
	PLACE_ITERATOR, /* read through once */
	PLACE_DEVICE,	/* ingress of some kinds of devices, as they come: reentry.h */
	PLACE_FILTER,	/* called by a capture filter, where there is one: placement.h */
};

/* In the order in which they are attached: what teaches comes before what asks. */
enum hook_stage {
	STAGE_PROCESS,
	STAGE_LEARN,
	STAGE_FIND, /* what was there before */
	STAGE_WIRE,
};

struct hook {
	const char *name;    /* for people, and for --without */
	const char *program; /* in the object */
	enum hook_place place;
	enum hook_stage stage;
	bool required;
	const char *without; /* what is lost */
};

extern const struct hook hooks[];
extern const guint hooks_count;

/** hook_by_program() - NULL when there is none of that name */
const struct hook *hook_by_program(const char *program);

#endif
