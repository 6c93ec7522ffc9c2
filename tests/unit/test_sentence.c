// SPDX-License-Identifier: GPL-2.0-or-later
/* test_sentence.c - nobody's name can say anything to Wireshark */
#include "extcap/sentence.h"

#include <stdlib.h>
#include <string.h>

/* Names that made, hid or renamed a source when they were written as they are. */
static const char *const forgers[] = {
	"{display=evil}{value=randpkt} (5)}",
	"x}{value=randpkt",
	"x\ninterface {value=randpkt}{display=mine}",
	"x\r\ninterface {value=randpkt}{display=mine}",
	"x\xe2\x80\xa8interface {value=randpkt}", /* U+2028, a line separator */
	"\xff\xfe\x80",
	"cut \xe2\x82",
	"\x1b[2J\x07",
	"\xc2\x9b"
	"31m",		       /* U+009B, the one character for ESC [ */
	"\xe2\x80\xaetxt.exe", /* U+202E, right to left from here */
	"\xed\xa0\x80",	       /* half of a surrogate pair */
	"\xc0\x8a",	       /* a line end, spelled too long */
};

/* Write one sentence about @value and @text; NULL when it was refused. */
static char *said(const char *value, const char *text)
{
	g_autofree char *line = NULL;
	size_t length;
	FILE *out = open_memstream(&line, &length);
	struct sentence sentence;
	bool written;

	sentence_begin(&sentence, "interface");
	sentence_value(&sentence, "value", value);
	sentence_text(&sentence, "display", text);
	written = sentence_end(&sentence, out);
	fclose(out);
	g_assert_cmpint(written, ==, length > 0);
	return written ? g_strndup(line, length) : NULL;
}

static guint count_of(const char *text, char c)
{
	guint count = 0;

	for (; *text; text++)
		count += *text == c;
	return count;
}

/* As Wireshark reads it: one line, these two keys, nothing else. */
static void assert_says_only(const char *line, const char *value)
{
	g_autofree char *start = g_strdup_printf("interface {value=%s}{display=", value);

	g_assert_nonnull(line);
	g_assert_true(g_utf8_validate(line, -1, NULL));
	g_assert_true(g_str_has_prefix(line, start));
	g_assert_true(g_str_has_suffix(line, "}\n"));
	g_assert_cmpuint(count_of(line, '\n'), ==, 1);
	g_assert_cmpuint(count_of(line, '{'), ==, 2);
	g_assert_cmpuint(count_of(line, '}'), ==, 2);
	for (const char *at = line; *at != '\n'; at = g_utf8_next_char(at))
		g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
	g_assert_null(strstr(line, "\xe2\x80\xa8"));
}

static void test_a_display_says_only_itself(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(forgers); i++) {
		g_autofree char *line = said("ptcpdump.any", forgers[i]);

		assert_says_only(line, "ptcpdump.any");
	}
}

static void test_random_bytes_say_only_themselves(void)
{
	for (int i = 0; i < 20000; i++) {
		static const char bait[] = "{}=\n\r\xe2\x80\xa8\xae";
		char text[24];
		g_autofree char *line = NULL;

		for (gsize at = 0; at < sizeof(text) - 1; at++)
			text[at] = g_random_boolean() ? bait[g_random_int_range(0, 9)]
						      : g_random_int_range(1, 256);
		text[sizeof(text) - 1] = '\0';
		line = said("ptcpdump.any", text);
		assert_says_only(line, "ptcpdump.any");
	}
}

static void test_a_strange_value_is_refused_and_counted(void)
{
	guint before = sentence_refusals();
	g_autofree char *empty = said("", "x");
	g_autofree char *blank = said("ptcpdump.if.a b", "x");
	g_autofree char *slash = said("../../etc/passwd", "x");

	g_assert_null(empty);
	g_assert_null(blank);
	g_assert_null(slash);
	for (gsize i = 0; i < G_N_ELEMENTS(forgers); i++) {
		g_autofree char *line = said(forgers[i], "x");

		g_assert_null(line);
	}
	g_assert_cmpuint(sentence_refusals() - before, ==, 3 + G_N_ELEMENTS(forgers));
}

static void test_ordinary_words_stay_as_they_are(void)
{
	g_autofree char *line = said("ptcpdump.if.br-0_a.5@x", "Grüße, 世界: a=b");

	g_assert_cmpstr(line, ==,
			"interface {value=ptcpdump.if.br-0_a.5@x}{display=Grüße, 世界: a=b}\n");
}

static void test_long_words_are_cut(void)
{
	g_autofree char *text = g_strnfill(100000, 'x');
	g_autofree char *line = said("ptcpdump.any", text);
	g_autofree char *some = sentence_printable("Grüße", 3);
	g_autofree char *all = sentence_printable("Grüße", 5);

	g_assert_cmpuint(strlen(line), <, SENTENCE_TEXT_MAX + 100);
	g_assert_cmpstr(some, ==, "Grü...");
	g_assert_cmpstr(all, ==, "Grüße");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sentence/display", test_a_display_says_only_itself);
	g_test_add_func("/sentence/random", test_random_bytes_say_only_themselves);
	g_test_add_func("/sentence/value", test_a_strange_value_is_refused_and_counted);
	g_test_add_func("/sentence/ordinary", test_ordinary_words_stay_as_they_are);
	g_test_add_func("/sentence/long", test_long_words_are_cut);
	return g_test_run();
}
