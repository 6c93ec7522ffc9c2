/* SPDX-License-Identifier: GPL-2.0-or-later */
/* deadline.h - compile a filter, but not for ever
 *
 * libpcap's optimiser needs a minute for a thousand hosts and cannot be interrupted. So a child
 * process compiles and hands the program over; whoever waits for it looks at its clock and ends it
 * when it has used its share of the processor. (Not of time: a busy machine makes no filter
 * worse.)
 *
 * While a user types, Wireshark asks at every key, and a half-typed name must not go out to the
 * network: then the child is not allowed to open a socket, whoever in the C library tries.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_DEADLINE_H
#define PTCPDUMP_EXTCAP_FILTER_DEADLINE_H

#include "extcap/filter/compile.h"

/**
 * compiler_run_within() - compile @expression, optimised, using the processor for @ms at most
 * @offline:	resolve no names but those that stand in files of this machine
 *
 * Call it before there are threads.
 *
 * Return: to be freed with g_free(); NULL with a FILTER_ERROR.
 */
struct classic *compiler_run_within(struct compiler *compiler, const char *expression, guint ms,
				    bool offline, GError **error);

#endif
