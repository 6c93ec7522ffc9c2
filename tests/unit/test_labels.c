// SPDX-License-Identifier: GPL-2.0-or-later
/* test_labels.c - labels as JSON: what is read, what is refused, what is written */
#include <string.h>

#include "shared/annotation.h"
#include "shared/labels.h"

static void collect(const char *label, gsize len, gpointer data)
{
	g_assert_cmpuint(strlen(label), ==, len);
	g_ptr_array_add(data, g_strdup(label));
}

/* All labels, one a line; NULL when the text is refused, and then none was shown. */
static char *decode(const char *json, gsize len)
{
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *copy = g_memdup2(json, len); /* a sanitizer sees a byte too far */
	gboolean good = labels_decode(copy, len, collect, labels);

	if (!good) {
		g_assert_cmpuint(labels->len, ==, 0);
		return NULL;
	}
	g_ptr_array_add(labels, NULL);
	return g_strjoinv("\n", (char **)labels->pdata);
}

static void assert_labels(const char *json, const char *wanted)
{
	g_autofree char *got = decode(json, strlen(json));

	g_assert_cmpstr(got, ==, wanted);
}

static void test_read(void)
{
	assert_labels("", "");
	assert_labels("null", "");
	assert_labels("{}", "");
	assert_labels(" { } ", "");
	assert_labels("{\"app\":\"web\"}", "app=web");
	assert_labels("{\"b\":\"2\",\"a\":\"1\"}", "b=2\na=1"); /* in the order of the text */
	assert_labels("{ \"a\" : \"\" ,\n\"\" : \"x\" }", "a=\n=x");
	assert_labels("{\"q\":\"\\\"\\\\\\/\"}", "q=\"\\/");
	assert_labels("{\"u\":\"\\u003ca\\u00e9\\ud83d\\udc27\"}", "u=<a\xc3\xa9\xf0\x9f\x90\xa7");
}

/* What decodes to a control character is shown escaped; half a pair is no character. */
static void test_hostile_strings(void)
{
	assert_labels("{\"a\":\"x\\ny\\u0000z\\u0085\"}", "a=x\\ny\\x00z\\xc2\\x85");
	assert_labels("{\"a\":\"\\ud800\"}", "a=\xef\xbf\xbd");
	assert_labels("{\"a\":\"\\ud800\\u0041\"}", "a=\xef\xbf\xbd"
						    "A");
	assert_labels("{\"a\":\"\\udc27\\ud83d\"}", "a=\xef\xbf\xbd\xef\xbf\xbd");
	assert_labels("{\"a\":\"\xff\"}", "a=\\xff");
}

static void test_refused(void)
{
	static const char *const bad[] = {
		"{",
		"}",
		"[]",
		"\"a\"",
		"1",
		"nul",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1}",
		"{\"a\":null}",
		"{\"a\":{}}",
		"{\"a\":\"b\"",
		"{\"a\":\"b",
		"{\"a\":\"b\",}",
		"{,}",
		"{\"a\":\"b\"}x",
		"{\"a\":\"b\"}{}",
		"{a:\"b\"}",
		"{\"a\":\"\\",
		"{\"a\":\"\\x41\"}",
		"{\"a\":\"\\u12\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\u\"}",
		"{\"long\":\"value that was cu...",
	};

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_labels(bad[i], NULL);
	g_assert_null(decode("{\"a\":\"b\"}\0", 10));
}

/* Deep nesting has nothing to drive deep. */
static void test_nested(void)
{
	g_autofree char *deep = g_strnfill(1000000, '[');
	g_autofree char *deep_object = g_strnfill(1000000, '{');

	assert_labels(deep, NULL);
	assert_labels(deep_object, NULL);
}

static char *encode(const char *const *keys, const char *const *values, guint count, gsize max,
		    guint left_out)
{
	GString *out = g_string_new("x");

	g_assert_cmpuint(labels_encode(out, keys, values, count, max), ==, left_out);
	g_string_erase(out, 0, 1);
	g_assert_cmpuint(out->len, <=, max);
	return g_string_free(out, FALSE);
}

/* As Go's encoder writes a map: sorted, and with <, >, & escaped. */
static void test_written(void)
{
	const char *keys[] = {"b", "a", "c"};
	const char *values[] = {"<&>\"\\\n\x01", "", "\xc3\xa9\xe2\x80\xa8\xff\x7f"};
	g_autofree char *none = encode(NULL, NULL, 0, 2, 0);
	g_autofree char *all = encode(keys, values, 3, 1000, 0);

	g_assert_cmpstr(none, ==, "{}");
	g_assert_cmpstr(all, ==,
			"{\"a\":\"\",\"b\":\"\\u003c\\u0026\\u003e\\\"\\\\\\n\\u0001\","
			"\"c\":\"\xc3\xa9\\u2028\\ufffd\\u007f\"}");
}

static void test_left_out(void)
{
	const char *keys[] = {"a", "b", "c"};
	const char *values[] = {"1", "a value that is long", "3"};
	g_autofree char *some = encode(keys, values, 3, 20, 1);
	g_autofree char *nothing = encode(keys, values, 3, 2, 3);

	g_assert_cmpstr(some, ==, "{\"a\":\"1\",\"c\":\"3\"}");
	g_assert_cmpstr(nothing, ==, "{}");
}

/* What is written is read again, through a comment too: that finds nothing to escape. */
static void test_round_trip(void)
{
	for (guint round = 0; round < 20000; round++) {
		char key[9] = "k", text[9] = "";
		const char *keys[] = {key}, *values[] = {text};
		g_autofree char *json = NULL, *got = NULL, *wanted = NULL;
		g_autoptr(GString) shown = g_string_new(NULL), again = g_string_new(NULL);

		for (guint i = 0; i < 8; i++) {
			text[i] = (char)g_test_rand_int_range(1, 256);
			if (g_test_rand_bit())
				text[i] = (char)g_test_rand_int_range(1, 128);
		}
		json = encode(keys, values, 1, 1000, 0);
		annotation_printable(shown, json, strlen(json), 1000);
		g_assert_cmpstr(shown->str, ==, json);
		got = decode(json, strlen(json));
		g_assert_nonnull(got);
		/* Bytes that are not UTF-8 were replaced, all others are as they were. */
		if (g_utf8_validate(text, -1, NULL)) {
			wanted = g_strconcat("k=", text, NULL);
			annotation_printable(again, wanted, strlen(wanted), 1000);
			g_assert_cmpstr(got, ==, again->str);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/labels/read", test_read);
	g_test_add_func("/labels/hostile-strings", test_hostile_strings);
	g_test_add_func("/labels/refused", test_refused);
	g_test_add_func("/labels/nested", test_nested);
	g_test_add_func("/labels/written", test_written);
	g_test_add_func("/labels/left-out", test_left_out);
	g_test_add_func("/labels/round-trip", test_round_trip);
	return g_test_run();
}
