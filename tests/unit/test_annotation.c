// SPDX-License-Identifier: GPL-2.0-or-later
/* test_annotation.c - the comments' text: what is written, and that all of it comes back */
#include "tests/unit/annotated.h"

/* ---- writing ---- */

static const struct {
	const char *values[ANNOTATION_VALUES_MAX];
	const char *comment;
} written[ANNOTATION_KINDS] = {
	[ANNOTATION_PROCESS] = {{"4711", "/usr/bin/curl", "curl -s kernel.org"},
				"PID: 4711\nCmd: /usr/bin/curl\nArgs: curl -s kernel.org"},
	[ANNOTATION_THREAD] = {{"4712", "resolver"}, "ThreadId: 4712\nThreadName: resolver"},
	[ANNOTATION_USER] = {{"1000"}, "UserId: 1000"},
	[ANNOTATION_PARENT] = {{"1", "/sbin/init", "init"},
			       "ParentPID: 1\nParentCmd: /sbin/init\nParentArgs: init"},
	[ANNOTATION_CONTAINER] =
		{{"web", "36f0310403b1", "nginx:1.27", "{\"a\":\"b\"}"},
		 "ContainerName: web\nContainerId: 36f0310403b1\nContainerImage: nginx:1.27\n"
		 "ContainerLabels: {\"a\":\"b\"}"},
	[ANNOTATION_POD] = {{"web-1", "default", "9e2c", "{}", NULL},
			    "PodName: web-1\nPodNamespace: default\nPodUID: 9e2c\nPodLabels: {}\n"
			    "PodAnnotations: "},
	[ANNOTATION_PEER] = {{"80", "/usr/sbin/nginx", "nginx: worker"},
			     "PeerPID: 80\nPeerCmd: /usr/sbin/nginx\nPeerArgs: nginx: worker"},
	[ANNOTATION_END] = {{"destination"}, "OwnerEnd: destination"},
	[ANNOTATION_BY] = {{"network"}, "ContainerBy: network"},
	[ANNOTATION_NAMES] = {{"web", NULL}, "SourceName: web\nDestinationName: "},
};

/* The bytes are the reference's, and they come back as they went in. */
static void test_bytes(void)
{
	for (guint kind = 0; kind < ANNOTATION_KINDS; kind++) {
		g_autofree char *comment = encode(kind, written[kind].values, 1000);
		const char *back[ANNOTATION_VALUES_MAX];

		g_assert_cmpstr(comment, ==, written[kind].comment);
		for (guint i = 0; i < ANNOTATION_VALUES_MAX; i++)
			back[i] = written[kind].values[i] ? written[kind].values[i] : "";
		assert_values(comment, kind, back);
	}
}

static void test_escapes(void)
{
	static const struct {
		const char *bytes, *shown;
	} cases[] = {
		{"a\nb\tc\rd", "a\\nb\\tc\\rd"},
		{"\x01\x1b[31m\x7f", "\\x01\\x1b[31m\\x7f"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7"},
		{"\xff\xc3", "\\xff\\xc3"},		      /* not UTF-8; cut off */
		{"\xc0\x8a", "\\xc0\\x8a"},		      /* a line end, overlong */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},	      /* a surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above U+10FFFF */
		{"\xc2\x85\xc2\x9b", "\\xc2\\x85\\xc2\\x9b"}, /* C1: next line, CSI */
		{"\xc2\xa0", "\xc2\xa0"},		      /* the first one behind them */
		{"back\\slash", "back\\slash"},
		{"", ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = printable(cases[i].bytes, strlen(cases[i].bytes), 1000);

		g_assert_cmpstr(got, ==, cases[i].shown);
	}
	g_autofree char *nul = printable("a\0b", 3, 1000);
	g_assert_cmpstr(nul, ==, "a\\x00b");
}

static void test_cut(void)
{
	static const struct {
		const char *bytes;
		gsize max;
		const char *shown;
	} cases[] = {
		{"12345678", 8, "12345678"},
		{"123456789", 8, "12345..."},
		{"1234\xe2\x82\xac"
		 "678",
		 8, "1234..."},			/* no half of a euro sign */
		{"1234\n678901", 8, "1234..."}, /* nor of an escape, */
		{"123\x01"
		 "678",
		 8, "123..."},
		{"12345\n", 8, "12345\\n"}, /* which counts as written */
		{"123456\n78", 8, "12345..."},
		{"\xc2\x85\xc2\x85", 15, "\\xc2\\x85..."},
		{"1234", 3, "..."},
		{"1234", 2, ".."},
		{"1234", 0, ""},
		{"", 0, ""},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got =
			printable(cases[i].bytes, strlen(cases[i].bytes), cases[i].max);

		g_assert_cmpstr(got, ==, cases[i].shown);
	}
}

/* Half a pid would be another pid. */
static void test_numbers_are_not_cut(void)
{
	const char *values[] = {"4194304", "/usr/bin/curl", "curl"};
	g_autofree char *comment = encode(ANNOTATION_PROCESS, values, 5);

	g_assert_cmpstr(comment, ==, "PID: 4194304\nCmd: /u...\nArgs: curl");
}

/* However long the values, the comment fits its option and no key is missing. */
static void test_too_long(void)
{
	g_autofree char *plain = g_strnfill(70000, 'x');
	g_autofree char *escaped = g_strnfill(70000, '\n');
	const char *const texts[] = {plain, escaped};

	for (guint kind = 0; kind < ANNOTATION_KINDS; kind++) {
		if (kind == ANNOTATION_END || kind == ANNOTATION_BY)
			continue; /* they have words of their own alone */
		for (guint t = 0; t < G_N_ELEMENTS(texts); t++) {
			const char *values[ANNOTATION_VALUES_MAX];
			struct annotation annotation;

			for (guint i = 0; i < ANNOTATION_VALUES_MAX; i++)
				values[i] = i == 0 && begins_with_number[kind] ? "1" : texts[t];
			g_autofree char *comment = encode(kind, values, G_MAXSIZE);

			g_assert_cmpuint(strlen(comment), <=, ANNOTATION_COMMENT_MAX);
			g_assert_cmpint(annotation_decode(comment, strlen(comment), &annotation),
					==, ANNOTATION_OURS);
			for (guint i = 1; i < value_counts[kind]; i++) {
				g_autofree char *got = value(&annotation, i);

				g_assert_true(g_str_has_suffix(got, "..."));
			}
			if (value_counts[kind] > 1) /* and the room is used */
				g_assert_cmpuint(strlen(comment), >, ANNOTATION_COMMENT_MAX - 8);
		}
	}
}

/* ---- any bytes ---- */

/* Bytes that hit the encoder's corners more often than evenly random ones do. */
static char *random_bytes(gsize max, gsize *len)
{
	static const char *const corners[] = {
		"\n",	"\xc2\x85", "\xe2\x82\xac", "\xf0\x9f\x90\xa7",
		"\xff", "\nArgs: ", "\nPodUID: ",   "...",
		"\\"};
	GString *bytes = g_string_new(NULL);
	gsize wanted = (gsize)g_test_rand_int_range(0, (gint)max);

	while (bytes->len < wanted) {
		switch (g_test_rand_int_range(0, 3)) {
		case 0:
			g_string_append(bytes,
					corners[g_test_rand_int_range(0, G_N_ELEMENTS(corners))]);
			break;
		case 1:
			g_string_append_c(bytes, (char)g_test_rand_int_range(0x20, 0x7f));
			break;
		default:
			g_string_append_c(bytes, (char)g_test_rand_int_range(1, 256));
		}
	}
	*len = bytes->len;
	return g_string_free(bytes, FALSE);
}

static void assert_clean(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		g_assert_true(c >= 0x20 && (c < 0x7f || c > 0x9f));
	}
}

