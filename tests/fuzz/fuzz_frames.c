// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_frames.c - what ptcpdump-names or its client may send: any bytes */
#include "extcap/names/frames.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame frame, twin;
	gssize took;

	while ((took = frame_take(data, size, &frame)) > 0) {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_autoptr(GByteArray) again = g_byte_array_new();

		/* What was understood can be said, and is understood the same. */
		frame_append(bytes, &frame);
		g_assert_cmpint(frame_take(bytes->data, bytes->len, &twin), ==, bytes->len);
		frame_append(again, &twin);
		g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
		frame_clear(&twin);
		frame_clear(&frame);
		g_assert_cmpint(took, <=, size);
		data += took;
		size -= (size_t)took;
	}
	return 0;
}
