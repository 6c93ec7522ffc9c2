// SPDX-License-Identifier: GPL-2.0-or-later
/* annotation.c - the text of a packet's comments: the table, the encoder, the decoder
 *
 * Theory of operation
 * The table says which keys each kind of comment has, in their order. A comment is of the
 * kind whose first key it begins with; every further key must follow in order, each at
 * the start of a line. A value reaches to the next key, the last one to the comment's end.
 * So a line end within the last value (the reference writes arguments as they are) cannot
 * begin another field, and one within the path of an executable cannot end the path,
 * unless the very next key follows it.
 */
#define _GNU_SOURCE
#include <string.h>

#include "shared/annotation.h"

struct key {
	const char *name;
	const char *older; /* a spelling that the reference used once: read, never written */
	gboolean number;
	const char *words[2]; /* the only values that it may have; NULL: any */
};

struct kind {
	const char *name;
	guint values;
	struct key keys[ANNOTATION_VALUES_MAX];
};

#define TEXT(key)             \
	{                     \
		.name = (key) \
	}
#define NUMBER(key)                           \
	{                                     \
		.name = (key), .number = TRUE \
	}

static const struct kind kinds[ANNOTATION_KINDS] = {
	[ANNOTATION_PROCESS] = {"process",
				PROCESS_VALUES,
				{NUMBER("PID"), {.name = "Cmd", .older = "Command"}, TEXT("Args")}},
	[ANNOTATION_THREAD] = {"thread",
			       THREAD_VALUES,
			       {{.name = "ThreadId", .older = "TID", .number = TRUE},
				TEXT("ThreadName")}},
	[ANNOTATION_USER] = {"user", USER_VALUES, {NUMBER("UserId")}},
	[ANNOTATION_PARENT] = {"parent",
			       PROCESS_VALUES,
			       {NUMBER("ParentPID"),
				{.name = "ParentCmd", .older = "ParentCommand"},
				TEXT("ParentArgs")}},
	[ANNOTATION_CONTAINER] = {"container",
				  CONTAINER_VALUES,
				  {TEXT("ContainerName"), TEXT("ContainerId"),
				   TEXT("ContainerImage"), TEXT("ContainerLabels")}},
	[ANNOTATION_POD] = {"pod",
			    POD_VALUES,
			    {TEXT("PodName"), TEXT("PodNamespace"), TEXT("PodUID"),
			     TEXT("PodLabels"), TEXT("PodAnnotations")}},
	[ANNOTATION_PEER] = {"peer",
			     PROCESS_VALUES,
			     {NUMBER("PeerPID"), TEXT("PeerCmd"), TEXT("PeerArgs")}},
	[ANNOTATION_END] = {"owner's end",
			    END_VALUES,
			    {{.name = "OwnerEnd", .words = {"source", "destination"}}}},
	[ANNOTATION_BY] = {"container's reason",
			   BY_VALUES,
			   {{.name = "ContainerBy", .words = {"network", NULL}}}},
	[ANNOTATION_NAMES] = {"names of its addresses",
			      NAMES_VALUES,
			      {TEXT("SourceName"), TEXT("DestinationName")}},
};

static const char cut_mark[] = "...";
#define CUT_MARK_LENGTH (sizeof(cut_mark) - 1)

const char *annotation_name(enum annotation_kind kind)
{
	return kinds[kind].name;
}

/* ---- writing ---- */

/* Longest piece that stands for one character: the two bytes of U+0080 to U+009F. */
#define PIECE_MAX (2 * 4)

/**
 * next_piece() - one character of a text, as it may be shown
 * @text:	where it begins
 * @len:	bytes that are left, at least 1
 * @piece:	what to write for it
 * @piece_len:	and how long that is
 *
 * Return: bytes of @text that it stands for.
 */
