/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.h - a generated filter, as a program of the kernel */
#ifndef PTCPDUMP_EXTCAP_FILTER_LOAD_H
#define PTCPDUMP_EXTCAP_FILTER_LOAD_H

#include <bpf/bpf.h>

#include "extcap/filter/translate.h"

/* The hook, as the kernel wants to hear of it. All programs of one array are of one hook. */
struct filter_hook {
	const char *name;	     /* as bpftool shows it */
	enum bpf_prog_type type;     /* BPF_PROG_TYPE_SCHED_CLS for tc, BPF_PROG_TYPE_TRACING for
					tp-btf, BPF_PROG_TYPE_SOCKET_FILTER for tests */
	enum bpf_attach_type attach; /* BPF_TRACE_RAW_TP for tp-btf; else 0: from 6.18 on an
					array takes programs of one attach type only */
	guint32 btf_id;		     /* tp-btf: of the tracepoint */
};

/**
 * filter_load() - translate @code and load it; needs CAP_BPF, and for tp-btf CAP_PERFMON
 *
 * Return: the program's descriptor, the caller's to close; a negative errno.
 */
int filter_load(const struct sock_filter *code, guint length, const struct filter_place *place,
		const struct filter_hook *hook);

#endif
