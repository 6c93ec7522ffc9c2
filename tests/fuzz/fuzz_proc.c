// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_proc.c - any bytes as what /proc says: a process's stat, a table of sockets, a command line
 *
 * A name is the process's own to choose, and a command line whoever's started us; so nothing in
 * them may be read as anything else.
 */
#define _GNU_SOURCE /* memmem() */
#include <stdint.h>
#include <string.h>

#include "extcap/asker.h"
#include "extcap/life.h"
#include "extcap/sources/sockets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stat(const char *text)
{
	struct life life = {0};

	if (!life_parse(text, &life))
		return;
	g_assert_nonnull(memchr(life.comm, '\0', sizeof(life.comm)));
	g_assert_nonnull(strstr(text, life.comm));
}

/* A name of any bytes does not get at what stands behind it. */
static void check_name(const char *text)
{
	g_autofree char *stat = g_strdup_printf("7 (%s) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 "
						"1 0 4711 1 1",
						text);
	struct life life = {0};

	g_assert_true(life_parse(stat, &life));
	g_assert_cmpint(life.state, ==, 'S');
	g_assert_cmpuint(life.start, ==, 4711);
	g_assert_true(g_str_has_prefix(text, life.comm));
}

static void check_sockets(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line; line++) {
		struct socket_record record = {0};
		unsigned long inode;

		if (sockets_parse(*line, &record, &inode))
			g_assert_true(inode && strchr(*line, ':'));
	}
}

static void check_line(const char *line, gsize length)
{
	/* Without the preference's name in it, nobody has named it. */
	if (asker_line_names(line, length, "ptcpdump.any", "log-file"))
		g_assert_true(memmem(line, length, "logfile:", strlen("logfile:")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As a file's contents come: with a NUL behind them. */
	g_autofree char *text = g_malloc0(size + 1);

	if (size)
		memcpy(text, data, size);
	check_stat(text);
	check_name(text);
	check_sockets(text);
	check_line(text, size);
	return 0;
}
