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
#define BLOCK_NAMES	 4
#define BLOCK_STATISTICS 5

#define OPT_END		 0
#define SHB_HARDWARE	 2
#define SHB_OS		 3
#define SHB_PROGRAM	 4
#define IF_NAME		 2
#define IF_DESCRIPTION	 3
#define IF_TSRESOL	 9
#define IF_FILTER	 11
#define IF_OS		 12
#define EPB_FLAGS	 2
#define EPB_DROPCOUNT	 4
#define ISB_STARTTIME	 2
#define ISB_ENDTIME	 3
#define ISB_IFRECV	 4
#define ISB_IFDROP	 5
#define ISB_FILTERACCEPT 6
#define ISB_USRDELIV	 8

/* Records of a block of names are laid out as options are, and end as they do. */
#define NRB_END	 0
#define NRB_IPV4 1
#define NRB_IPV6 2

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

/* Of a record: its head, an address, the name with its NUL, padding. */
#define NAME_RECORD_MAX (4 + 16 + PCAPNG_NAME_MAX + 1 + 3)
/* Of a block's end: the record that ends the records, its length. */
#define NAMES_TAIL 8

static void name_record(GByteArray *out, const struct pcapng_name *name)
{
	gsize length = strlen(name->name) + 1;
	guint16 type = name->address_length == 4 ? NRB_IPV4 : NRB_IPV6;

	put_u16(out, type);
	put_u16(out, name->address_length + length);
	put_bytes(out, name->address, name->address_length);
	put_bytes(out, name->name, length);
	pad(out, name->address_length + length);
}

void pcapng_names(GByteArray *out, const struct pcapng_name *names, gsize count)
{
	gsize i = 0;

	while (i < count) {
		gsize start = begin(out, BLOCK_NAMES);
		gsize most = start + PCAPNG_BLOCK_MAX - NAME_RECORD_MAX - NAMES_TAIL;

		while (i < count && out->len <= most)
			name_record(out, &names[i++]);
		pcapng_option(out, NRB_END, NULL, 0);
		end(out, start);
	}
}

/* A packet's block is written through a pointer, into room that was made for all of it: there are
 * a million of them in a second. */
static guint8 *add(guint8 *at, const void *bytes, gsize length)
{
	/* An empty part has no address. */
	if (length)
		memcpy(at, bytes, length);
	return at + length;
}

static guint8 *add_u32(guint8 *at, guint32 value)
{
	memcpy(at, &value, sizeof(value));
	return at + sizeof(value);
}

/* Zeros up to a multiple of 4, and over the beginning of what follows: something always does. */
static guint8 *add_padding(guint8 *at, gsize length)
{
	add_u32(at, 0);
	return at + (-length & 3);
}

#define OPTION_HEAD 4

/* @length: a multiple of 4 */
static guint8 *add_option(guint8 *at, guint16 code, const void *value, guint16 length)
{
	const guint16 head[2] = {code, length};

	return add(add(at, head, sizeof(head)), value, length);
}

static guint8 *add_options(guint8 *at, const struct pcapng_packet *packet)
{
	const guint32 ids[2] = {packet->pid, packet->tid};

	for (guint i = 0; i < G_N_ELEMENTS(packet->options); i++)
		if (packet->options[i])
			at = add(at, packet->options[i]->data, packet->options[i]->len);
	if (packet->flags)
		at = add_option(at, EPB_FLAGS, &packet->flags, sizeof(packet->flags));
	if (packet->lost)
		at = add_option(at, EPB_DROPCOUNT, &packet->lost, sizeof(packet->lost));
	if (packet->pid)
		at = add_option(at, EPB_PROCESSID_THREADID, ids, sizeof(ids));
	return add_u32(at, OPT_END);
}

/* Of all that add_options() adds. */
static gsize options_length(const struct pcapng_packet *packet)
{
	gsize length = sizeof(guint32);

	for (guint i = 0; i < G_N_ELEMENTS(packet->options); i++)
		length += packet->options[i] ? packet->options[i]->len : 0;
	if (packet->flags)
		length += OPTION_HEAD + sizeof(packet->flags);
	if (packet->lost)
		length += OPTION_HEAD + sizeof(packet->lost);
	if (packet->pid)
		length += OPTION_HEAD + sizeof(packet->pid) + sizeof(packet->tid);
	return length;
}

/* Of a packet's block: what stands before the packet's bytes, and after its options. */
#define PACKET_HEAD 28
#define PACKET_TAIL 4

void pcapng_packet(GByteArray *out, const struct pcapng_packet *packet)
{
	gsize options = options_length(packet);
	gsize room =
		PCAPNG_BLOCK_MAX - PACKET_HEAD - PACKET_TAIL - MIN(options, PCAPNG_BLOCK_MAX / 2);
	guint32 front = packet->head_length + packet->tag_length;
	guint32 captured = front + MIN(packet->body_length, room - front);
	guint32 length = PACKET_HEAD + ((captured + 3) & ~3U) + options + PACKET_TAIL;
	gsize start = out->len;
	guint8 *at;

	g_byte_array_set_size(out, start + length);
	at = add_u32(out->data + start, PCAPNG_PACKET);
	at = add_u32(at, length);
	at = add_u32(at, packet->interface);
	at = add_u32(at, packet->time >> 32);
	at = add_u32(at, (guint32)packet->time);
	at = add_u32(at, captured);
	at = add_u32(at, packet->length + packet->tag_length);
	at = add(at, packet->head, packet->head_length);
	at = add(at, packet->tag, packet->tag_length);
	at = add(at, packet->body, captured - front);
	at = add_padding(at, captured);
	at = add_options(at, packet);
	add_u32(at, length);
}
