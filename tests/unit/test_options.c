// SPDX-License-Identifier: GPL-2.0-or-later
/* test_options.c - the option table, the command lines that are read by it, and its help
 *
 * The dialog, which follows the same table, is in test_dialog.c.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "shared/record.h"
#include "tests/unit/lines.h"

/* What a person or an error dialog can be shown. */
static void assert_one_sentence(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	g_assert_true(g_str_has_suffix(text, "."));
	g_assert_cmpuint(strlen(text), <, 900);
	for (const char *at = text; *at; at = g_utf8_next_char(at))
		g_assert_true(g_unichar_isprint(g_utf8_get_char(at)));
}

/* @line must fail, and the sentence must have all of @words. */
static void refuses(const char *line, const char *words)
{
	g_auto(options_t) options;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) parts = g_strsplit(words, "|", 0);

	g_assert_false(parse(&options, line, &error));
	g_assert_nonnull(error);
	assert_one_sentence(error->message);
	for (char **word = parts; *word; word++) {
		if (!strstr(error->message, *word))
			g_error("\"%s\" does not say \"%s\"", error->message, *word);
	}
}

/* --- the table ------------------------------------------------------------------------------ */

static void test_every_option_is_described(void)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	for (gsize i = 0; i < option_count; i++) {
		const struct option_desc *option = &option_table[i];

		g_assert_true(g_hash_table_add(names, (gpointer)option->name));
		g_assert_true(g_str_has_suffix(option->help, "."));
		g_assert_true(option->type == OPTION_FACE || option->size > 0);
		g_assert_cmpuint(option->offset + option->size, <=, sizeof(struct options));
		if (option->sources)
			g_assert_nonnull(option->label);
		if (option->type == OPTION_CHOICE || option->type == OPTION_LIST)
			g_assert_nonnull(option->choices);
		if (option->type == OPTION_INTEGER || option->type == OPTION_SIZE)
			g_assert_nonnull(option->unit);
		/* A string without a default is NULL, everything else has one. */
		g_assert_true((option->fallback || option->reckoned) ==
			      (option->type > OPTION_OFFERED));
	}
}

/* MiB: of 4 for each CPU and 32 the larger, or a 64th of the memory, if that is less. */
static guint32 default_buffer(void)
{
	guint64 share = (guint64)get_phys_pages() * getpagesize() / 64 >> 20;
	guint32 size = 1;

	while (size < MAX(4 * (guint32)get_nprocs_conf(), 32))
		size *= 2;
	while (size > MAX(share, 1) || size > 1024)
		size /= 2;
	return size;
}

static void test_defaults(void)
{
	g_auto(options_t) options;

	parse_ok(&options, "");
	g_assert_cmpint(options.face, ==, FACE_HELP);
	g_assert_cmpuint(options.snapshot_length, ==, 262144);
	g_assert_cmpuint(options.count, ==, 0);
	g_assert_cmpfloat(options.duration, ==, 0);
	g_assert_cmpuint(options.buffer_size, ==, default_buffer());
	g_assert_cmphex(options.context, ==, CONTEXT_ALL);
	g_assert_cmpint(options.log_level, ==, LOG_LEVEL_WARNING);
	g_assert_null(options.log_file);
	g_assert_null(options.filter);
}

static void test_addresses(void)
{
	g_auto(options_t) options;

	parse_ok(&options, "--capture|--extcap-interface|a|--fifo|b|--docker-address||--podman-"
			   "address=unix:///run/p.sock"
			   "|--cri-runtime-address|none");
	g_assert_cmpstr(options.docker_address, ==, "");
	g_assert_cmpstr(options.podman_address, ==, "/run/p.sock");
	g_assert_cmpstr(options.cri_address, ==, "");
	g_assert_null(options.containerd_address);
	refuses("--capture|--extcap-interface|a|--fifo|b|--docker-address|tcp://10.0.0.1:2375",
		"--docker-address|tcp://10.0.0.1:2375|path of a socket");
	refuses("--capture|--extcap-interface|a|--fifo|b|--docker-address|unix://", "unix://");
}

static char *help_for(const char *program)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	options_print_help(out, program);
	fclose(out);
	return text;
}

static void test_help_names_what_people_may_use(void)
{
	g_autofree char *help = help_for("ptcpdump");
	g_autofree char *buffer = g_strdup_printf("(MiB); %u by default here\n", default_buffer());

	for (gsize i = 0; i < option_count; i++) {
		const struct option_desc *option = &option_table[i];
		g_autofree char *name = g_strdup_printf("--%s", option->name);
		bool told = !option->hidden && option->type != OPTION_BIT;

		g_assert_true((strstr(help, name) != NULL) == told);
		if (told)
			g_assert_nonnull(strstr(help, option->help));
	}
	g_assert_nonnull(strstr(help, "tshark -i ptcpdump.any"));
	g_assert_null(strstr(help, "--without"));
	g_assert_nonnull(strstr(help, buffer));
}

/* --- the parser ----------------------------------------------------------------------------- */

