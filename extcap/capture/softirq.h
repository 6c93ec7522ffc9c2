/* SPDX-License-Identifier: GPL-2.0-or-later */
/* softirq.h - how the kernel side tells that it runs in a softirq */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_SOFTIRQ_H
#define PTCPDUMP_EXTCAP_CAPTURE_SOFTIRQ_H

#include <stdbool.h>

/** softirq_has_stacks() - softirqs run on stacks of their own, as bpf/stack.h has it; else their
 *  tracepoints must tell of them */
bool softirq_has_stacks(void);

#endif
