/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loads.h - how a generated filter reads a packet
 *
 * Theory of operation
 * A load is in the packet or it is not, and the context has its first bytes. So there are
 * three cases, of which the first is nearly always so:
 *
 *	it ends at CAPTURED or before	a plain load from bytes[]
 *	it ends at LENGTH or before	the packet has it, the context does not: unsure
 *	else				no match, as in every classic filter
 *
 * LAST is what decides: the offset behind the load's last byte, in 64 bits, so that no
 * offset of 32 bits overflows. The second and third case stand once, behind the body
 * (load_short()).
 *
 * The verifier must see that a load stays in bytes[]. A constant offset shows it. A computed
 * one is cut by a mask of FILTER_BYTES - 1, which changes nothing: it has just been compared
 * with CAPTURED, which is not above FILTER_BYTES. A load of 4 bytes at the last offset stays in
 * the room behind.
 *
 * At an offset of SKF_LL_OFF or SKF_NET_OFF and a bit more Linux reads from the link or network
 * header on. libpcap never asks for that and the context does not know it: unsure.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_LOADS_H
#define PTCPDUMP_EXTCAP_FILTER_LOADS_H

#include <linux/filter.h>
#include <stdbool.h>

#include "extcap/filter/emit.h"

/**
 * load_packet() - A or X becomes what @insn loads from the packet (BPF_ABS, BPF_IND, BPF_MSH)
 * @missing:	the target of load_short()
 * @sure:	so many bytes are known to be captured: what ends there is loaded without a
 *		question. Becomes more by a load that asked.
 *
 * Return: whether the code runs on: a load beyond the context never does.
 */
bool load_packet(struct emitter *emitter, const struct sock_filter *insn, guint missing,
		 guint *sure);

/** load_short() - a load that the context does not have: VERDICT from LAST, then to @done */
void load_short(struct emitter *emitter, guint done);

#endif
