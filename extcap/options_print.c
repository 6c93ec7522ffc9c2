// SPDX-License-Identifier: GPL-2.0-or-later
/* options_print.c - the option table as Wireshark's dialog, and as --help */
#include "extcap/options_table.h"

#include "extcap/sentence.h"
#include "extcap/sources/process.h"
#include "extcap/sources/source.h"

#include <string.h>

/* Tabs of the dialog, which Wireshark puts in the order of the alphabet. */
const char *const group_titles[GROUPS] = {
	[GROUP_WIRESHARK] = "As Wireshark calls it",
	[GROUP_WHO] = "For which processes",
	[GROUP_WHAT] = "Network",
	[GROUP_HOW] = "Recording",
	[GROUP_OWNER] = "Owner details",
	[GROUP_DEBUG] = "Troubleshooting",
};

/* The types of Wireshark's dialog (extcap(4)). */
static const char *dialog_type(const struct option_desc *option)
{
	switch (option->type) {
	case OPTION_INTEGER:
		return "unsigned";
	case OPTION_SECONDS:
		return "double";
	case OPTION_SIZE:
	case OPTION_CHOICE:
	case OPTION_OFFERED:
		return "selector";
	case OPTION_BIT:
	case OPTION_FLAG:
		return "boolean";
	case OPTION_FILE:
		return "fileselect";
	default:
		return "string";
	}
}

/* Wireshark keeps what was chosen under the source's name. */
static bool is_saved(const struct option_desc *option, const struct source_class *class,
		     const struct options *options)
{
	const char *const *names = (const char *const *)options->asker_names;

	if (option->guarded && !(names && g_strv_contains(names, option->name)))
		return false;
	return !option->unsaved && (class->lasting || !option->selects);
}

static void print_argument(FILE *out, const struct option_desc *option,
			   const struct source_class *class, const struct options *options,
			   guint64 number)
{
	g_autofree char *call = g_strconcat("--", option->name, NULL);
	g_autofree char *fallback = option_fallback(option);
	struct sentence arg;

	sentence_begin(&arg, "arg");
	sentence_number(&arg, "number", number);
	sentence_value(&arg, "call", call);
	sentence_text(&arg, "display", option->label);
	sentence_text(&arg, "tooltip", option->help);
	sentence_value(&arg, "type", dialog_type(option));
	if (option->type == OPTION_INTEGER || option->type == OPTION_SECONDS)
		sentence_range(&arg, option->min, option->max);
	/* Wireshark shows a field red that does not match, and does not start. */
	if (option->type == OPTION_PIDS)
		sentence_pattern(&arg, "^ *([0-9]+ *(, *[0-9]+ *)*)?$");
	if (option->type == OPTION_FILE)
		sentence_value(&arg, "mustexist", "false");
	/* Wireshark passes an untouched option only if it has a default here. */
	if (fallback)
		sentence_value(&arg, "default", fallback);
	if (option->placeholder)
		sentence_text(&arg, "placeholder", option->placeholder);
	if (!is_saved(option, class, options))
		sentence_value(&arg, "save", "false");
	/* Not "required", which would open the dialog by itself: with a choice that is not
	 * saved Wireshark 4.0 opens it again after its Start, and never starts. */
	if (option->type == OPTION_OFFERED) {
		sentence_value(&arg, "reload", "true");
		sentence_text(&arg, "placeholder", "List them anew");
	}
	sentence_text(&arg, "group", group_titles[option->group]);
	sentence_end(&arg, out);
}

/* Where the values of an argument go, and which of them is its default. */
struct argument {
	FILE *out;
	guint64 number;
	const char *fallback;
};

static void print_value(const char *value, const char *display, void *data)
{
	const struct argument *argument = data;
	struct sentence sentence;

	sentence_begin(&sentence, "value");
	sentence_number(&sentence, "arg", argument->number);
	sentence_value(&sentence, "value", value);
	sentence_text(&sentence, "display", display);
	sentence_value(&sentence, "default",
		       g_strcmp0(value, argument->fallback) == 0 ? "true" : "false");
	sentence_end(&sentence, argument->out);
}

