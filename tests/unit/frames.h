/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frames.h - Ethernet frames of many kinds, for filters to be tried on
 *
 * Built from layers: a frame is a row of headers, written by hand below, so that no code of
 * ours knows what is in it. Each comes whole, and cut at many lengths.
 */
#ifndef PTCPDUMP_TESTS_UNIT_FRAMES_H
#define PTCPDUMP_TESTS_UNIT_FRAMES_H

#include <glib.h>

/* A layer is hexadecimal text; what is in braces is repeated: "00{20}" is 20 bytes of 0. */
#define MACS   "020000000002 020000000001"
#define MACS_B "ffffffffffff 020000000001"
#define MACS_M "01005e000001 020000000001"

#define IP(protocol, length) "4500 " length " 1234 4000 40 " protocol " 0000 0a4d0001 0a4d0002"
#define IP_LONG(protocol) \
	"4700 0050 1234 0000 40 " protocol " 0000 0a4d0001 c0a80102 0101010101010101"
#define IP_FIRST(protocol)   "4500 0040 2222 2000 40 " protocol " 0000 0a4d0001 0a4d0002"
#define IP_LATER(protocol)   "4500 0040 2222 0010 40 " protocol " 0000 0a4d0002 0a4d0001"
#define IP_TO_MANY(protocol) "4500 0040 2222 0000 01 " protocol " 0000 0a4d0001 e0000001"
#define IP6(next)              \
	"6000 0000 0040 " next \
	" 40 fd770000000000000000000000000001 fd770000000000000000000000000002"

#define TCP(source, destination, flags) \
	source destination "00000001 00000002 50" flags "2000 0000 0000"
#define TCP_OPTIONS(source, destination, flags) \
	source destination "00000001 00000002 80" flags "2000 0000 0000 0101080a0000000100000002"
#define UDP(source, destination) source destination "0020 0000"
#define SCTP			 "00500051 12345678 00000000 00030010"

