// SPDX-License-Identifier: GPL-2.0-or-later
/* linktype.c - the link type of a device's packets */
#include "extcap/linktype.h"

#include <linux/if_arp.h>

static const struct {
	guint16 hardware;
	guint16 link_type;
} types[] = {
	{ARPHRD_ETHER, LINKTYPE_ETHERNET},
	{ARPHRD_LOOPBACK, LINKTYPE_ETHERNET}, /* its frames have an Ethernet header of zeros */
	{ARPHRD_IEEE80211, LINKTYPE_IEEE802_11},
	{ARPHRD_IEEE80211_RADIOTAP, LINKTYPE_RADIOTAP},
	{ARPHRD_CAN, LINKTYPE_CAN_SOCKETCAN},
	{ARPHRD_NETLINK, LINKTYPE_NETLINK},
};

guint16 linktype_of(guint16 hardware)
{
	for (guint i = 0; i < G_N_ELEMENTS(types); i++)
		if (types[i].hardware == hardware)
			return types[i].link_type;
	return LINKTYPE_RAW;
}

/* The only one of ours that differs: 101 in files, 12 on Linux. */
int linktype_dlt(guint16 link_type)
{
	return link_type == LINKTYPE_RAW ? 12 : link_type;
}