/* What a selector offers. */
static void print_values(FILE *out, const struct option_desc *option, guint64 number)
{
	g_autofree char *fallback = option_fallback(option);
	struct argument argument = {out, number, fallback};

	if (option->type == OPTION_CHOICE) {
		for (const struct option_choice *choice = option->choices; choice->name; choice++)
			print_value(choice->name, choice->label, &argument);
	} else if (option->type == OPTION_SIZE) {
		for (guint64 size = option->min; size <= option->max; size *= 2) {
			g_autofree char *value = g_strdup_printf("%" G_GUINT64_FORMAT, size);
			g_autofree char *display = g_strconcat(value, " ", option->unit, NULL);

			print_value(value, display, &argument);
		}
	} else if (option->type == OPTION_OFFERED) {
		print_value(PROCESS_NONE, "None of these", &argument);
		option->offer(print_value, &argument);
	}
}

void options_print_dialog(FILE *out, const struct options *options)
{
	enum source_kind kind = source_kind_of(options->source, NULL);

	for (gsize i = 0; i < option_count; i++) {
		const struct option_desc *option = &option_table[i];

		if (!(option->sources & 1U << kind))
			continue;
		/* A reload asks for the values of one argument, under its number. */
		if (options->reload && strcmp(options->reload, option->name) != 0)
			continue;
		if (!options->reload)
			print_argument(out, option, source_class(kind), options, i);
		print_values(out, option, i);
	}
}

char *option_operand(const struct option_desc *option)
{
	switch (option->type) {
	case OPTION_FACE:
	case OPTION_FLAG:
		return g_strdup("");
	case OPTION_FILE:
		return g_strdup(" FILE");
	case OPTION_CHOICE:
		return g_strdup(" NAME");
	case OPTION_LIST:
		return g_strdup(" LIST");
	case OPTION_WORD:
		return g_strconcat("=", option->placeholder, NULL);
	case OPTION_ADDRESS:
		return g_strdup(" SOCKET");
	case OPTION_STRING:
	case OPTION_PIDS:
	case OPTION_USERS:
	case OPTION_NAMES:
		return g_strconcat(" ", option->placeholder, NULL);
	default:
		return g_ascii_strup(option->unit, -1);
	}
}

static void print_help_of(FILE *out, const struct option_desc *option)
{
	g_autofree char *operand = option_operand(option);
	g_autofree char *allowed = option_allowed(option);
	g_autofree char *fallback = option_fallback(option);

	fprintf(out, "  --%s%s%s\n        %s\n", option->name,
		*operand && !strchr(" =", *operand) ? " " : "", operand, option->help);
	if (!fallback)
		return;
	if (option->type == OPTION_LIST)
		fprintf(out, "        %s\n", allowed);
	else
		fprintf(out, "        %s; %s by default%s\n", allowed, fallback,
			option->reckoned ? " here" : "");
}

static void print_introduction(FILE *out, const char *program)
{
	fprintf(out,
		"%s " PTCPDUMP_VERSION ": packets with the process, container and pod that "
		"own them\n\n",
		program);
	if (strcmp(program, "ptcpdump") == 0)
		fputs("Wireshark starts this program by itself and lists what it can capture from "
		      "among\n"
		      "its interfaces. Start it there, or in a terminal so:\n\n"
		      "  tshark -D\n"
		      "        list the sources: those whose names begin with ptcpdump.\n"
		      "  tshark -i ptcpdump.any\n"
		      "        show the packets of every interface\n"
		      "  wireshark -k -i ptcpdump.any -f 'tcp port 443'\n"
		      "        watch them in Wireshark's window, with a capture filter\n",
		      out);
	else
		fprintf(out,
			"The program that captures; Wireshark starts it. Without Wireshark:\n\n"
			"  %s --capture --extcap-interface ptcpdump.any --fifo - > file.pcapng\n",
			program);
}

const enum option_group group_order[GROUPS] = {GROUP_WHO,   GROUP_WHAT,	 GROUP_HOW,
					       GROUP_OWNER, GROUP_DEBUG, GROUP_WIRESHARK};

/* The dialog's own spelling of --context would only be noise. */
bool option_is_for_people(const struct option_desc *option)
{
	return !option->hidden && option->type != OPTION_BIT;
}

void options_print_help(FILE *out, const char *program)
{
	print_introduction(out, program);
	for (gsize g = 0; g < GROUPS; g++) {
		fprintf(out, "\n%s:\n", group_titles[group_order[g]]);
		for (gsize i = 0; i < option_count; i++) {
			const struct option_desc *option = &option_table[i];

			if (option->group == group_order[g] && option_is_for_people(option))
				print_help_of(out, option);
		}
	}
}