static const char *const frame_texts[] = {
	MACS " 0800" IP("06", "003c") TCP("9c40", "0050", "02") "41{20}",
	MACS " 0800" IP("06", "003c") TCP("0050", "9c40", "12") "41{20}",
	MACS " 0800" IP("06", "0400") TCP("01bb", "9c40", "18") "42{700}",
	MACS " 0800" IP("06", "0034") TCP_OPTIONS("0016", "c001", "10"),
	MACS " 0800" IP("06", "003c") TCP("1f90", "1f91", "04"),
	MACS " 0800" IP("06", "003c") TCP("9c40", "0050", "18") "474554202f20485454502f312e31",
	MACS " 0800" IP("11", "003c") UDP("0035", "9c40") "43{24}",
	MACS " 0800" IP("11", "05a0") UDP("14b4", "14b4") "44{1200}",
	MACS " 0800" IP("11", "0040") UDP("0044", "0043") "01010600{30}",
	MACS " 0800" IP("01", "0054") "0800 0000 0001 0001 45{40}",
	MACS " 0800" IP("01", "0054") "0303 0000 0000 0000 45000020000000004011000000000000",
	MACS " 0800" IP("84", "0040") SCTP,
	MACS " 0800" IP("02", "0020") "16000904e0000001",
	MACS " 0800" IP("32", "0040") "00000001 00000001 46{30}",
	MACS " 0800" IP("33", "0040") "06040000 00000001 46{30}",
	MACS " 0800" IP("2f", "0060") "0000 0800" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 0800" IP("04", "0060") IP("11", "0030") UDP("0035", "0035"),
	MACS " 0800" IP("29", "0080") IP6("06") TCP("9c40", "0050", "02"),
	MACS " 0800" IP("67", "0030") "2000000000000000",
	MACS " 0800" IP("70", "0030") "2101640100010000",
	MACS " 0800" IP_LONG("06") TCP("9c40", "0050", "02"),
	MACS " 0800" IP_LONG("11") UDP("0035", "9c40") "47{9}",
	MACS " 0800" IP_FIRST("11") UDP("0035", "9c40") "48{30}",
	MACS " 0800" IP_LATER("11") "00350035 49{30}",
	MACS " 0800" IP_LATER("06") "00500050 49{30}",
	MACS_M " 0800" IP_TO_MANY("11") UDP("14e9", "14e9") "4a{40}",
	MACS_B " 0800" IP("11", "0100") UDP("0044", "0043") "4b{200}",
	MACS " 86dd" IP6("06") TCP("9c40", "0050", "02") "4c{30}",
	MACS " 86dd" IP6("06") TCP("0050", "9c40", "11"),
	MACS " 86dd" IP6("11") UDP("0035", "9c40") "4d{20}",
	MACS " 86dd" IP6("3a") "8000 0000 0001 0001 4e{20}",
	MACS " 86dd" IP6("3a") "8700 0000 00000000 fd770000000000000000000000000020",
	MACS " 86dd" IP6("84") SCTP,
	MACS " 86dd" IP6("2c") "1100 0000 00000001" UDP("0035", "9c40"),
	MACS " 86dd" IP6("2c") "0600 0059 00000001 4f{20}",
	MACS " 86dd" IP6("00") "0600 050200000000" TCP("9c40", "0050", "02"),
	MACS " 86dd" IP6("2b") "3c00 000000000000 1100 010400000000" UDP("0035", "9c40"),
	MACS " 86dd" IP6("33") "0604 0000 00000001 00000001 00{12}" TCP("9c40", "0050", "02"),
	MACS_B " 0806 0001 0800 0604 0001 020000000001 0a4d0001 000000000000 0a4d0002",
	MACS " 0806 0001 0800 0604 0002 020000000002 0a4d0002 020000000001 0a4d0001",
	MACS_B " 8035 0001 0800 0604 0003 020000000001 00000000 020000000001 00000000",
	MACS " 8100 0064 0800" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 8100 6065 86dd" IP6("11") UDP("0035", "9c40"),
	MACS " 88a8 0064 8100 00c8 0800" IP("11", "0030") UDP("0035", "9c40"),
	MACS " 8100 0064 8100 00c8 0800" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 9100 0064 0806 0001 0800 0604 0001 020000000001 0a4d0001 000000000000 0a4d0002",
	MACS " 8847 00064140" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 8847 00064040 00064140" IP("11", "0030") UDP("0035", "9c40"),
	MACS " 8847 00400140" IP6("06") TCP("9c40", "0050", "02"),
	MACS " 8863 1109 0000 0004 01010000",
	MACS " 8864 1100 0007 0030 0021" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 8864 1100 0008 0050 0057" IP6("11") UDP("0035", "9c40"),
	MACS " 0800" IP("11", "0060") UDP("c350", "12b5") "0800000000000500" MACS
							  "0800" IP("06", "003c")
								  TCP("9c40", "0050", "02"),
	MACS " 0800" IP("11", "0060")
		UDP("c350", "17c1") "0000 6558 00000500" MACS
				    "0800" IP("01", "0030") "0800000000010001",
	"0180c2000000 020000000001 0026 424203 0000 00{40}",
	"01000ccccccc 020000000001 0040 aaaa03 00000c 2000 50{50}",
	MACS " 0030 aaaa03 000000 0800" IP("06", "003c") TCP("9c40", "0050", "02"),
	MACS " 0030 e0e003 ffff0022 00{30}",
	MACS " 0030 fefe03 83 00{30}",
	"0180c200000e 020000000001 88cc 0207040200 00{30}",
	MACS " 6003 0200 00{30}",
	MACS " 809b 00{30}",
	MACS " 8137 ffff 00{30}",
	MACS " 88e5 0000 51{60}",
	MACS " 9000 0000 0100 00{30}",
	MACS
	" 0800 4f00 0100 0000 0000 40 06 0000 0a4d0001 0a4d0002 01{40}" TCP("9c40", "0050", "02"),
	MACS " 0800 f5f5 f5f5 52{200}",
	MACS " 0800 4100 0100 0000 0000 40 11 0000 0a4d0001 0a4d0002 52{80}",
	"00{60}",
	"ff{300}",
	"00010203 04050607 08090a0b 0c0d0e0f{20}",
};

