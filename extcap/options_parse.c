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

#include <string.h>

G_DEFINE_QUARK(ptcpdump - options - error, options_error)

/* What a command line was found to say, while it is read. */
struct line {
	struct options *options;
	unsigned int faces; /* a bit for each that was called */
	GError *error;	    /* the first */
};

static void *place(struct options *options, const struct option_desc *option)
{
	return (char *)options + option->offset;
}

static void set_number(struct options *options, const struct option_desc *option, guint64 number)
{
	if (option->size == sizeof(guint64))
		*(guint64 *)place(options, option) = number;
	else
		*(guint32 *)place(options, option) = (guint32)number;
}

static void set_string(struct options *options, const struct option_desc *option, const char *text)
{
	char **string = place(options, option);

	g_free(*string);
	*string = *text ? g_strdup(text) : NULL;
}

static bool read_number(const struct option_desc *option, const char *text, guint64 *number)
{
	if (!g_ascii_string_to_unsigned(text, 10, option->min, option->max, number, NULL))
		return false;
	return option->type != OPTION_SIZE || (*number & (*number - 1)) == 0;
}

/* Digits and a point only: strtod() would take "nan", "0x10" and "1e400" as well. */
static bool read_seconds(const struct option_desc *option, const char *text, double *seconds)
{
	char *end;

	if (!g_ascii_isdigit(*text) || text[strspn(text, "0123456789.")] != '\0')
		return false;
	*seconds = g_ascii_strtod(text, &end);
	return *end == '\0' && *seconds <= option->max;
}

static bool read_choice(const struct option_desc *option, const char *text, guint32 *value)
{
	for (const struct option_choice *choice = option->choices; choice->name; choice++) {
		if (strcmp(choice->name, text) == 0) {
			*value = choice->value;
			return true;
		}
	}
	return false;
}

static bool read_list(const struct option_desc *option, const char *text, guint32 *bits)
{
	g_auto(GStrv) names = g_strsplit(text, ",", 0);

	*bits = 0;
	for (char **name = names; *name; name++) {
		guint32 bit;

		if (!read_choice(option, g_strstrip(*name), &bit))
			return false;
		*bits |= bit;
	}
	return true;
}

static bool read_bit(const struct option_desc *option, const char *text, guint32 *bits)
{
	if (g_ascii_strcasecmp(text, "true") == 0)
		*bits |= option->max;
	else if (g_ascii_strcasecmp(text, "false") == 0)
		*bits &= ~(guint32)option->max;
	else
		return false;
	return true;
}

/* Store a value that is not empty. False when it is not what the option takes. */
static bool set_value(struct options *options, const struct option_desc *option, const char *text)
{
	guint64 number;
	guint32 *word = place(options, option);

	switch (option->type) {
	case OPTION_INTEGER:
	case OPTION_SIZE:
		if (!read_number(option, text, &number))
			return false;
		set_number(options, option, number);
		return true;
	case OPTION_SECONDS:
		return read_seconds(option, text, place(options, option));
	case OPTION_CHOICE:
		return read_choice(option, text, word);
	case OPTION_LIST:
		return read_list(option, text, word);
	case OPTION_BIT:
		return read_bit(option, text, word);
	default:
		set_string(options, option, text);
		return true;
	}
}

/* As if it had not been given. */
static void set_fallback(struct options *options, const struct option_desc *option)
{
	if (option->fallback)
		set_value(options, option, option->fallback);
	else if (option->type != OPTION_FACE)
		set_string(options, option, "");
}

static char *names_of(const struct option_desc *option)
{
	GString *names = g_string_new(NULL);

	for (const struct option_choice *choice = option->choices; choice->name; choice++)
		g_string_append_printf(names, "%s%s", names->len ? ", " : "", choice->name);
	return g_string_free(names, FALSE);
}

char *option_allowed(const struct option_desc *option)
{
	g_autofree char *names = option->choices ? names_of(option) : NULL;

	switch (option->type) {
	case OPTION_INTEGER:
		return g_strdup_printf("a whole number from %" G_GUINT64_FORMAT
				       " to %" G_GUINT64_FORMAT,
				       option->min, option->max);
	case OPTION_SIZE:
		return g_strdup_printf("a power of two from %" G_GUINT64_FORMAT
				       " to %" G_GUINT64_FORMAT " (%s)",
				       option->min, option->max, option->unit);
	case OPTION_SECONDS:
		return g_strdup_printf("seconds, such as 10 or 1.5, up to %" G_GUINT64_FORMAT,
				       option->max);
	case OPTION_CHOICE:
		return g_strdup_printf("one of %s", names);
	case OPTION_LIST:
		return g_strdup_printf("one or several of %s, with commas between", names);
	case OPTION_BIT:
		return g_strdup("true or false");
	case OPTION_FACE:
		return g_strdup("no value");
	default:
		return g_strdup("a value");
	}
}

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
	if (!value && option->type == OPTION_BIT)
		value = "true";
	if (!value && option->type != OPTION_WORD) {
		g_autofree char *allowed = option_allowed(option);

		complain(line, "--%s has no value: it takes %s.", option->name, allowed);
		return;
	}
	if (!value || *value == '\0')
		set_fallback(line->options, option);
	else if (!set_value(line->options, option, value))
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
		set_fallback(options, &option_table[i]);
	for (int i = 1; i < argc;)
		i += read_option(&line, argv[i], i + 1 < argc ? argv[i + 1] : NULL);
	options->face = face_of(&line);
	require(&line, argc);
	if (line.error && forgives(&line))
		g_clear_error(&line.error);
	if (line.error)
		g_propagate_error(error, line.error);
	return !line.error;
}

void options_clear(struct options *options)
{
	for (gsize i = 0; i < option_count; i++) {
		const struct option_desc *option = &option_table[i];

		if (!option->fallback && option->type != OPTION_FACE)
			set_string(options, option, "");
	}
}
