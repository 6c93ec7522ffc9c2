// SPDX-License-Identifier: GPL-2.0-or-later
/* test_dialog.c - the dialog that the option table makes, and what Wireshark calls after it */
#include <stdlib.h>
#include <string.h>

#include "extcap/protocol.h"
#include "tests/unit/lines.h"

#define ARGV TEST_SOURCE "/../data/argv/"

static void assert_same_numbers(const GArray *a, const GArray *b)
{
	g_assert_cmpuint(a != NULL, ==, b != NULL);
	if (a)
		g_assert_cmpmem(a->data, a->len * sizeof(guint32), b->data,
				b->len * sizeof(guint32));
}

static void assert_same_names(char **a, char **b)
{
	g_autofree char *all_a = a ? g_strjoinv("|", a) : NULL;
	g_autofree char *all_b = b ? g_strjoinv("|", b) : NULL;

	g_assert_cmpstr(all_a, ==, all_b);
}

static void assert_same_values(const struct options *a, const struct options *b)
{
	assert_same_numbers(a->pids, b->pids);
	assert_same_numbers(a->uids, b->uids);
	assert_same_names(a->pnames, b->pnames);
	assert_same_names(a->netns, b->netns);
	g_assert_cmpstr(a->docker_address, ==, b->docker_address);
	g_assert_cmpstr(a->containerd_address, ==, b->containerd_address);
	g_assert_cmpstr(a->cri_address, ==, b->cri_address);
	g_assert_cmpstr(a->podman_address, ==, b->podman_address);
	g_assert_cmpint(a->follow_forks, ==, b->follow_forks);
	g_assert_cmpstr(a->process, ==, b->process);
	g_assert_cmpstr(a->command, ==, b->command);
	g_assert_cmpstr(a->command_child, ==, b->command_child);
	g_assert_cmphex(a->direction, ==, b->direction);
	g_assert_cmpuint(a->snapshot_length, ==, b->snapshot_length);
	g_assert_cmpuint(a->count, ==, b->count);
	g_assert_cmpfloat(a->duration, ==, b->duration);
	g_assert_cmpuint(a->buffer_size, ==, b->buffer_size);
	g_assert_cmphex(a->context, ==, b->context);
	g_assert_cmpint(a->log_level, ==, b->log_level);
	g_assert_cmpstr(a->log_file, ==, b->log_file);
	g_assert_cmpstr(a->kernel_btf, ==, b->kernel_btf);
	g_assert_cmpint(a->json, ==, b->json);
	g_assert_cmpstr(a->without, ==, b->without);
}

/* --- the dialog ----------------------------------------------------------------------------- */

static char *answer_to(const char *line)
{
	g_auto(options_t) options;
	g_autoptr(GError) error = NULL;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	parse_ok(&options, line);
	protocol_answer(out, &options, "ptcpdump", &error);
	g_assert_no_error(error);
	fclose(out);
	return text;
}

static char *value_of(const char *sentence, const char *key)
{
	g_autofree char *start = g_strdup_printf("{%s=", key);
	const char *at = strstr(sentence, start);

	if (!at)
		return NULL;
	at += strlen(start);
	return g_strndup(at, strcspn(at, "}"));
}

/* What the dialog shows at first and passes is what counts without it. */
static void test_the_dialog_shows_the_defaults(void)
{
	g_autofree char *dialog = answer_to(CONFIG);
	g_auto(GStrv) lines = g_strsplit(dialog, "\n", 0);
	g_autoptr(GString) line = g_string_new("--capture|--extcap-interface|a|--fifo|b");
	g_auto(options_t) by_default, by_dialog;

	for (char **sentence = lines; *sentence; sentence++) {
		g_autofree char *call = value_of(*sentence, "call");
		g_autofree char *fallback = value_of(*sentence, "default");

		if (call && fallback)
			g_string_append_printf(line, "|%s|%s", call, fallback);
	}
	g_assert_nonnull(strstr(line->str, "--snapshot-length|262144"));
	parse_ok(&by_default, "");
	parse_ok(&by_dialog, line->str);
	assert_same_values(&by_default, &by_dialog);
}

