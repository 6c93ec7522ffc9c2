/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linktype.h - the link type of a device's packets */
#ifndef PTCPDUMP_EXTCAP_LINKTYPE_H
#define PTCPDUMP_EXTCAP_LINKTYPE_H

#include <glib.h>

#include "shared/link_kind.h"

/* LINKTYPE_* (tcpdump.org/linktypes.html) */
#define LINKTYPE_ETHERNET      1
#define LINKTYPE_RAW	       101 /* from the IP header on */
#define LINKTYPE_IEEE802_11    105
#define LINKTYPE_RADIOTAP      127
#define LINKTYPE_CAN_SOCKETCAN 227
#define LINKTYPE_NETLINK       253

/* Those that an interface here can have: what a filter is compiled for. */
struct linktype {
	guint16 link_type;
	int dlt; /* libpcap's number: 101 in files is 12 on Linux, all others are the same */
	const char *name; /* in a sentence: "captures nothing on ..." */
};

/* By enum link_kind, of which these come first: */
#define LINKTYPES_COMMON 2
extern const struct linktype linktypes[LINK_KINDS];

/** linktype_of() - for the ARPHRD_* of a device; what is not known goes from IP on */
guint16 linktype_of(guint16 hardware);

/** linktypes_present() - bits of enum link_kind: what the interface @name of our namespace has;
 *  NULL: all of them */
guint linktypes_present(const char *name);

/** linktype_dlt() - the number that libpcap and Wireshark's list have for it (DLT_*) */
int linktype_dlt(guint16 link_type);

#endif
