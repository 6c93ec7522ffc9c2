/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verify.h - is it a classic program that the kernel would take?
 *
 * What is translated must be sound, and libpcap's own check is no help: it lets "protochain"
 * jump backward, which the kernel refuses. The rules are the kernel's, so that "it would
 * have filtered there, too" can be tested: known instructions only, forward jumps that stay
 * inside, a return at the end, no division by a constant 0, no shift by 32 or more, scratch
 * memory written on every path before it is read.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_VERIFY_H
#define PTCPDUMP_EXTCAP_FILTER_VERIFY_H

#include <glib.h>
#include <linux/filter.h>

/* The kernel's limit is 4,096: beyond, tcpdump filters by itself. Ours is what stays
 * below the verifier's million of steps in any shape. */
#define CLASSIC_LENGTH_MAX 65535

/** classic_verify() - 0, -EINVAL, -ELOOP for a jump backward, -E2BIG for too long a program */
int classic_verify(const struct sock_filter *code, guint length);

#endif
