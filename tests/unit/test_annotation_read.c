// SPDX-License-Identifier: GPL-2.0-or-later
/* test_annotation_read.c - comments that others wrote: what is read, what cannot be forged */
#include "tests/unit/annotated.h"

#define REFERENCE TEST_SOURCE "/../data/reference/"

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/annotation_read/forged", test_forged);
	g_test_add_func("/annotation_read/older", test_older);
	g_test_add_func("/annotation_read/stripped", test_stripped);
	g_test_add_func("/annotation_read/foreign", test_foreign);
	g_test_add_func("/annotation_read/malformed", test_malformed);
	g_test_add_func("/annotation_read/numbers", test_numbers);
	g_test_add_func("/annotation_read/reference", test_reference);
	return g_test_run();
}
