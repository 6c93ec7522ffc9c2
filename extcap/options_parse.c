// SPDX-License-Identifier: GPL-2.0-or-later
/* options_parse.c - read a command line as the option table says
 *
 * The parser is our own because Wireshark's command lines are not getopt's: a flag
 * may be followed by a "true" that belongs to it, a value may begin with a dash (a
 * capture filter), and a reload passes whatever stands in the dialog at that moment.
 *
 * An empty value means that the option was not given: that is what an empty field
 * of the dialog is. Of an option given twice the last one counts.
 */
#include "extcap/options_table.h"

#include "extcap/sentence.h"
#include "extcap/sources/process.h"
#include "extcap/sources/source.h"

#include <string.h>

G_DEFINE_QUARK(ptcpdump - options - error, options_error)

/* What a command line was found to say, while it is read. */
struct line {
	struct options *options;
	unsigned int faces; /* a bit for each that was called */
	GError *error;	    /* the first */
};

G_GNUC_PRINTF(2, 3)
static void complain(struct line *line, const char *format, ...)
{
	va_list args;

	if (line->error)
		return; /* the first one counts: others may follow from it */
	va_start(args, format);
	line->error = g_error_new_valist(OPTIONS_ERROR, 0, format, args);
	va_end(args);
}

static void complain_of_value(struct line *line, const struct option_desc *option, const char *text)
{
	g_autofree char *seen = sentence_printable(text, 60);
	g_autofree char *allowed = option_allowed(option);

	complain(line, "--%s cannot be \"%s\": it takes %s.", option->name, seen, allowed);
}

static const struct option_desc *option_named(const char *name, gsize length)
{
	for (gsize i = 0; i < option_count; i++) {
		if (strlen(option_table[i].name) == length &&
		    strncmp(option_table[i].name, name, length) == 0)
			return &option_table[i];
	}
	return NULL;
}

static bool is_true_or_false(const char *text)
{
	return g_ascii_strcasecmp(text, "true") == 0 || g_ascii_strcasecmp(text, "false") == 0;
}

/* Does the next argument, if there is one, belong to @option? */
static bool takes_next(const struct option_desc *option, const char *next)
{
	/* No value of ours is the name of an option: rather the value is missing. */
	if (!next || (g_str_has_prefix(next, "--") && option_named(next + 2, strlen(next + 2))))
		return false;
	switch (option->type) {
	case OPTION_FACE:
	case OPTION_FLAG:
		return is_true_or_false(next);
	case OPTION_WORD:
		return g_ascii_isdigit(*next);
	default:
		return true;
	}
}

static void take(struct line *line, const struct option_desc *option, const char *value)
{
	if (option->type == OPTION_FACE) {
		if (!value || *value == '\0' || g_ascii_strcasecmp(value, "true") == 0)
			line->faces |= 1U << option->max;
		else if (g_ascii_strcasecmp(value, "false") != 0)
			complain_of_value(line, option, value);
		return;
	}
	if (!value && (option->type == OPTION_BIT || option->type == OPTION_FLAG))
		value = "true";
	if (!value && option->type != OPTION_WORD) {
		g_autofree char *allowed = option_allowed(option);

		complain(line, "--%s has no value: it takes %s.", option->name, allowed);
		return;
	}
	/* Nothing is an address, too: it switches one off. */
	if (!value || (*value == '\0' && option->type != OPTION_ADDRESS))
		option_reset(line->options, option);
	else if (!option_set(line->options, option, value))
		complain_of_value(line, option, value);
}

/* Read one option and what belongs to it. Return: how many arguments that was. */
static int read_option(struct line *line, const char *arg, const char *next)
{
	const struct option_desc *option = NULL;
	gsize length = strcspn(arg, "=");
	const char *value = arg[length] == '=' ? arg + length + 1 : NULL;
	bool takes;

	if (g_str_has_prefix(arg, "--"))
		option = option_named(arg + 2, length - 2);
	if (!option) {
		g_autofree char *seen = sentence_printable(arg, 60);

		complain(line, "\"%s\" is no option of ptcpdump: --help lists them.", seen);
		return 1;
	}
	takes = !value && takes_next(option, next);
	take(line, option, takes ? next : value);
	return takes ? 2 : 1;
}

/* Of several faces the one that does the least is meant. */
static enum face face_of(struct line *line)
{
	for (enum face face = FACE_HELP; face <= FACE_CAPTURE; face++) {
		if (line->faces & 1U << face)
			return face;
	}
	return line->options->filter ? FACE_CHECK_FILTER : FACE_HELP;
}

