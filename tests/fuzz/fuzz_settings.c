// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_settings.c - any bytes as root's settings
 *
 * What is not understood is no answer, in one sentence; and nothing but the words for it opens
 * what the careful answer keeps closed.
 */
#define _GNU_SOURCE /* memmem() */
#include <stdint.h>
#include <string.h>

#include "extcap/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings settings;
	g_autoptr(GError) error = NULL;
	/* As a file's contents come: with a NUL behind them. */
	g_autofree char *text = g_malloc0(size + 1);

	if (size)
		memcpy(text, data, size);
	if (!settings_parse(&settings, text, size, "/etc/ptcpdump.conf", &error)) {
		g_assert_nonnull(error);
		g_assert_null(strchr(error->message, '\n'));
	} else if (settings.all_arguments) {
		g_assert_nonnull(memmem(text, size, "arguments", strlen("arguments")));
		g_assert_nonnull(memmem(text, size, "all", strlen("all")));
	}
	return 0;
}
