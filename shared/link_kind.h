/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* link_kind.h - what the packets of a device begin with: a capture filter is compiled for each
 *
 * Both sides must agree, for the kernel side chooses the filter (extcap/linktype.c).
 */
#ifndef PTCPDUMP_SHARED_LINK_KIND_H
#define PTCPDUMP_SHARED_LINK_KIND_H

#include "shared/record.h"

/* The common ones come first. */
enum link_kind {
	LINK_ETHERNET,
	LINK_RAW, /* from the IP header on: all that is not known better */
	LINK_IEEE802_11,
	LINK_RADIOTAP,
	LINK_CAN,
	LINK_NETLINK,
	LINK_KINDS
};

/* By ARPHRD_*, whose names the kernel side does not have. */
static inline u32 link_kind_of(u32 hardware)
{
	switch (hardware) {
	case 1:	  /* ARPHRD_ETHER */
	case 772: /* ARPHRD_LOOPBACK: its frames have an Ethernet header of zeros */
		return LINK_ETHERNET;
	case 801: /* ARPHRD_IEEE80211 */
		return LINK_IEEE802_11;
	case 803: /* ARPHRD_IEEE80211_RADIOTAP */
		return LINK_RADIOTAP;
	case 280: /* ARPHRD_CAN */
		return LINK_CAN;
	case 824: /* ARPHRD_NETLINK */
		return LINK_NETLINK;
	default:
		return LINK_RAW;
	}
}

#endif