static gsize next_piece(const char *text, gsize len, char piece[PIECE_MAX], gsize *piece_len)
{
	static const char hex[] = "0123456789abcdef";
	static const char named[][2] = {{'\n', 'n'}, {'\t', 't'}, {'\r', 'r'}};
	gunichar c = g_utf8_get_char_validated(text, (gssize)len);
	gboolean valid = c < 0x80000000; /* errors are the two highest values */
	gsize taken = valid ? (gsize)g_utf8_skip[(guchar)*text] : 1;

	if (valid && c >= 0x20 && (c < 0x7f || c > 0x9f)) {
		memcpy(piece, text, taken);
		*piece_len = taken;
		return taken;
	}
	for (guint i = 0; i < G_N_ELEMENTS(named); i++) {
		if (*text == named[i][0]) {
			memcpy(piece, (char[]){'\\', named[i][1]}, 2);
			*piece_len = 2;
			return taken;
		}
	}
	for (gsize i = 0; i < taken; i++) {
		guchar byte = (guchar)text[i];

		memcpy(piece + 4 * i, (char[]){'\\', 'x', hex[byte >> 4], hex[byte & 15]}, 4);
	}
	*piece_len = 4 * taken;
	return taken;
}

/* Most values are: nothing to escape, no character of more than a byte. */
static gboolean is_plain(const char *text, gsize len)
{
	for (gsize i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] >= 0x7f)
			return FALSE;
	}
	return TRUE;
}

void annotation_printable(GString *out, const char *text, gsize len, gsize max)
{
	gsize start = out->len;
	gsize fits = start; /* up to here the text may stay with the mark behind it */
	gsize done = 0;

	if (len <= max && is_plain(text, len)) {
		g_string_append_len(out, text, (gssize)len);
		return;
	}
	while (done < len) {
		char piece[PIECE_MAX];
		gsize piece_len;

		done += next_piece(text + done, len - done, piece, &piece_len);
		if (out->len - start + piece_len > max) {
			g_string_truncate(out, fits);
			g_string_append_len(out, cut_mark, (gssize)MIN(CUT_MARK_LENGTH, max));
			return;
		}
		g_string_append_len(out, piece, (gssize)piece_len);
		if (out->len - start + CUT_MARK_LENGTH <= max)
			fits = out->len;
	}
}

/* "Key: " and the line end in front of every key but the first. */
static gsize key_length(const struct kind *kind, guint place)
{
	return strlen(kind->keys[place].name) + 2 + (place > 0);
}

void annotation_encode(GString *out, enum annotation_kind which, const char *const *values,
		       gsize value_max)
{
	const struct kind *kind = &kinds[which];
	gsize left = ANNOTATION_COMMENT_MAX;

	/* Room for all keys, and for each value to say at least that it was cut. */
	for (guint i = 0; i < kind->values; i++)
		left -= key_length(kind, i) + CUT_MARK_LENGTH;

	for (guint i = 0; i < kind->values; i++) {
		const struct key *key = &kind->keys[i];
		const char *value = values[i] ? values[i] : "";
		gsize max = key->number ? left : MIN(value_max, left + CUT_MARK_LENGTH);
		gsize before;

		if (i > 0)
			g_string_append_c(out, '\n');
		g_string_append(out, key->name);
		g_string_append(out, ": ");
		before = out->len;
		annotation_printable(out, value, strlen(value), max);
		left += CUT_MARK_LENGTH;
		left -= out->len - before;
	}
}

/* ---- reading ---- */

/* A key's name at @text, its colon and the blank: its length, or 0. The blank may be
 * missing where the line ends, for editors strip it. */
static gsize match_name(const char *text, gsize len, const char *name)
{
	gsize name_len;

	if (!name)
		return 0;
	name_len = strlen(name);
	if (len <= name_len || memcmp(text, name, name_len) != 0 || text[name_len] != ':')
		return 0;
	if (len == name_len + 1 || text[name_len + 1] == '\n')
		return name_len + 1;
	return text[name_len + 1] == ' ' ? name_len + 2 : 0;
}

