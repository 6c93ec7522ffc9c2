// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_names_http.c - the head of an answer over HTTP: any bytes */
#include "extcap/names/http.h"

#include <errno.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head head;
	gssize len = http_parse_head((const char *)data, size, &head);

	g_assert_true(len == -EPROTO || (len >= 0 && (gsize)len <= size));
	if (len > 0) {
		g_assert_cmpint(head.status, >=, 100);
		g_assert_cmpint(head.status, <, 600);
		g_assert_cmpint(head.length, >=, -1);
	}
	return 0;
}