static void test_spellings(void)
{
	g_auto(options_t) a, b, c, d, e;

	parse_ok(&a, "--capture|--extcap-interface=ptcpdump.any|--fifo=-|--count=7|--duration=1.5");
	g_assert_cmpint(a.face, ==, FACE_CAPTURE);
	g_assert_cmpstr(a.source, ==, "ptcpdump.any");
	g_assert_cmpstr(a.fifo, ==, "-");
	g_assert_cmpuint(a.count, ==, 7);
	g_assert_cmpfloat(a.duration, ==, 1.5);

	/* A flag's own value; the last one counts; an empty one is none. */
	parse_ok(&b,
		 "--capture|true|--extcap-interface|x|--fifo|f|--count|5|--count|6|--log-file|");
	g_assert_cmpint(b.face, ==, FACE_CAPTURE);
	g_assert_cmpuint(b.count, ==, 6);
	g_assert_null(b.log_file);
	parse_ok(&c, "--capture|--extcap-interface|x|--fifo|f|--count|5|--count||--buffer-size=");
	g_assert_cmpuint(c.count, ==, 0);
	g_assert_cmpuint(c.buffer_size, ==, default_buffer());

	/* A filter may begin with a dash, and hold an equals sign. */
	parse_ok(&d, "--extcap-capture-filter|-1 = len|--extcap-interface|x");
	g_assert_cmpint(d.face, ==, FACE_CHECK_FILTER);
	g_assert_cmpstr(d.filter, ==, "-1 = len");
	parse_ok(&e, "--capture|--extcap-capture-filter||--extcap-interface|x|--fifo|f");
	g_assert_null(e.filter);
}

static void test_context(void)
{
	g_auto(options_t) a, b, c;

	parse_ok(&a, "--capture|--extcap-interface|x|--fifo|f|--context|user, pod");
	g_assert_cmphex(a.context, ==, CONTEXT_USER | CONTEXT_POD);
	parse_ok(&b, "--capture|--extcap-interface|x|--fifo|f|--context-pod|false|"
		     "--context-thread|FALSE|--context-user|true|--context-process");
	g_assert_cmphex(b.context, ==, CONTEXT_ALL & ~(CONTEXT_POD | CONTEXT_THREAD));
	parse_ok(&c,
		 "--capture|--extcap-interface|x|--fifo|f|--context|process|--context-user|true");
	g_assert_cmphex(c.context, ==, CONTEXT_PROCESS | CONTEXT_USER);
}

#define CAPTURE "--capture|--extcap-interface|ptcpdump.any|--fifo|f|"

static void assert_numbers(const GArray *numbers, const char *expected)
{
	g_autoptr(GString) all = g_string_new(NULL);

	g_assert_nonnull(numbers);
	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(all, "%s%u", i ? " " : "",
				       g_array_index(numbers, guint32, i));
	g_assert_cmpstr(all->str, ==, expected);
}

static void test_selectors(void)
{
	g_auto(options_t) a, b, none;

	parse_ok(&a, CAPTURE "--pid|1, 22,4194304|--pname|curl,two words|--uid|0,root,4294967294|"
			     "--follow-forks|--netns|blue, /proc/1/ns/net,all|--direction|in");
	assert_numbers(a.pids, "1 22 4194304");
	assert_numbers(a.uids, "0 0 4294967294");
	g_assert_cmpstr(a.pnames[0], ==, "curl");
	g_assert_cmpstr(a.pnames[1], ==, "two words");
	g_assert_null(a.pnames[2]);
	g_assert_true(a.follow_forks);
	g_assert_cmpstr(a.netns[0], ==, "blue");
	g_assert_cmpstr(a.netns[1], ==, "/proc/1/ns/net");
	g_assert_cmpstr(a.netns[2], ==, "all");
	g_assert_cmphex(a.direction, ==, DIRECTION_IN);

	/* A flag does not eat what follows it; the last one counts; an empty one is none. */
	parse_ok(&b, CAPTURE "--follow-forks|false|--pid|5|--pid|6|--pname|a|--pname||"
			     "--command|sh -c 'x  y'|--direction|out");
	g_assert_false(b.follow_forks);
	assert_numbers(b.pids, "6");
	g_assert_null(b.pnames);
	g_assert_cmpstr(b.command, ==, "sh -c 'x  y'");
	g_assert_cmphex(b.direction, ==, DIRECTION_OUT);

	parse_ok(&none, "");
	g_assert_null(none.pids);
	g_assert_null(none.pnames);
	g_assert_null(none.uids);
	g_assert_null(none.netns);
	g_assert_false(none.follow_forks);
	g_assert_cmphex(none.direction, ==, DIRECTION_IN | DIRECTION_OUT);
}

#define ANY_PROCESS "--capture|--extcap-interface|ptcpdump.process|--fifo|f|"

