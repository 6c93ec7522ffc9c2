// SPDX-License-Identifier: GPL-2.0-or-later
/* test_annotation.c - the comments' text: what is written, what is read, what cannot be forged */
#include <string.h>

#include "shared/annotation.h"

#define REFERENCE TEST_SOURCE "/../data/reference/"

/* How many values a kind has, told apart from the table that is tested. */
static const guint value_counts[ANNOTATION_KINDS] = {3, 2, 1, 3, 4, 5, 3};
/* Which of them is the number that most kinds begin with. */
static const gboolean begins_with_number[ANNOTATION_KINDS] = {TRUE,  TRUE,  TRUE, TRUE,
							      FALSE, FALSE, TRUE};

static char *encode(enum annotation_kind kind, const char *const *values, gsize value_max)
{
	GString *out = g_string_new("before|");

	annotation_encode(out, kind, values, value_max);
	g_assert_true(g_str_has_prefix(out->str, "before|")); /* it appends */
	g_string_erase(out, 0, strlen("before|"));
	return g_string_free(out, FALSE);
}

static char *printable(const char *text, gsize len, gsize max)
{
	GString *out = g_string_new(NULL);

	annotation_printable(out, text, len, max);
	return g_string_free(out, FALSE);
}

/* Decode a copy that ends exactly where the comment does: a sanitizer sees a byte too far. */
static enum annotation_verdict decode(const char *comment, gsize len, struct annotation *out,
				      char **copy)
{
	*copy = g_memdup2(comment, len);
	return annotation_decode(*copy, len, out);
}

static char *value(const struct annotation *annotation, guint place)
{
	return g_strndup(annotation->values[place].text, annotation->values[place].len);
}

static void assert_verdict(const char *comment, enum annotation_verdict wanted)
{
	struct annotation annotation;
	g_autofree char *copy = NULL;
	enum annotation_verdict verdict = decode(comment, strlen(comment), &annotation, &copy);

	if (verdict != wanted)
		g_test_message("\"%s\" is taken for %d, not %d", comment, verdict, wanted);
	g_assert_cmpint(verdict, ==, wanted);
}

static void assert_values(const char *comment, enum annotation_kind kind, const char *const *wanted)
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

/* ---- reading ---- */

/* No value can begin a field, neither in our files nor in the reference's. */
static void test_forged(void)
{
	const char *evil = "sh\nUserId: 0\nParentPID: 1\nArgs: x";
	const char *values[] = {"4711", "/tmp/a\nArgs: innocent", evil};
	g_autofree char *ours = encode(ANNOTATION_PROCESS, values, 1000);
	g_autofree char *theirs = g_strdup_printf("PID: 4711\nCmd: /tmp/a\nArgs: %s", evil);

	assert_values(ours, ANNOTATION_PROCESS,
		      (const char *[]){"4711", "/tmp/a\\nArgs: innocent",
				       "sh\\nUserId: 0\\nParentPID: 1\\nArgs: x"});
	assert_values(theirs, ANNOTATION_PROCESS, (const char *[]){"4711", "/tmp/a", evil});
	assert_values("PID: 1\nCmd: /tmp/two\nlines\nArgs: x", ANNOTATION_PROCESS,
		      (const char *[]){"1", "/tmp/two\nlines", "x"});
	/* A pod's label cannot begin its annotations: JSON escapes, but who knows the writer. */
	assert_values("PodName: a\nPodNamespace: b\nPodUID: c\nPodLabels: {}\nPodAnnotations: "
		      "{}\nPodAnnotations: {\"x\":\"y\"}",
		      ANNOTATION_POD,
		      (const char *[]){"a", "b", "c", "{}", "{}\nPodAnnotations: {\"x\":\"y\"}"});
}

static void test_older(void)
{
	assert_values("PID: 1\nCommand: /sbin/init\nArgs: init", ANNOTATION_PROCESS,
		      (const char *[]){"1", "/sbin/init", "init"});
	assert_values("TID: 7\nThreadName: worker", ANNOTATION_THREAD,
		      (const char *[]){"7", "worker"});
	assert_values("ParentPID: 1\nParentCommand: /sbin/init\nParentArgs: ", ANNOTATION_PARENT,
		      (const char *[]){"1", "/sbin/init", ""});
}

