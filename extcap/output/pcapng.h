/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng.h - the blocks of the stream (draft-ietf-opsawg-pcapng)
 *
 * Each function appends one block to a buffer, in host byte order, as the section
 * header says. No block is larger than dumpcap takes.
 */
#ifndef PTCPDUMP_EXTCAP_OUTPUT_PCAPNG_H
#define PTCPDUMP_EXTCAP_OUTPUT_PCAPNG_H

#include <glib.h>

/* dumpcap ends a capture at a larger block (MAX_BLOCK_SIZE is 262,144 in its pipe reader). */
#define PCAPNG_BLOCK_MAX 262144

struct pcapng_interface {
	const char *name;
	const char *description; /* NULL: none */
	const char *filter;	 /* NULL: none */
	const char *os;
	guint16 link_type; /* LINKTYPE_*, tcpdump.org/linktypes.html */
	guint32 snapshot_length;
};

/* One packet. The bytes may be given in two parts, between which a tag is put in. */
struct pcapng_packet {
	guint32 interface; /* number of its interface block, from 0 */
	guint64 time;	   /* nanoseconds since 1970 */
	guint32 length;
	const guint8 *head; /* in front of the tag */
	guint32 head_length;
	guint8 tag[4];
	guint32 tag_length; /* 0 or 4 */
	const guint8 *body;
	guint32 body_length;

	guint32 flags;	  /* epb_flags: direction, reception type; 0: not written */
	guint64 lost;	  /* epb_dropcount; 0: not written */
	guint32 pid, tid; /* epb_processid_threadid; pid 0: not written */
	/* Further options, encoded by pcapng_option(): of the owner, its container,
	 * the peer, the owner's end, the names of addresses. */
	const GByteArray *options[5]; /* NULL: none */
};

struct pcapng_statistics {
	guint32 interface;
	guint64 start, end; /* nanoseconds since 1970 */
	guint64 received;   /* isb_ifrecv */
	guint64 accepted;   /* isb_filteraccept */
	guint64 dropped;    /* isb_ifdrop */
	guint64 delivered;  /* isb_usrdeliv */
};

/* A name for an address, where whoever reads the file resolves names. */
struct pcapng_name {
	const guint8 *address;
	gsize address_length; /* 4 or 16 */
	const char *name;     /* not empty, of PCAPNG_NAME_MAX bytes at most */
};

/* A host name's most (RFC 1035, without the dot at the end), and less than Wireshark keeps (255).
 */
#define PCAPNG_NAME_MAX 253

#define EPB_INBOUND   0x1
#define EPB_OUTBOUND  0x2
#define EPB_MULTICAST (0x2 << 2)
#define OPT_COMMENT   1

/* The type of a packet's block, and of its option that names the owner. */
#define PCAPNG_PACKET	       6
#define EPB_PROCESSID_THREADID 8

void pcapng_section(GByteArray *out, const char *hardware, const char *os, const char *program);
void pcapng_interface(GByteArray *out, const struct pcapng_interface *interface);
void pcapng_statistics(GByteArray *out, const struct pcapng_statistics *statistics);

/** pcapng_names() - Name Resolution Blocks: one, or as many as so many names need; of none, none */
void pcapng_names(GByteArray *out, const struct pcapng_name *names, gsize count);

/**
 * pcapng_packet() - an Enhanced Packet Block
 *
 * Where it would not fit PCAPNG_BLOCK_MAX, bytes are cut off the packet's end, never off
 * the options; the length of the packet still tells what it was.
 */
void pcapng_packet(GByteArray *out, const struct pcapng_packet *packet);

/** pcapng_option() - append one option, padded; @length is cut to 65,535, the format's most */
void pcapng_option(GByteArray *out, guint16 code, const void *value, gsize length);

#endif
