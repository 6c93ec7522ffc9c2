/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cost.h - what a filter costs each packet
 *
 * It is loaded once more, as a program that the kernel runs for tests, and run over packets that
 * few filters match, so that it has to look to its end.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_COST_H
#define PTCPDUMP_EXTCAP_FILTER_COST_H

#include "extcap/filter/compile.h"

/* About what the kernel itself takes to send a datagram, ns: who sends pays for the filter, too. */
#define FILTER_COST_MOST 2000

/**
 * filter_cost() - nanoseconds a packet, at the most that was seen; needs CAP_BPF
 * @classic:	for Ethernet, or raw IP
 * @front:	bytes of link layer
 *
 * Return: a negative errno when it cannot be measured.
 */
int filter_cost(const struct classic *classic, guint front);

#endif