static gsize match_key(const char *text, gsize len, const struct key *key)
{
	gsize matched = match_name(text, len, key->name);

	return matched ? matched : match_name(text, len, key->older);
}

/**
 * find_key() - the next line that begins with a key
 * @text:	where to look from
 * @end:	where the comment ends
 * @key:	which key
 * @matched:	length of the key there
 *
 * Return: the line end in front of it, or NULL.
 */
static const char *find_key(const char *text, const char *end, const struct key *key,
			    gsize *matched)
{
	while ((text = memchr(text, '\n', (gsize)(end - text)))) {
		*matched = match_key(text + 1, (gsize)(end - text - 1), key);
		if (*matched)
			return text;
		text++;
	}
	return NULL;
}

static gboolean is_digits(const struct annotation_value *value)
{
	for (gsize i = 0; i < value->len; i++) {
		if (!g_ascii_isdigit(value->text[i]))
			return FALSE;
	}
	return value->len > 0;
}

static gboolean is_word(const struct annotation_value *value, const char *word)
{
	return word && value->len == strlen(word) && memcmp(value->text, word, value->len) == 0;
}

static gboolean is_plausible(const struct annotation_value *value, const struct key *key)
{
	if (key->number)
		return is_digits(value);
	return is_word(value, key->words[0]) || is_word(value, key->words[1]);
}

gboolean annotation_number(const struct annotation_value *value, guint32 *number)
{
	guint64 n = 0;

	if (!value->text || value->len > 10 || !is_digits(value))
		return FALSE;
	if (value->len > 1 && value->text[0] == '0')
		return FALSE;
	for (gsize i = 0; i < value->len; i++)
		n = n * 10 + (guint64)(value->text[i] - '0');
	if (n > G_MAXUINT32)
		return FALSE;
	*number = (guint32)n;
	return TRUE;
}

/* The values of a comment that begins with the first key of @kind, @first bytes long. */
static enum annotation_verdict decode_values(const char *text, const char *end, gsize first,
					     const struct kind *kind, struct annotation *out)
{
	const char *line_end = memchr(text, '\n', (gsize)(end - text));

	text += first;
	for (guint i = 0; i + 1 < kind->values; i++) {
		gsize matched = 0;
		const char *next = find_key(text, end, &kind->keys[i + 1], &matched);

		/* No first value of ours holds a line end: another second line is not ours. */
		if (i == 0 && (!next || next != line_end))
			return ANNOTATION_FOREIGN;
		if (!next)
			return ANNOTATION_MALFORMED;
		out->values[i] = (struct annotation_value){text, (gsize)(next - text)};
		text = next + 1 + matched;
	}
	out->values[kind->values - 1] = (struct annotation_value){text, (gsize)(end - text)};

	/* A comment of one line has no second key to know it by: its value must do. */
	if (kind->values == 1 && !is_plausible(&out->values[0], &kind->keys[0]))
		return ANNOTATION_FOREIGN;
	for (guint i = 0; i < kind->values; i++) {
		guint32 number;

		if (kind->keys[i].number && !annotation_number(&out->values[i], &number))
			return ANNOTATION_MALFORMED;
	}
	return ANNOTATION_OURS;
}

enum annotation_verdict annotation_decode(const char *comment, gsize len, struct annotation *out)
{
	enum annotation_verdict verdict;

	memset(out, 0, sizeof(*out));
	for (guint i = 0; i < ANNOTATION_KINDS; i++) {
		gsize first = match_key(comment, len, &kinds[i].keys[0]);

		if (!first)
			continue;
		verdict = decode_values(comment, comment + len, first, &kinds[i], out);
		if (verdict != ANNOTATION_OURS)
			memset(out, 0, sizeof(*out));
		out->kind = i;
		return verdict;
	}
	return ANNOTATION_FOREIGN;
}
