/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* softirqs.h - what softirqs.bpf.c has counted */
#ifndef PTCPDUMP_TESTS_KERNEL_SOFTIRQS_H
#define PTCPDUMP_TESTS_KERNEL_SOFTIRQS_H

struct softirqs_counts {
	unsigned long long softirqs; /* on top of a process */
	unsigned long long on_stack; /* of these on the process's own stack */
	unsigned long long called;   /* of these that the process is said to have called: wrong */
	unsigned long long system_calls;
	unsigned long long not_called; /* of these that it is said not to have called: wrong */
};

#endif
