/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ancillary.h - what a classic filter may ask that does not stand in the packet
 *
 * On Linux a load from an absolute offset at SKF_AD_OFF or above is no load: it asks for
 * the interface, the tag that stands in metadata, and so on. libpcap writes such loads for
 * "vlan", "inbound", "outbound" and "ifindex" where it compiles for a live capture.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_ANCILLARY_H
#define PTCPDUMP_EXTCAP_FILTER_ANCILLARY_H

#include <linux/filter.h>
#include <stdbool.h>

/** ancillary_is() - is @insn such a load? */
bool ancillary_is(const struct sock_filter *insn);

/**
 * ancillary_field() - where the answer to @insn stands
 *
 * Return: its offset in struct filter_context; -EOPNOTSUPP for what the kernel knows and
 *         only a number written by hand asks for (attributes of netlink messages and the
 *         like); -EINVAL for what nobody knows.
 */
int ancillary_field(const struct sock_filter *insn);

#endif
