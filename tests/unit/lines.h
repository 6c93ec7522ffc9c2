/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lines.h - command lines, for the tests of the options and of what Wireshark calls */
#ifndef PTCPDUMP_TESTS_UNIT_LINES_H
#define PTCPDUMP_TESTS_UNIT_LINES_H

#include "extcap/options_table.h"

#define CONFIG "--extcap-config|--extcap-interface|ptcpdump.any"

/* Parse a program's arguments, separated by "|". */
static inline bool parse(struct options *options, const char *line, GError **error)
{
	g_autofree char *all = g_strconcat("ptcpdump|", line, NULL);
	g_auto(GStrv) argv = g_strsplit(all, "|", 0);
	guint argc = g_strv_length(argv);

	return options_parse(options, *line ? (int)argc : 1, argv, error);
}

static inline void parse_ok(struct options *options, const char *line)
{
	g_autoptr(GError) error = NULL;

	parse(options, line, &error);
	g_assert_no_error(error);
}

#endif
