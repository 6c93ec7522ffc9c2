/* SPDX-License-Identifier: GPL-2.0-or-later */
/* annotated.h - a comment, written and read, for the tests of annotation.h */
#ifndef PTCPDUMP_TESTS_UNIT_ANNOTATED_H
#define PTCPDUMP_TESTS_UNIT_ANNOTATED_H

#include <string.h>

#include "shared/annotation.h"

/* How many values a kind has, told apart from the table that is tested. */
static const guint value_counts[ANNOTATION_KINDS] = {3, 2, 1, 3, 4, 5, 3};
/* Which of them is the number that most kinds begin with. */
static const gboolean begins_with_number[ANNOTATION_KINDS] = {TRUE,  TRUE,  TRUE, TRUE,
							      FALSE, FALSE, TRUE};

static inline char *encode(enum annotation_kind kind, const char *const *values, gsize value_max)
{
	GString *out = g_string_new("before|");

	annotation_encode(out, kind, values, value_max);
	g_assert_true(g_str_has_prefix(out->str, "before|")); /* it appends */
	g_string_erase(out, 0, strlen("before|"));
	return g_string_free(out, FALSE);
}

static inline char *printable(const char *text, gsize len, gsize max)
{
	GString *out = g_string_new(NULL);

	annotation_printable(out, text, len, max);
	return g_string_free(out, FALSE);
}

/* Decode a copy that ends exactly where the comment does: a sanitizer sees a byte too far. */
static inline enum annotation_verdict decode(const char *comment, gsize len, struct annotation *out,
					     char **copy)
{
	*copy = g_memdup2(comment, len);
	return annotation_decode(*copy, len, out);
}

static inline char *value(const struct annotation *annotation, guint place)
{
	return g_strndup(annotation->values[place].text, annotation->values[place].len);
}

static inline void assert_verdict(const char *comment, enum annotation_verdict wanted)
{
	struct annotation annotation;
	g_autofree char *copy = NULL;
	enum annotation_verdict verdict = decode(comment, strlen(comment), &annotation, &copy);

	if (verdict != wanted)
		g_test_message("\"%s\" is taken for %d, not %d", comment, verdict, wanted);
	g_assert_cmpint(verdict, ==, wanted);
}

static inline void assert_values(const char *comment, enum annotation_kind kind,
				 const char *const *wanted)
{
	struct annotation annotation;
	g_autofree char *copy = NULL;

	g_assert_cmpint(decode(comment, strlen(comment), &annotation, &copy), ==, ANNOTATION_OURS);
	g_assert_cmpint(annotation.kind, ==, kind);
	for (guint i = 0; i < value_counts[kind]; i++) {
		g_autofree char *got = value(&annotation, i);

		g_assert_cmpstr(got, ==, wanted[i]);
	}
}

#endif
