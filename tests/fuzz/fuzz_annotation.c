// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_annotation.c - any bytes as a comment, as values, as labels
 *
 * The first byte says as what; the rest is it. Checked besides crashes: values lie within
 * their comment, what is written decodes, and what is shown is clean.
 */
#include <stdint.h>
#include <string.h>

#include "shared/annotation.h"
#include "shared/labels.h"

static void check_clean(const char *text, gsize len)
{
	g_assert(g_utf8_validate(text, (gssize)len, NULL));
	for (const char *p = text; p < text + len; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_assert(c >= 0x20 && (c < 0x7f || c > 0x9f));
	}
}

static void check_label(const char *label, gsize len, gpointer data)
{
	check_clean(label, len);
	(*(guint *)data)++;
}

static void fuzz_comment(const char *bytes, gsize len)
{
	struct annotation annotation;
	enum annotation_verdict verdict = annotation_decode(bytes, len, &annotation);

	for (guint i = 0; i < ANNOTATION_VALUES_MAX; i++) {
		const struct annotation_value *value = &annotation.values[i];

		g_assert(!value->text || verdict == ANNOTATION_OURS);
		g_assert(!value->text ||
			 (value->text >= bytes && value->text + value->len <= bytes + len));
	}
}

static void fuzz_values(guint8 choice, const char *bytes, gsize len)
{
	enum annotation_kind kind = choice % ANNOTATION_KINDS;
	const char *text = g_strndup(bytes, len);
	const char *values[ANNOTATION_VALUES_MAX] = {text, text, text, text, text};
	g_autoptr(GString) out = g_string_new(NULL);
	struct annotation annotation;

	if (kind == ANNOTATION_END || kind == ANNOTATION_BY) {
		g_free((gpointer)text);
		return; /* they have words of their own alone */
	}
	if (kind != ANNOTATION_CONTAINER && kind != ANNOTATION_POD)
		values[0] = "1";
	annotation_encode(out, kind, values, choice);
	g_assert(out->len <= ANNOTATION_COMMENT_MAX);
	g_assert(annotation_decode(out->str, out->len, &annotation) == ANNOTATION_OURS);
	for (guint i = 0; i < ANNOTATION_VALUES_MAX && annotation.values[i].text; i++)
		check_clean(annotation.values[i].text, annotation.values[i].len);
	g_free((gpointer)text);
}

static void fuzz_labels(const char *bytes, gsize len)
{
	guint labels = 0;
	gboolean good = labels_decode(bytes, len, check_label, &labels);

	g_assert(good || labels == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 1;

	if (size == 0)
		return 0;
	if (data[0] == 'C')
		fuzz_comment(bytes, size - 1);
	else if (data[0] == 'L')
		fuzz_labels(bytes, size - 1);
	else
		fuzz_values(data[0], bytes, size - 1);
	return 0;
}
