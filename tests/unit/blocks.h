/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blocks.h - the blocks of a stream, by a parser that shares nothing with what wrote them */
#ifndef PTCPDUMP_TESTS_UNIT_BLOCKS_H
#define PTCPDUMP_TESTS_UNIT_BLOCKS_H

#include <string.h>

#include "extcap/output/pcapng.h"

struct option {
	guint16 code, length;
	const guint8 *value;
};

struct block {
	guint32 type, length;
	const guint8 *body;
	struct option options[32];
	guint count;
};

static inline guint32 u32(const guint8 *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (guint32)bytes[3] << 24;
}

static inline guint64 u64(const guint8 *bytes)
{
	return u32(bytes) | (guint64)u32(bytes + 4) << 32;
}

static inline guint64 time_at(const guint8 *bytes)
{
	return (guint64)u32(bytes) << 32 | u32(bytes + 4);
}

/* The block at @at, of which the options begin @fixed bytes into the body. */
static inline struct block read_block(const GByteArray *stream, gsize at, gsize fixed)
{
	const guint8 *bytes = stream->data + at;
	struct block block = {u32(bytes), u32(bytes + 4), bytes + 8, {{0}}, 0};
	gsize place = 8 + fixed;

	g_assert_cmpuint(block.length % 4, ==, 0);
	g_assert_cmpuint(at + block.length, <=, stream->len);
	g_assert_cmpuint(u32(bytes + block.length - 4), ==, block.length);
	while (place < block.length - 4) {
		struct option *option = &block.options[block.count++];

		option->code = bytes[place] | bytes[place + 1] << 8;
		option->length = bytes[place + 2] | bytes[place + 3] << 8;
		option->value = bytes + place + 4;
		place += 4 + option->length;
		for (; place % 4; place++)
			g_assert_cmpuint(bytes[place], ==, 0);
		if (option->code == 0) {
			g_assert_cmpuint(option->length, ==, 0);
			g_assert_cmpuint(place, ==, block.length - 4);
		}
	}
	g_assert_cmpuint(block.count, >, 0);
	block.count--;
	g_assert_cmpuint(block.options[block.count].code, ==, 0); /* opt_endofopt */
	return block;
}

static inline void assert_codes(const struct block *block, const char *wanted)
{
	g_autoptr(GString) codes = g_string_new(NULL);

	for (guint i = 0; i < block->count; i++)
		g_string_append_printf(codes, "%s%u", i ? " " : "", block->options[i].code);
	g_assert_cmpstr(codes->str, ==, wanted);
}

static inline void assert_text(const struct option *option, const char *wanted)
{
	g_assert_cmpmem(option->value, option->length, wanted, strlen(wanted));
}

#endif
