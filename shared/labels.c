// SPDX-License-Identifier: GPL-2.0-or-later
/* labels.c - labels and annotations of containers and pods: one JSON object of strings
 *
 * A parser of its own, for what it must read is this small: no nesting, so no recursion
 * that a hostile file could drive deep, and no number. It passes over the text twice,
 * first only to see that all of it is well formed: nobody is shown half of a cut object.
 */
#include <stdlib.h>
#include <string.h>

#include "shared/annotation.h"
#include "shared/labels.h"

#define REPLACEMENT 0xfffd

struct cursor {
	const char *at;
	const char *end;
};

/* ---- reading ---- */

static void skip_blanks(struct cursor *in)
{
	while (in->at < in->end && *in->at && strchr(" \t\r\n", *in->at))
		in->at++;
}

static gboolean take(struct cursor *in, char wanted)
{
	skip_blanks(in);
	if (in->at == in->end || *in->at != wanted)
		return FALSE;
	in->at++;
	return TRUE;
}

/* The four digits behind \u. */
static gboolean take_hex(struct cursor *in, gunichar *unit)
{
	if (in->end - in->at < 4)
		return FALSE;
	*unit = 0;
	for (int i = 0; i < 4; i++) {
		int digit = g_ascii_xdigit_value(*in->at++);

		if (digit < 0)
			return FALSE;
		*unit = *unit << 4 | (gunichar)digit;
	}
	return TRUE;
}

/* \uXXXX, and the second half of a surrogate pair where it follows. Half a pair alone
 * is no character. */
static gboolean take_unicode(struct cursor *in, GString *out)
{
	gunichar unit, low;

	if (!take_hex(in, &unit))
		return FALSE;
	if (unit >= 0xd800 && unit < 0xdc00 && in->end - in->at >= 6 &&
	    memcmp(in->at, "\\u", 2) == 0) {
		struct cursor ahead = {in->at + 2, in->end};

		if (take_hex(&ahead, &low) && low >= 0xdc00 && low < 0xe000) {
			unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
			in->at = ahead.at;
		}
	}
	if (unit >= 0xd800 && unit < 0xe000)
		unit = REPLACEMENT;
	g_string_append_unichar(out, unit);
	return TRUE;
}

static gboolean take_escape(struct cursor *in, GString *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (in->at == in->end)
		return FALSE;
	c = *in->at++;
	if (c == 'u')
		return take_unicode(in, out);
	found = c ? strchr(from, c) : NULL;
	if (!found)
		return FALSE;
	g_string_append_c(out, to[found - from]);
	return TRUE;
}

static gboolean take_string(struct cursor *in, GString *out)
{
	if (!take(in, '"'))
		return FALSE;
	while (in->at < in->end) {
		char c = *in->at++;

		if (c == '"')
			return TRUE;
		if (c == '\\') {
			if (!take_escape(in, out))
				return FALSE;
		} else {
			g_string_append_c(out, c);
		}
	}
	return FALSE;
}

/* One pass; with @each NULL only to see whether it is well formed. */
static gboolean pass(struct cursor in, GString *raw, GString *shown, labels_func each,
		     gpointer data)
{
	if (!take(&in, '{'))
		return FALSE;
	if (!take(&in, '}')) {
		do {
			g_string_truncate(raw, 0);
			if (!take_string(&in, raw) || !take(&in, ':'))
				return FALSE;
			g_string_append_c(raw, '=');
			if (!take_string(&in, raw))
				return FALSE;
			if (each) {
				g_string_truncate(shown, 0);
				annotation_printable(shown, raw->str, raw->len, G_MAXUINT16);
				each(shown->str, shown->len, data);
			}
		} while (take(&in, ','));
		if (!take(&in, '}'))
			return FALSE;
	}
	skip_blanks(&in);
	return in.at == in.end;
}

gboolean labels_decode(const char *json, gsize len, labels_func each, gpointer data)
{
	struct cursor in = {json, json + len};
	GString *raw, *shown;
	gboolean good;

	if (len == 0 || (len == 4 && memcmp(json, "null", 4) == 0))
		return TRUE;
	raw = g_string_new(NULL);
	shown = g_string_new(NULL);
	good = pass(in, raw, shown, NULL, NULL) && pass(in, raw, shown, each, data);
	g_string_free(raw, TRUE);
	g_string_free(shown, TRUE);
	return good;
}

/* ---- writing ---- */

static void append_character(GString *out, gunichar c)
{
	static const struct {
		gunichar c;
		const char *text;
	} named[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"},
		     {'\t', "\\t"}, {'\b', "\\b"},  {'\f', "\\f"}, {REPLACEMENT, "\\ufffd"}};

	for (guint i = 0; i < G_N_ELEMENTS(named); i++) {
		if (c == named[i].c) {
			g_string_append(out, named[i].text);
			return;
		}
	}
	/* Besides control characters: what Go escapes for HTML's and JavaScript's sake. */
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == '<' || c == '>' || c == '&' ||
	    c == 0x2028 || c == 0x2029)
		g_string_append_printf(out, "\\u%04x", c);
	else
		g_string_append_unichar(out, c);
}

static void append_string(GString *out, const char *text)
{
	gsize left = strlen(text);

	g_string_append_c(out, '"');
	while (left > 0) {
		gunichar c = g_utf8_get_char_validated(text, (gssize)left);
		gsize taken = c < 0x80000000 ? (gsize)g_utf8_skip[(guchar)*text] : 1;

		append_character(out, c < 0x80000000 ? c : REPLACEMENT);
		text += taken;
		left -= taken;
	}
	g_string_append_c(out, '"');
}

struct label {
	const char *key;
	const char *value;
};

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

guint labels_encode(GString *out, const char *const *keys, const char *const *values, guint count,
		    gsize max)
{
	g_autofree struct label *labels = g_new(struct label, count);
	gsize start = out->len;
	guint left_out = 0;

	for (guint i = 0; i < count; i++)
		labels[i] = (struct label){keys[i], values[i]};
	if (count > 1)
		qsort(labels, count, sizeof(*labels), compare_keys);

	g_string_append_c(out, '{');
	for (guint i = 0; i < count; i++) {
		gsize before = out->len;

		if (before > start + 1)
			g_string_append_c(out, ',');
		append_string(out, labels[i].key);
		g_string_append_c(out, ':');
		append_string(out, labels[i].value);
		if (out->len - start + 1 > max) {
			g_string_truncate(out, before);
			left_out++;
		}
	}
	g_string_append_c(out, '}');
	return left_out;
}
