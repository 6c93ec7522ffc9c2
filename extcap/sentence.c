// SPDX-License-Identifier: GPL-2.0-or-later
/* sentence.c - the sentences that an extcap says to Wireshark */
#include "extcap/sentence.h"

#include <string.h>

static guint refusals;

bool sentence_is_name(const char *name)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.-@";

	return name && *name && name[strspn(name, alphabet)] == '\0';
}

/*
 * Not only control characters: a format character such as U+202E turns the order
 * of what follows around on the screen, and Wireshark takes U+2028 for a line end.
 */
static bool may_be_seen(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
	case G_UNICODE_PRIVATE_USE:
		return false;
	default:
		return g_unichar_isprint(c);
	}
}

char *sentence_printable(const char *text, gsize max)
{
	GString *out = g_string_new(NULL);

	for (const char *at = text; *at; max--) {
		gunichar c = g_utf8_get_char_validated(at, -1);
		bool valid = c < 0x110000;

		if (max == 0) {
			g_string_append(out, "...");
			break;
		}
		if (valid && may_be_seen(c))
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, '?');
		at = valid ? g_utf8_next_char(at) : at + 1;
	}
	return g_string_free(out, FALSE);
}

void sentence_begin(struct sentence *sentence, const char *verb)
{
	sentence->line = g_string_new(verb);
	sentence->refused = false;
	g_string_append_c(sentence->line, ' ');
}

void sentence_value(struct sentence *sentence, const char *key, const char *value)
{
	if (sentence_is_name(value))
		g_string_append_printf(sentence->line, "{%s=%s}", key, value);
	else
		sentence->refused = true;
}

void sentence_number(struct sentence *sentence, const char *key, guint64 number)
{
	g_string_append_printf(sentence->line, "{%s=%" G_GUINT64_FORMAT "}", key, number);
}

void sentence_range(struct sentence *sentence, guint64 from, guint64 to)
{
	g_string_append_printf(sentence->line,
			       "{range=%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "}", from, to);
}

void sentence_pattern(struct sentence *sentence, const char *pattern)
{
	g_string_append_printf(sentence->line, "{validation=%s}", pattern);
}

void sentence_text(struct sentence *sentence, const char *key, const char *text)
{
	g_autofree char *clean = sentence_printable(text, SENTENCE_TEXT_MAX);

	for (char *c = clean; *c; c++) {
		if (*c == '{')
			*c = '(';
		else if (*c == '}')
			*c = ')';
	}
	g_string_append_printf(sentence->line, "{%s=%s}", key, clean);
}

bool sentence_end(struct sentence *sentence, FILE *out)
{
	bool written = !sentence->refused;

	if (written)
		fprintf(out, "%s\n", sentence->line->str);
	else
		refusals++;
	g_string_free(sentence->line, TRUE);
	sentence->line = NULL;
	return written;
}

guint sentence_refusals(void)
{
	return refusals;
}
