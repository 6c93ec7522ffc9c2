/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conntrack.h - where the kernel's conntrack keeps a connection's addresses */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_CONNTRACK_H
#define PTCPDUMP_EXTCAP_CAPTURE_CONNTRACK_H

#include "shared/control.h"

/**
 * conntrack_find() - set conntrack_tuple and conntrack_stride of @config
 *
 * They come from the kernel's BTF: from that of the module where conntrack is one, which needs
 * no capability that libbpf's own relocation would. They stay 0 where there is no conntrack, as
 * before its first rule: translated packets are then known by their sockets alone.
 */
void conntrack_find(struct config *config);

#endif
