// SPDX-License-Identifier: GPL-2.0-or-later
/* linktype.c - the link type of a device's packets */
#include "extcap/linktype.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

static guint link_bit(int socket, const char *name)
{
	struct ifreq request = {0};

	g_strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	return ioctl(socket, SIOCGIFHWADDR, &request)
		       ? 0
		       : 1U << link_kind_of(request.ifr_hwaddr.sa_family);
}

guint linktypes_present(const char *name)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all = name || sock < 0 ? NULL : if_nameindex();
	guint present = name && sock >= 0 ? link_bit(sock, name) : 0;

	for (const struct if_nameindex *each = all; each && each->if_index; each++)
		present |= link_bit(sock, each->if_name);
	if (all)
		if_freenameindex(all);
	if (sock >= 0)
		close(sock);
	return present;
}

int linktype_dlt(guint16 link_type)
{
	for (guint i = 0; i < LINK_KINDS; i++)
		if (linktypes[i].link_type == link_type)
			return linktypes[i].dlt;
	return link_type;
}
