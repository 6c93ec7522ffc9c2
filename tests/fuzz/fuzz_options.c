// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_options.c - any command line, one argument per line
 *
 * Whatever it says: no crash, an error that a terminal can be shown, and answers to
 * Wireshark that are sentences, one per line, with no brace that is not a key's.
 */
#include "extcap/options.h"
#include "extcap/protocol.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_printable(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *at = text; *at; at = g_utf8_next_char(at))
		g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
}

static void assert_sentences(const char *answer)
{
	g_auto(GStrv) lines = g_strsplit(answer, "\n", 0);

	for (char **line = lines; *line; line++) {
		bool open = false;

		assert_printable(*line);
		for (const char *c = *line; *c; c++) {
			g_assert_true(*c != (open ? '{' : '}'));
			if (*c == '{' || *c == '}')
				open = !open;
		}
		g_assert_false(open);
	}
}

static void answer(const struct options *options)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool answered = protocol_answer(out, options, "ptcpdump", &error);

	fclose(out);
	if (!answered)
		assert_printable(error->message);
	else if (options->face == FACE_CONFIG || options->face == FACE_DLTS)
		assert_sentences(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *line = g_strconcat("ptcpdump\n", text, NULL);
	g_auto(GStrv) argv = g_strsplit(line, "\n", 0);
	g_auto(options_t) options;
	g_autoptr(GError) error = NULL;

	if (!options_parse(&options, (int)g_strv_length(argv), argv, &error))
		assert_printable(error->message);
	else if (options.face < FACE_CHECK_FILTER && options.face != FACE_INTERFACES)
		answer(&options);
	return 0;
}
