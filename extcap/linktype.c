// SPDX-License-Identifier: GPL-2.0-or-later
/* linktype.c - the link type of a device's packets */
#include "extcap/linktype.h"

const struct linktype linktypes[LINK_KINDS] = {
	[LINK_ETHERNET] = {LINKTYPE_ETHERNET, 1, "Ethernet"},
	[LINK_RAW] = {LINKTYPE_RAW, 12, "interfaces without a link layer"},
	[LINK_IEEE802_11] = {LINKTYPE_IEEE802_11, 105, "Wi-Fi in monitor mode"},
	[LINK_RADIOTAP] = {LINKTYPE_RADIOTAP, 127, "Wi-Fi in monitor mode with radiotap headers"},
	[LINK_CAN] = {LINKTYPE_CAN_SOCKETCAN, 227, "CAN buses"},
	[LINK_NETLINK] = {LINKTYPE_NETLINK, 253, "netlink monitors"},
};

guint16 linktype_of(guint16 hardware)
{
	return linktypes[link_kind_of(hardware)].link_type;
}

int linktype_dlt(guint16 link_type)
{
	for (guint i = 0; i < LINK_KINDS; i++)
		if (linktypes[i].link_type == link_type)
			return linktypes[i].dlt;
	return link_type;
}