/* Wireshark's own editor is free to strip blanks at line ends. */
static void test_stripped(void)
{
	assert_values("PID: 1\nCmd:\nArgs:", ANNOTATION_PROCESS, (const char *[]){"1", "", ""});
}

static void test_foreign(void)
{
	static const char *const words[] = {
		"",
		"\n",
		"look here",
		"PID: see below",
		"PID: 4711",
		"PID: 4711\nsee above",
		"PID: 4711\n\nCmd: x\nArgs: y",
		"PID : 4711\nCmd: x\nArgs: y",
		" PID: 4711\nCmd: x\nArgs: y",
		"pid: 4711\nCmd: x\nArgs: y",
		"PID:4711\nCmd: x\nArgs: y",
		"PID",
		"PID:",
		"PIDs: 1\nCmd: x\nArgs: y",
		"UserId: bob",
		"UserId: 1000 or so",
		"UserId: 1000\nbut why?",
		"UserId: ",
		"UserId:",
		"ThreadId: 7",
		"ContainerName: web",
		"PodName: a\nPodUID: b",
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		assert_verdict(words[i], ANNOTATION_FOREIGN);
}

static void test_malformed(void)
{
	static const struct {
		const char *comment;
		enum annotation_kind kind;
	} cases[] = {
		{"PID: see below\nCmd: x\nArgs: y", ANNOTATION_PROCESS},
		{"PID: 4711\nCmd: x", ANNOTATION_PROCESS},
		{"PID: \nCmd: x\nArgs: y", ANNOTATION_PROCESS},
		{"PID: -1\nCmd: x\nArgs: y", ANNOTATION_PROCESS},
		{"PID: 4711 \nCmd: x\nArgs: y", ANNOTATION_PROCESS},
		{"PID: 4294967296\nCmd: x\nArgs: y", ANNOTATION_PROCESS},
		{"PeerPID: 1\nPeerCmd: x\nArgs: y", ANNOTATION_PEER},
		{"UserId: 99999999999999999999", ANNOTATION_USER},
		{"ContainerName: a\nContainerId: b\nContainerLabels: {}", ANNOTATION_CONTAINER},
		{"PodName: a\nPodNamespace: b\nPodLabels: {}\nPodUID: c\nPodAnnotations: {}",
		 ANNOTATION_POD},
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct annotation annotation;

		g_assert_cmpint(
			annotation_decode(cases[i].comment, strlen(cases[i].comment), &annotation),
			==, ANNOTATION_MALFORMED);
		g_assert_cmpint(annotation.kind, ==, cases[i].kind);
		g_assert_null(annotation.values[0].text);
	}
}

static void test_numbers(void)
{
	static const char *const bad[] = {
		"",   "-1", "+1",  " 1",	 "1 ",		"0x1",
		"01", "00", "1.0", "4294967296", "10000000000", "18446744073709551617"};
	guint32 number;

	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		struct annotation_value text = {bad[i], strlen(bad[i])};

		number = 42;
		g_assert_false(annotation_number(&text, &number));
		g_assert_cmpuint(number, ==, 42);
	}
	g_assert_false(annotation_number(&(struct annotation_value){NULL, 0}, &number));
	g_assert_true(annotation_number(&(struct annotation_value){"4294967295", 10}, &number));
	g_assert_cmpuint(number, ==, G_MAXUINT32);
	g_assert_true(annotation_number(&(struct annotation_value){"0", 1}, &number));
	g_assert_cmpuint(number, ==, 0);
}

/* ---- files of the reference ---- */

/* A comment of a packet of a pcapng file, as the file has it. */
typedef void (*comment_func)(guint packet, const char *comment, gsize len, gpointer data);

static guint32 u32_at(const char *p)
{
	guint32 n;

	memcpy(&n, p, sizeof(n));
	return GUINT32_FROM_LE(n);
}

