// SPDX-License-Identifier: GPL-2.0-or-later
/* untaken.c - what the reader has not taken of the stream when a capture ends */
#include "extcap/output/untaken.h"

#include <string.h>

#include "extcap/output/pcapng.h"

#define OPTIONS_AT 28 /* in a packet's block, behind which come its bytes, then its options */

static guint32 u32_at(const GByteArray *blocks, gsize at)
{
	guint32 value;

	memcpy(&value, blocks->data + at, sizeof(value));
	return value;
}

static gsize next_block(const GByteArray *blocks, gsize at)
{
	return at + u32_at(blocks, at + 4);
}

static gsize padded(gsize length)
{
	return (length + 3) & ~(gsize)3;
}

static bool is_owned(const GByteArray *blocks, gsize block)
{
	gsize at = block + OPTIONS_AT + padded(u32_at(blocks, block + 20));
	gsize end = next_block(blocks, block) - sizeof(guint32);

	while (at < end) {
		guint32 head = u32_at(blocks, at);

		if ((head & 0xffff) == EPB_PROCESSID_THREADID)
			return true;
		at += sizeof(head) + padded(head >> 16);
	}
	return false;
}

gsize untaken_begun(const GByteArray *blocks, gsize taken)
{
	gsize at = 0;

	while (at < taken && next_block(blocks, at) <= taken)
		at = next_block(blocks, at);
	return at;
}

void untaken_drop(GByteArray *blocks, gsize from, untaken_packet told, void *data)
{
	gsize kept = 0, next;

	for (gsize at = 0; at < blocks->len; at = next) {
		next = next_block(blocks, at);
		if (at >= from && u32_at(blocks, at) == PCAPNG_PACKET) {
			told(u32_at(blocks, at + 8), is_owned(blocks, at), data);
			continue;
		}
		memmove(blocks->data + kept, blocks->data + at, next - at);
		kept += next - at;
	}
	g_byte_array_set_size(blocks, kept);
}
