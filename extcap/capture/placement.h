/* SPDX-License-Identifier: GPL-2.0-or-later */
/* placement.h - the capture filter's programs, put where the kernel side asks them
 *
 * One for each kind of link and each hook of the wire side (bpf/filter.h), all at the start:
 * later interfaces of any kind find theirs. Where one cannot be, or would cost too much, the
 * capture stands in its place and the engine decides.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_PLACEMENT_H
#define PTCPDUMP_EXTCAP_CAPTURE_PLACEMENT_H

#include "extcap/capture/kernel.h"
#include "extcap/filter/classic.h"

/**
 * placement_fill() - between kernel_load() and kernel_attach_wire(); needs CAP_BPF, CAP_PERFMON
 */
bool placement_fill(struct kernel *kernel, const struct filter *filter, GError **error);

#endif