static guint16 u16_at(const char *p)
{
	guint16 n;

	memcpy(&n, p, sizeof(n));
	return GUINT16_FROM_LE(n);
}

/* Little-endian and trusted: three files that are in the tree. Returns how many packets. */
static guint each_comment(const char *name, comment_func each, gpointer data)
{
	g_autofree char *path = g_strconcat(REFERENCE, name, NULL), *file = NULL;
	gsize size;
	guint packets = 0;

	g_assert_true(g_file_get_contents(path, &file, &size, NULL));
	for (gsize at = 0; at + 12 <= size; at += u32_at(file + at + 4)) {
		gsize end = at + u32_at(file + at + 4) - 4, option;

		if (u32_at(file + at) != 6) /* enhanced packet block */
			continue;
		packets++;
		option = at + 28 + (u32_at(file + at + 20) + 3) / 4 * 4;
		while (option + 4 <= end && u16_at(file + option) != 0) {
			guint16 len = u16_at(file + option + 2);

			if (u16_at(file + option) == 1)
				each(packets, file + option + 4, len, data);
			option += 4 + (len + 3U) / 4 * 4;
		}
	}
	return packets;
}

struct reference {
	const char *file;
	guint packets, threads;
	const char *process[PROCESS_VALUES], *parent[PROCESS_VALUES];
	guint seen[ANNOTATION_KINDS];
};

static void check_reference(guint packet, const char *comment, gsize len, gpointer data)
{
	struct reference *reference = data;
	struct annotation annotation;
	const char *const *wanted = NULL;

	g_assert_cmpint(annotation_decode(comment, len, &annotation), ==, ANNOTATION_OURS);
	reference->seen[annotation.kind]++;
	if (annotation.kind == ANNOTATION_PROCESS)
		wanted = reference->process;
	if (annotation.kind == ANNOTATION_PARENT)
		wanted = reference->parent;
	for (guint i = 0; wanted && i < PROCESS_VALUES; i++) {
		g_autofree char *got = value(&annotation, i);

		g_assert_cmpstr(got, ==, wanted[i]);
	}
	g_test_message("packet %u: a %s", packet, annotation_name(annotation.kind));
}

static void test_reference(void)
{
	struct reference references[] = {
		{"curl-thread.pcapng",
		 10,
		 3,
		 {"122868", "/usr/bin/curl", "curl kernel.com"},
		 {"53229", "/usr/bin/bash", "-bash"},
		 {0}},
		{"tcp.pcapng",
		 24,
		 0,
		 {"345650", "/usr/bin/curl", "curl http://127.0.0.1:8000/notfound"},
		 {"345626", "/go_workshop/src/github.com/mozillazg/ptcpdump/ptcpdump",
		  "ptcpdump -- curl http://127.0.0.1:8000/notfound"},
		 {0}},
		{"dns.pcapng",
		 2,
		 0,
		 {"380281", "/usr/bin/dig", "dig example.com"},
		 {"45198", "/usr/bin/bash", "-bash"},
		 {0}},
	};

	for (guint i = 0; i < G_N_ELEMENTS(references); i++) {
		struct reference *reference = &references[i];

		g_assert_cmpuint(each_comment(reference->file, check_reference, reference), ==,
				 reference->packets);
		g_assert_cmpuint(reference->seen[ANNOTATION_PROCESS], ==, reference->packets);
		g_assert_cmpuint(reference->seen[ANNOTATION_PARENT], ==, reference->packets);
		g_assert_cmpuint(reference->seen[ANNOTATION_THREAD], ==, reference->threads);
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
	g_test_add_func("/annotation/forged", test_forged);
	g_test_add_func("/annotation/older", test_older);
	g_test_add_func("/annotation/stripped", test_stripped);
	g_test_add_func("/annotation/foreign", test_foreign);
	g_test_add_func("/annotation/malformed", test_malformed);
	g_test_add_func("/annotation/numbers", test_numbers);
	g_test_add_func("/annotation/reference", test_reference);
	g_test_add_func("/annotation/random-values", test_random_values);
	g_test_add_func("/annotation/random-comments", test_random_comments);
	return g_test_run();
}