/* Whatever the values hold, they come back, and each as it is shown. */
static void test_random_values(void)
{
	for (guint round = 0; round < 20000; round++) {
		enum annotation_kind kind = g_test_rand_int_range(0, ANNOTATION_END);
		gsize max = (gsize)g_test_rand_int_range(0, 60), len;
		char *values[ANNOTATION_VALUES_MAX] = {NULL};
		char *shown[ANNOTATION_VALUES_MAX] = {NULL};
		g_autofree char *comment = NULL;

		for (guint i = 0; i < value_counts[kind]; i++) {
			gboolean number = i == 0 && begins_with_number[kind];

			if (number)
				values[i] = g_strdup_printf("%u", (guint)g_test_rand_int());
			else
				values[i] = random_bytes(50, &len);
			shown[i] = printable(values[i], strlen(values[i]), number ? 20 : max);
			assert_clean(shown[i]);
			g_assert_cmpuint(strlen(shown[i]), <=, number ? 20 : max);
		}
		comment = encode(kind, (const char *const *)values, max);
		assert_values(comment, kind, (const char *const *)shown);
		for (guint i = 0; i < value_counts[kind]; i++) {
			g_free(values[i]);
			g_free(shown[i]);
		}
	}
}

/* Any bytes are read without a step outside of them; values lie within, in order. */
static void test_random_comments(void)
{
	guint verdicts[3] = {0};

	for (guint round = 0; round < 50000; round++) {
		enum annotation_kind kind = g_test_rand_int_range(0, ANNOTATION_KINDS);
		g_autoptr(GString) bytes = g_string_new(written[kind].comment);
		struct annotation annotation;
		g_autofree char *copy = NULL;
		const char *at;

		for (gint i = g_test_rand_int_range(0, 4); i > 0; i--)
			bytes->str[g_test_rand_int_range(0, (gint)bytes->len)] =
				(char)g_test_rand_int_range(0, 256);
		if (g_test_rand_bit())
			g_string_truncate(bytes, (gsize)g_test_rand_int_range(0, (gint)bytes->len));
		verdicts[decode(bytes->str, bytes->len, &annotation, &copy)]++;
		at = copy;
		for (guint i = 0; i < ANNOTATION_VALUES_MAX && annotation.values[i].text; i++) {
			g_assert_true(annotation.values[i].text >= at);
			at = annotation.values[i].text + annotation.values[i].len;
			g_assert_true(at <= copy + bytes->len);
		}
	}
	/* The rounds reach all of it. */
	for (guint i = 0; i < G_N_ELEMENTS(verdicts); i++)
		g_assert_cmpuint(verdicts[i], >, 500);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/annotation/bytes", test_bytes);
	g_test_add_func("/annotation/escapes", test_escapes);
	g_test_add_func("/annotation/cut", test_cut);
	g_test_add_func("/annotation/numbers-are-not-cut", test_numbers_are_not_cut);
	g_test_add_func("/annotation/too-long", test_too_long);
	g_test_add_func("/annotation/random-values", test_random_values);
	g_test_add_func("/annotation/random-comments", test_random_comments);
	return g_test_run();
}
