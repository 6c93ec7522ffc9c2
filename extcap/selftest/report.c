// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - the checks as a screen for people, and as JSON */
#include "extcap/selftest/selftest.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A terminal's lines; the words of a group, and of a state, in front of what there is to say. */
#define WIDTH	    80
#define GROUP_WIDTH 11
#define STATE_WIDTH 8
#define INDENT	    (GROUP_WIDTH + STATE_WIDTH + 2)
#define REMARK	    (GROUP_WIDTH + 3)

static const char *const states[CHECK_STATES] = {
	[CHECK_OK] = "ok",
	[CHECK_UNUSED] = "unused",
	[CHECK_UNTRIED] = "untried",
	[CHECK_MISSING] = "missing",
};

static const struct check *check_at(const struct self_test *test, guint i)
{
	return &g_array_index(test->checks, struct check, i);
}

static guint count_of(const struct self_test *test, enum check_state state)
{
	guint count = 0;

	for (guint i = 0; i < test->checks->len; i++)
		count += check_at(test, i)->state == state;
	return count;
}

/* Words from a column on, broken before the end of the line. */
static void print_wrapped(FILE *out, guint indent, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	glong at = indent;

	for (char **word = words; *word; word++) {
		glong length = g_utf8_strlen(*word, -1);

		if (at > indent && at + 1 + length > WIDTH) {
			fprintf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', out);
			at++;
		}
		fputs(*word, out);
		at += length;
	}
	fputc('\n', out);
}

static void print_row(FILE *out, const char *group, enum check_state state, const char *text)
{
	fprintf(out, "%-*s %-*s ", GROUP_WIDTH, group, STATE_WIDTH, states[state]);
	print_wrapped(out, INDENT, text);
}

static void print_remark(FILE *out, const char *word, const char *text)
{
	g_autofree char *remark = g_strconcat(word, text, NULL);

	fprintf(out, "%*s", REMARK, "");
	print_wrapped(out, REMARK, remark);
}

static const struct check *missing_at(const struct self_test *test, guint i)
{
	return i < test->checks->len && check_at(test, i)->state == CHECK_MISSING
		       ? check_at(test, i)
		       : NULL;
}

/* What it costs and how it is mended is said once for several in a row. */
static guint print_missing(FILE *out, const struct self_test *test, guint at, const char *group)
{
	const struct check *check = check_at(test, at);
	const struct check *next = missing_at(test, at + 1);
	g_autofree char *what = check->found ? g_strconcat(check->name, ": ", check->found, NULL)
					     : g_strdup(check->name);

	print_row(out, group, check->state, what);
	if (!next || !g_str_equal(next->costs, check->costs))
		print_remark(out, "costs: ", check->costs);
	if (!next || !g_str_equal(next->mend, check->mend))
		print_remark(out, "mend: ", check->mend);
	return at + 1;
}

/* What is the same of several in a row, and has nothing more to tell, is one row. */
static guint print_alike(FILE *out, const struct self_test *test, guint first, const char *group)
{
	const struct check *check = check_at(test, first);
	g_autoptr(GString) names = g_string_new(check->name);
	guint next = first + 1;

	if (check->found)
		g_string_append_printf(names, ": %s", check->found);
	while (!check->found && next < test->checks->len) {
		const struct check *other = check_at(test, next);

		if (other->found || other->state != check->state ||
		    strcmp(other->group, check->group) != 0)
			break;
		g_string_append_printf(names, ", %s", other->name);
		next++;
	}
	print_row(out, group, check->state, names->str);
	return next;
}

/* Free it. */
static char *system_name(void)
{
	char *name = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);

	return name ? name : g_strdup("an unknown system");
}

static const char *run_by(void)
{
	return getuid() == 0 ? "root" : "an ordinary user";
}

void self_test_print(FILE *out, const struct self_test *test)
{
	g_autofree char *system = system_name();
	g_autofree char *title = NULL;
	const char *group = "";
	struct utsname kernel;

	uname(&kernel);
	title = g_strdup_printf("ptcpdump-capture " PTCPDUMP_VERSION
				" on %s, Linux %s %s, run by %s",
				system, kernel.release, kernel.machine, run_by());
	print_wrapped(out, 0, title);
	for (guint i = 0; i < test->checks->len;) {
		const struct check *check = check_at(test, i);
		const char *shown = strcmp(check->group, group) == 0 ? "" : check->group;

		/* The hooks, where nothing could be loaded: a screenful of nothing. */
		if (check->state == CHECK_UNTRIED && !check->found) {
			i++;
			continue;
		}
		group = check->group;
		i = check->state == CHECK_MISSING ? print_missing(out, test, i, shown)
						  : print_alike(out, test, i, shown);
	}
	fprintf(out, "%u of %u are missing, %u could not be tried.\n",
		count_of(test, CHECK_MISSING), test->checks->len, count_of(test, CHECK_UNTRIED));
}

static void print_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((guchar)*text < ' ')
			fprintf(out, "\\u%04x", *text);
		else
			fputc(*text, out);
	fputc('"', out);
}

/* Everything is a string; the first of an object has no comma before it. */
static void print_member(FILE *out, const char *before, const char *key, const char *value)
{
	fprintf(out, "%s\"%s\": ", before, key);
	print_string(out, value);
}

static void print_check(FILE *out, const struct check *check)
{
	print_member(out, "    {", "group", check->group);
	print_member(out, ", ", "name", check->name);
	print_member(out, ", ", "state", states[check->state]);
	if (check->found)
		print_member(out, ", ", "found", check->found);
	print_member(out, ", ", "costs", check->costs);
	print_member(out, ", ", "mend", check->mend);
	fputc('}', out);
}

void self_test_print_json(FILE *out, const struct self_test *test)
{
	g_autofree char *system = system_name();
	struct utsname kernel;

	uname(&kernel);
	print_member(out, "{\n  ", "version", PTCPDUMP_VERSION);
	print_member(out, ",\n  ", "system", system);
	print_member(out, ",\n  ", "kernel", kernel.release);
	print_member(out, ",\n  ", "machine", kernel.machine);
	print_member(out, ",\n  ", "run_by", run_by());
	fputs(",\n  \"checks\": [\n", out);
	for (guint i = 0; i < test->checks->len; i++) {
		print_check(out, check_at(test, i));
		fputs(i + 1 < test->checks->len ? ",\n" : "\n", out);
	}
	fputs("  ]\n}\n", out);
}
