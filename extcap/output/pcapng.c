// SPDX-License-Identifier: GPL-2.0-or-later
/* pcapng.c - the blocks of the stream (draft-ietf-opsawg-pcapng)
 *
 * A block is type, length, body, options, length again; everything is padded to 32
 * bits. begin() leaves room for the length, end() fills it in at both places.
 */
#include "extcap/output/pcapng.h"

#include <string.h>

#define BLOCK_SECTION	 0x0a0d0d0a
#define BLOCK_INTERFACE	 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET	 6

#define OPT_END		       0
#define SHB_HARDWARE	       2
#define SHB_OS		       3
#define SHB_PROGRAM	       4
#define IF_NAME		       2
#define IF_DESCRIPTION	       3
#define IF_TSRESOL	       9
#define IF_FILTER	       11
#define IF_OS		       12
#define EPB_FLAGS	       2
#define EPB_DROPCOUNT	       4
#define EPB_PROCESSID_THREADID 8
#define ISB_STARTTIME	       2
#define ISB_ENDTIME	       3
#define ISB_IFRECV	       4
#define ISB_IFDROP	       5
#define ISB_FILTERACCEPT       6
#define ISB_USRDELIV	       8

static void put_bytes(GByteArray *out, const void *bytes, gsize length)
{
	g_byte_array_append(out, bytes, length);
}

static void put_u16(GByteArray *out, guint16 value)
{
	put_bytes(out, &value, sizeof(value));
}

static void put_u32(GByteArray *out, guint32 value)
{
	put_bytes(out, &value, sizeof(value));
}

static void put_u64(GByteArray *out, guint64 value)
{
	put_bytes(out, &value, sizeof(value));
}

static void pad(GByteArray *out, gsize length)
{
	static const guint8 zeros[4];

	put_bytes(out, zeros, -length & 3);
}

/* Times stand with the upper half first, whatever the byte order. */
static void put_time(GByteArray *out, guint64 time)
{
	put_u32(out, time >> 32);
	put_u32(out, (guint32)time);
}

static gsize begin(GByteArray *out, guint32 type)
{
	gsize start = out->len;

	put_u32(out, type);
	put_u32(out, 0);
	return start;
}

static void end(GByteArray *out, gsize start)
{
	guint32 length = out->len - start + sizeof(length);

	memcpy(out->data + start + 4, &length, sizeof(length));
	put_u32(out, length);
}

void pcapng_option(GByteArray *out, guint16 code, const void *value, gsize length)
{
	length = MIN(length, G_MAXUINT16);
	put_u16(out, code);
	put_u16(out, length);
	put_bytes(out, value, length);
	pad(out, length);
}

static void option_string(GByteArray *out, guint16 code, const char *text)
{
	if (text && *text)
		pcapng_option(out, code, text, strlen(text));
}

static void option_u64(GByteArray *out, guint16 code, guint64 value)
{
	pcapng_option(out, code, &value, sizeof(value));
}

static void option_time(GByteArray *out, guint16 code, guint64 time)
{
	guint32 halves[2] = {time >> 32, (guint32)time};

	pcapng_option(out, code, halves, sizeof(halves));
}

void pcapng_section(GByteArray *out, const char *hardware, const char *os, const char *program)
{
	gsize start = begin(out, BLOCK_SECTION);

	put_u32(out, 0x1a2b3c4d); /* byte-order magic */
	put_u16(out, 1);	  /* version 1.0 */
	put_u16(out, 0);
	put_u64(out, G_MAXUINT64); /* length of the section: not known */
	option_string(out, SHB_HARDWARE, hardware);
	option_string(out, SHB_OS, os);
	option_string(out, SHB_PROGRAM, program);
	pcapng_option(out, OPT_END, NULL, 0);
	end(out, start);
}

void pcapng_interface(GByteArray *out, const struct pcapng_interface *interface)
{
	static const guint8 nanoseconds = 9;
	gsize start = begin(out, BLOCK_INTERFACE);

	put_u16(out, interface->link_type);
	put_u16(out, 0);
	put_u32(out, interface->snapshot_length);
	option_string(out, IF_NAME, interface->name);
	option_string(out, IF_DESCRIPTION, interface->description);
	pcapng_option(out, IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	if (interface->filter) {
		/* The first byte says what follows: 0, the text of a capture filter. */
		g_autofree char *filter = g_strconcat("0", interface->filter, NULL);
		gsize length = strlen(filter);

		filter[0] = '\0';
		pcapng_option(out, IF_FILTER, filter, length);
	}
	option_string(out, IF_OS, interface->os);
	pcapng_option(out, OPT_END, NULL, 0);
	end(out, start);
}

void pcapng_statistics(GByteArray *out, const struct pcapng_statistics *statistics)
{
	gsize start = begin(out, BLOCK_STATISTICS);

	put_u32(out, statistics->interface);
	put_time(out, statistics->end);
	option_time(out, ISB_STARTTIME, statistics->start);
	option_time(out, ISB_ENDTIME, statistics->end);
	option_u64(out, ISB_IFRECV, statistics->received);
	option_u64(out, ISB_IFDROP, statistics->dropped);
	option_u64(out, ISB_FILTERACCEPT, statistics->accepted);
	option_u64(out, ISB_USRDELIV, statistics->delivered);
	pcapng_option(out, OPT_END, NULL, 0);
	end(out, start);
}

static void packet_options(GByteArray *out, const struct pcapng_packet *packet)
{
	put_bytes(out, packet->options, packet->options_length);
	if (packet->flags)
		pcapng_option(out, EPB_FLAGS, &packet->flags, sizeof(packet->flags));
	if (packet->lost)
		option_u64(out, EPB_DROPCOUNT, packet->lost);
	if (packet->pid) {
		guint32 ids[2] = {packet->pid, packet->tid};

		pcapng_option(out, EPB_PROCESSID_THREADID, ids, sizeof(ids));
	}
	pcapng_option(out, OPT_END, NULL, 0);
}

void pcapng_packet(GByteArray *out, const struct pcapng_packet *packet)
{
	/* Fixed fields, the options of packet_options(), both lengths, padding: below 96. */
	gsize room = PCAPNG_BLOCK_MAX - 96 - MIN(packet->options_length, PCAPNG_BLOCK_MAX / 2);
	gsize front = packet->head_length + packet->tag_length;
	gsize body = MIN(packet->body_length, room - front);
	gsize start = begin(out, BLOCK_PACKET);

	put_u32(out, packet->interface);
	put_time(out, packet->time);
	put_u32(out, front + body);
	put_u32(out, packet->length + packet->tag_length);
	put_bytes(out, packet->head, packet->head_length);
	put_bytes(out, packet->tag, packet->tag_length);
	put_bytes(out, packet->body, body);
	pad(out, front + body);
	packet_options(out, packet);
	end(out, start);
}