/* Adds the process that the dialog's list was asked for, if it is still the same one. */
static void add_process(struct line *line)
{
	struct options *options = line->options;
	g_autoptr(GError) error = NULL;
	guint32 pid;

	if (!options->process || strcmp(options->process, PROCESS_NONE) == 0)
		return;
	if (!process_check(options->process, &pid, &error)) {
		complain(line, "%s", error->message);
		return;
	}
	if (!options->pids)
		options->pids = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_array_append_val(options->pids, pid);
}

/* Adds what a list of the dialog was asked for to what was typed. */
static void add_chosen(char ***words, const char *chosen)
{
	if (chosen && strcmp(chosen, PROCESS_NONE) != 0)
		options_add_word(words, chosen);
}

/* "Another container", "Another pod": everybody's packets are nobody's wish. */
static void require_container(struct line *line)
{
	const struct options *options = line->options;
	enum source_kind kind = source_kind_of(options->source, NULL);
	bool is_pod = kind == SOURCE_ANY_POD;

	if ((kind != SOURCE_ANY_CONTAINER && !is_pod) || options->container_ids ||
	    options->container_names || options->pods || options->pids || options->pnames ||
	    options->command)
		return;
	complain(line,
		 "no %s was chosen: click the wheel beside \"Another %s\" in Wireshark's list and "
		 "choose one, or add %s (with tshark: -o extcap.ptcpdump_%s.%s).",
		 is_pod ? "pod" : "container", is_pod ? "pod" : "container",
		 is_pod ? "--pod-name NAME.NAMESPACE" : "--container-id or --container-name",
		 is_pod ? "pod" : "container",
		 is_pod ? "podname:NAME.NAMESPACE" : "containername:NAME");
}

static void require_process(struct line *line)
{
	const struct options *options = line->options;

	if (source_kind_of(options->source, NULL) == SOURCE_ANY_PROCESS && !options->pids &&
	    !options->pnames && !options->uids && !options->command)
		complain(line,
			 "no process was chosen: click the wheel beside \"Another process\" in "
			 "Wireshark's list and choose one, or add --pid, --pname, --uid or "
			 "--command "
			 "(with tshark: -o extcap.ptcpdump_process.pid:PID).");
}

/* What a face cannot do without. */
static void require(struct line *line, int argc)
{
	const struct options *options = line->options;

	if (options->face == FACE_HELP && argc > 1 && !(line->faces & 1U << FACE_HELP))
		complain(line, "nothing was asked for: add --capture, or see --help.");
	else if (options->face > FACE_INTERFACES && !options->source)
		complain(line, "no source was given: add --extcap-interface, such as "
			       "--extcap-interface ptcpdump.any.");
	else if (options->face == FACE_CAPTURE && !options->fifo)
		complain(line, "nowhere to write to was given: add --fifo, such as --fifo - for "
			       "standard output.");
}

/*
 * A list or dialog that fails takes all of its sources off Wireshark's list: an
 * option that only a later Wireshark knows, or a value half typed while a dialog
 * reloads, must not do that.
 */
static bool forgives(const struct line *line)
{
	switch (line->options->face) {
	case FACE_HELP:
		return line->faces & 1U << FACE_HELP;
	case FACE_VERSION:
	case FACE_INTERFACES:
		return true;
	case FACE_DLTS:
	case FACE_CONFIG:
		return line->options->source;
	default:
		return false;
	}
}

bool options_parse(struct options *options, int argc, char **argv, GError **error)
{
	struct line line = {.options = options};

	memset(options, 0, sizeof(*options));
	for (gsize i = 0; i < option_count; i++)
		option_reset(options, &option_table[i]);
	for (int i = 1; i < argc;)
		i += read_option(&line, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
	options->face = face_of(&line);
	require(&line, argc);
	if (options->face == FACE_CAPTURE && !line.error) {
		add_process(&line);
		add_chosen(&options->container_ids, options->container);
		add_chosen(&options->pods, options->pod);
		require_process(&line);
		require_container(&line);
	}
	if (line.error && forgives(&line))
		g_clear_error(&line.error);
	if (line.error)
		g_propagate_error(error, line.error);
	return !line.error;
}

void options_clear(struct options *options)
{
	for (gsize i = 0; i < option_count; i++)
		option_clear(options, &option_table[i]);
}
