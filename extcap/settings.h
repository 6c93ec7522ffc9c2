/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settings.h - what root has decided for the members of the group: /etc/ptcpdump.conf
 *
 *     [members]
 *     arguments=all
 *
 * Not an option: it says what who captures may see. Without the file, and without a key in it,
 * the careful answer counts. A file that others could have written, or in which anything is
 * not understood, is no answer at all.
 */
#ifndef PTCPDUMP_EXTCAP_SETTINGS_H
#define PTCPDUMP_EXTCAP_SETTINGS_H

#include <glib.h>
#include <stdbool.h>

struct settings {
	bool all_arguments; /* arguments: "all", or "own" (processes'), by default */
};

/**
 * settings_read() - from @path, PTCPDUMP_SETTINGS but in tests
 *
 * Return: false with one sentence for the user in @error, which ends what was asked for.
 */
bool settings_read(struct settings *settings, const char *path, GError **error);

/** settings_parse() - the same of a file's bytes; @path for the sentence */
bool settings_parse(struct settings *settings, const char *text, gsize length, const char *path,
		    GError **error);

#endif