/* What the dialog's list was asked for comes to what was typed. */
static void test_process_from_the_dialog(void)
{
	g_autofree char *mine = g_strdup_printf(ANY_PROCESS "--pid|1|--process|%d", getpid());
	g_autofree char *expected = g_strdup_printf("1 %d", getpid());
	g_auto(options_t) both, typed, users;

	parse_ok(&both, mine);
	assert_numbers(both.pids, expected);
	parse_ok(&typed, ANY_PROCESS "--pid|1|--process|none");
	assert_numbers(typed.pids, "1");
	parse_ok(&users, ANY_PROCESS "--uid|0");
	refuses(ANY_PROCESS "--process|none", "no process was chosen|--pid");
	refuses(ANY_PROCESS "--process|4194303@1@nginx", "4194303 (nginx)|ended");
}

static void test_every_error_says_what_is_allowed(void)
{
	refuses(CAPTURE "--count|many", "--count|\"many\"|0 to 2147483647");
	refuses(CAPTURE "--count|-5", "--count|\"-5\"|0 to 2147483647");
	refuses(CAPTURE "--count", "--count|no value|whole number");
	refuses("--count|" CAPTURE, "--count|no value");
	refuses(CAPTURE "--snapshot-length|0", "--snapshot-length|\"0\"|1 to 262144");
	refuses(CAPTURE "--snapshot-length|262145", "262145|1 to 262144");
	refuses(CAPTURE "--snapshot-length|99999999999999999999", "1 to 262144");
	refuses(CAPTURE "--buffer-size|33", "--buffer-size|\"33\"|power of two|MiB");
	refuses(CAPTURE "--buffer-size|2048", "2048|1 to 1024");
	refuses(CAPTURE "--duration|1,5", "--duration|\"1,5\"|1.5");
	refuses(CAPTURE "--duration|nan", "nan|seconds");
	refuses(CAPTURE "--duration|1.2.3", "1.2.3|seconds");
	refuses(CAPTURE "--duration|99999999999", "up to 1000000000");
	refuses(CAPTURE "--log-level|loud", "--log-level|\"loud\"|error, warning, info, debug");
	refuses(CAPTURE "--context|process,shoe", "--context|process,shoe|parentproc");
	refuses(CAPTURE "--context-pod|maybe", "--context-pod|maybe|true or false");
	refuses(CAPTURE "--pid|1,", "--pid|\"1,\"|process ids");
	refuses(CAPTURE "--pid|0", "--pid|\"0\"");
	refuses(CAPTURE "--pid|1@2", "--pid|\"1@2\"");
	refuses(CAPTURE "--pid|4194305", "4194305");
	refuses(CAPTURE "--uid|4294967295", "--uid|4294967295|user ids");
	refuses(CAPTURE "--uid|no-such-user", "no-such-user|/etc/passwd");
	refuses(CAPTURE "--pname|a,,b", "--pname|a,,b|names");
	refuses(CAPTURE "--netns| ", "--netns|names");
	refuses(CAPTURE "--direction|up", "--direction|\"up\"|inout, in, out");
	refuses(CAPTURE "--follow-forks=maybe", "--follow-forks|maybe|true or false");
	refuses(CAPTURE "--follow-forks|maybe", "maybe");
	refuses(CAPTURE "--capture=perhaps", "--capture|perhaps");
	refuses(CAPTURE "--nonsense", "\"--nonsense\"|--help");
	refuses(CAPTURE "eth0", "\"eth0\"|--help");
	refuses("--count|5", "--capture|--help");
	refuses("--capture|--fifo|f", "--extcap-interface");
	refuses("--capture|--extcap-interface|ptcpdump.any", "--fifo");
	refuses("--extcap-config", "--extcap-interface");
	/* Words that would drive the terminal. */
	refuses(CAPTURE "--\x1b[2J\n\xff", "--?[2J??");
	refuses(CAPTURE "--count|\x1b[2J\n\xff", "?[2J??");
}

/* Else all sources would leave the list with the next Wireshark's new argument. */
static void test_lists_forgive_what_they_do_not_know(void)
{
	g_auto(options_t) list, dialog;

	parse_ok(&list, "--extcap-interfaces|--extcap-version=9.9|--extcap-new|thing");
	g_assert_cmpint(list.face, ==, FACE_INTERFACES);
	g_assert_cmpstr(list.wireshark_version, ==, "9.9");
	parse_ok(&dialog, CONFIG "|--extcap-reload-option|pid|--count|half typed|--pid|1");
	g_assert_cmpint(dialog.face, ==, FACE_CONFIG);
	g_assert_cmpuint(dialog.count, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/options/table", test_every_option_is_described);
	g_test_add_func("/options/defaults", test_defaults);
	g_test_add_func("/options/addresses", test_addresses);
	g_test_add_func("/options/help", test_help_names_what_people_may_use);
	g_test_add_func("/options/spellings", test_spellings);
	g_test_add_func("/options/context", test_context);
	g_test_add_func("/options/selectors", test_selectors);
	g_test_add_func("/options/process", test_process_from_the_dialog);
	g_test_add_func("/options/errors", test_every_error_says_what_is_allowed);
	g_test_add_func("/options/forgiving", test_lists_forgive_what_they_do_not_know);
	return g_test_run();
}