/* Everything that a selector offers is understood, and one of it is the default. */
static void test_selectors_offer_what_is_understood(void)
{
	g_autofree char *dialog = answer_to(CONFIG);
	g_auto(GStrv) lines = g_strsplit(dialog, "\n", 0);
	g_autofree char *call = NULL;
	guint selectors = 0, defaults = 0, values = 0;

	for (char **sentence = lines; *sentence; sentence++) {
		if (g_str_has_prefix(*sentence, "arg ")) {
			g_free(call);
			call = value_of(*sentence, "call");
			selectors += strstr(*sentence, "{type=selector}") != NULL;
		} else if (g_str_has_prefix(*sentence, "value ")) {
			g_autofree char *value = value_of(*sentence, "value");
			g_autofree char *line = g_strdup_printf(
				"--capture|--extcap-interface|a|--fifo|b|%s|%s", call, value);
			g_auto(options_t) options;

			parse_ok(&options, line);
			values++;
			defaults += strstr(*sentence, "{default=true}") != NULL;
		}
	}
	g_assert_cmpuint(selectors, >, 0);
	g_assert_cmpuint(defaults, ==, selectors);
	g_assert_cmpuint(values, >, selectors);
}

static void test_dialog_has_no_type_that_is_broken(void)
{
	g_autofree char *dialog = answer_to(CONFIG);

	g_assert_null(strstr(dialog, "multicheck"));
	g_assert_null(strstr(dialog, "editselector"));
	g_assert_null(strstr(dialog, "{call=--without}"));
}

/* A pid and a namespace come back as another's: only what is lasting keeps settings. */
static void test_selectors_are_saved_where_the_name_lasts(void)
{
	static const struct {
		const char *source, *call;
		bool saved;
	} cases[] = {
		{"ptcpdump.any", "--pid", true},
		{"ptcpdump.if.lo", "--pname", true},
		{"ptcpdump.process", "--pid", true},
		{"ptcpdump.process", "--command", false},
		{"ptcpdump.any", "--command", false},
		{"ptcpdump.any", "--log-file", false},
		{"ptcpdump.pid.1", "--log-file", false},
		{"ptcpdump.any", "--kernel-btf", true},
		{"ptcpdump.process", "--process", false},
		{"ptcpdump.netns.x", "--pid", false},
		{"ptcpdump.netns.x", "--uid", false},
		{"ptcpdump.netns.x", "--command", false},
		{"ptcpdump.pid.1", "--follow-forks", false},
		{"ptcpdump.pid.1", "--count", true},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *line =
			g_strdup_printf("--extcap-config|--extcap-interface|%s", cases[i].source);
		g_autofree char *call = g_strdup_printf("{call=%s}", cases[i].call);
		g_autofree char *dialog = answer_to(line);
		g_autofree char *sentence = NULL;
		const char *at = strstr(dialog, call);

		g_assert_nonnull(at);
		sentence = g_strndup(at, strcspn(at, "\n"));
		g_assert_true(!strstr(sentence, "{save=false}") == cases[i].saved);
	}
}

static void test_dialog_of_a_process_has_no_other_ones(void)
{
	g_autofree char *dialog = answer_to("--extcap-config|--extcap-interface|ptcpdump.pid.1");

	g_assert_null(strstr(dialog, "{call=--pid}"));
	g_assert_null(strstr(dialog, "{call=--process}"));
	g_assert_null(strstr(dialog, "{call=--netns}"));
	g_assert_null(strstr(dialog, "{required="));
}

static void test_dialog_of_any_process_offers_some(void)
{
	g_autofree char *dialog = answer_to("--extcap-config|--extcap-interface|ptcpdump.process");
	const char *selector = strstr(dialog, "{call=--process}");
	const char *typed = strstr(dialog, "{call=--pid}");

	g_assert_nonnull(typed);
	g_assert_nonnull(selector);
	/* Wireshark 4.0 would open the dialog again and again. */
	g_assert_null(strstr(dialog, "{required="));
	g_assert_nonnull(strstr(selector, "{save=false}{reload=true}"));
	/* The first value is none: typed pids must not need one of the list. */
	g_assert_true(g_str_has_prefix(strchr(selector, '\n') + 1, "value {arg="));
	g_assert_true(strstr(selector, "{value=none}") < strchr(strchr(selector, '\n') + 1, '\n'));
}

