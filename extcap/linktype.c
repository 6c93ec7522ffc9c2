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

const struct linktype linktypes[LINKTYPES] = {
	{LINKTYPE_ETHERNET, 1, "Ethernet"},
	{LINKTYPE_RAW, 12, "interfaces without a link layer"},
	{LINKTYPE_IEEE802_11, 105, "Wi-Fi in monitor mode"},
	{LINKTYPE_RADIOTAP, 127, "Wi-Fi in monitor mode with radiotap headers"},
	{LINKTYPE_CAN_SOCKETCAN, 227, "CAN buses"},
	{LINKTYPE_NETLINK, 253, "netlink monitors"},
};

guint16 linktype_of(guint16 hardware)
{
	for (guint i = 0; i < G_N_ELEMENTS(types); i++)
		if (types[i].hardware == hardware)
			return types[i].link_type;
	return LINKTYPE_RAW;
}

int linktype_dlt(guint16 link_type)
{
	for (guint i = 0; i < LINKTYPES; i++)
		if (linktypes[i].link_type == link_type)
			return linktypes[i].dlt;
	return link_type;
}