static inline gint nibble(char c)
{
	return g_ascii_xdigit_value(c);
}

static inline GByteArray *frame_bytes(const char *text)
{
	GByteArray *bytes = g_byte_array_new();

	while (*text) {
		guint8 byte;

		if (*text == '{') {
			guint64 times = g_ascii_strtoull(text + 1, (char **)&text, 10);

			byte = bytes->data[bytes->len - 1];
			while (--times)
				g_byte_array_append(bytes, &byte, 1);
			text++;
			continue;
		}
		if (*text == ' ') {
			text++;
			continue;
		}
		while (text[1] == ' ')
			text++;
		byte = (guint8)(nibble(text[0]) << 4 | nibble(text[1]));
		g_byte_array_append(bytes, &byte, 1);
		text += 2;
	}
	return bytes;
}

static inline GByteArray *frame_whole(guint i, guint skip)
{
	GByteArray *whole = frame_bytes(frame_texts[i]);

	if (skip)
		g_byte_array_remove_range(whole, 0, skip);
	return whole;
}

/* All frames, whole and cut; @skip bytes are taken off in front (14: what a raw device has).
 * GByteArray, the caller's. */
static inline GPtrArray *frames_all(guint skip)
{
	static const guint cuts[] = {1,	 6,  12, 13, 14, 15, 16, 18, 20, 22, 23, 24, 26, 30,
				     33, 34, 35, 36, 37, 38, 40, 42, 47, 54, 56, 60, 66, 128};
	GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);

	for (guint i = 0; i < G_N_ELEMENTS(frame_texts); i++) {
		GByteArray *whole = frame_whole(i, skip);

		for (guint cut = 0; cut < G_N_ELEMENTS(cuts); cut++) {
			GByteArray *part;

			if (cuts[cut] >= whole->len)
				break;
			part = g_byte_array_new();
			g_byte_array_append(part, whole->data, cuts[cut]);
			g_ptr_array_add(all, part);
		}
		g_ptr_array_add(all, whole);
	}
	return all;
}

/* A few of its bytes are others: most of them where the headers are. */
static inline void frame_mutate(GByteArray *frame)
{
	for (gint i = g_test_rand_int_range(1, 5); i > 0; i--) {
		guint within = g_test_rand_bit() ? MIN(frame->len, 64) : frame->len;
		guint at = (guint)g_test_rand_int_range(0, (gint)within);

		frame->data[at] =
			g_test_rand_bit()
				? (guint8)g_test_rand_int_range(0, 256)
				: frame->data[at] ^ (guint8)(1 << g_test_rand_int_range(0, 8));
	}
}

/* Each @count times, otherwise each time. */
static inline void frames_add_mutated(GPtrArray *all, guint skip, guint count)
{
	for (guint i = 0; i < G_N_ELEMENTS(frame_texts) * count; i++) {
		GByteArray *frame = frame_whole(i / count, skip);

		frame_mutate(frame);
		g_ptr_array_add(all, frame);
	}
}

/* As segmentation offload and receive offload make them: headers, and bytes that differ. */
static inline void frames_add_large(GPtrArray *all, guint skip)
{
	static const struct {
		const char *headers;
		guint length;
	} large[] = {
		{MACS " 0800" IP("06", "fa00") TCP("9c40", "0050", "18"), 64000},
		{MACS " 86dd" IP6("06") TCP("0050", "9c40", "10"), 65226},
		{MACS " 0800" IP("11", "ea60") UDP("0035", "9c40"), 60000},
		{MACS " 0800" IP("06", "4e20") TCP("1f90", "1f91", "10"), 20000},
	};

	for (guint i = 0; i < G_N_ELEMENTS(large); i++) {
		GByteArray *frame = frame_bytes(large[i].headers);
		guint headers = frame->len;

		g_byte_array_set_size(frame, large[i].length);
		for (guint at = headers; at < frame->len; at++)
			frame->data[at] = (guint8)g_test_rand_int_range(0, 256);
		if (skip)
			g_byte_array_remove_range(frame, 0, skip);
		g_ptr_array_add(all, frame);
	}
}

#endif