static void test_reload_tells_one_options_values(void)
{
	g_autofree char *values = answer_to(CONFIG "|--extcap-reload-option|log-level");
	g_autofree char *none = answer_to(CONFIG "|--extcap-reload-option|count");
	g_autofree char *all = answer_to(CONFIG);

	g_assert_true(g_str_has_prefix(values, "value {arg="));
	g_assert_null(strstr(values, "arg {number="));
	g_assert_nonnull(strstr(values, "{value=debug}"));
	g_assert_nonnull(strstr(all, values)); /* under the number it had */
	g_assert_cmpstr(none, ==, "");
}

/* --- as Wireshark calls ---------------------------------------------------------------------- */

static enum face face_in_name(const char *name)
{
	if (strstr(name, "-interfaces"))
		return FACE_INTERFACES;
	if (strstr(name, "-dlts"))
		return FACE_DLTS;
	if (strstr(name, "-filter"))
		return FACE_CHECK_FILTER;
	if (strstr(name, "-capture"))
		return FACE_CAPTURE;
	return FACE_CONFIG; /* reload too */
}

static void parse_file(struct options *options, const char *name)
{
	g_autofree char *path = g_strconcat(ARGV, name, NULL);
	g_autofree char *text = NULL;
	gsize length;

	g_assert_true(g_file_get_contents(path, &text, &length, NULL));
	g_assert_true(length > 0 && text[length - 1] == '\n');
	text[length - 1] = '\0';
	g_strdelimit(text, "\n", '|');
	parse_ok(options, text);
}

static void test_recorded_calls(void)
{
	g_autoptr(GDir) folder = g_dir_open(ARGV, 0, NULL);
	const char *name;
	guint calls = 0;

	g_assert_nonnull(folder);
	while ((name = g_dir_read_name(folder))) {
		g_auto(options_t) options, defaults;

		if (!g_str_has_suffix(name, ".txt"))
			continue;
		g_test_message("%s", name);
		parse_file(&options, name);
		parse_ok(&defaults, "");
		g_assert_cmpint(options.face, ==, face_in_name(name));
		/* What nobody touched is as without Wireshark. */
		if (!strstr(name, "-options") && !strstr(name, "-reload"))
			assert_same_values(&options, &defaults);
		calls++;
	}
	g_assert_cmpuint(calls, >=, 24);
}

static void test_recorded_values(void)
{
	static const char *const versions[] = {"4.0", "4.4", "4.6"};

	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
		g_autofree char *name =
			g_strconcat(versions[i], "-tshark-capture-options.txt", NULL);
		g_auto(options_t) options;

		parse_file(&options, name);
		g_assert_cmpstr(options.source, ==, "ptcpdump.if.eth0");
		g_assert_cmpstr(options.filter, ==, "tcp port 80");
		g_assert_true(g_str_has_prefix(options.fifo, "/tmp/wireshark_extcap_"));
		g_assert_cmpfloat(options.duration, ==, 1.5);
		g_assert_cmpuint(options.buffer_size, ==, 64);
		g_assert_cmphex(options.context, ==, CONTEXT_ALL & ~CONTEXT_POD);
		g_assert_cmpstr(options.log_file, ==, "/tmp/x.log");
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dialog/defaults", test_the_dialog_shows_the_defaults);
	g_test_add_func("/dialog/selectors", test_selectors_offer_what_is_understood);
	g_test_add_func("/dialog/types", test_dialog_has_no_type_that_is_broken);
	g_test_add_func("/dialog/saved", test_selectors_are_saved_where_the_name_lasts);
	g_test_add_func("/dialog/process", test_dialog_of_a_process_has_no_other_ones);
	g_test_add_func("/dialog/any_process", test_dialog_of_any_process_offers_some);
	g_test_add_func("/dialog/reload", test_reload_tells_one_options_values);
	g_test_add_func("/dialog/recorded/all", test_recorded_calls);
	g_test_add_func("/dialog/recorded/values", test_recorded_values);
	return g_test_run();
}
