// SPDX-License-Identifier: GPL-2.0-or-later
/* options_value.c - the values of options: how each type is read, kept and freed */
#include "extcap/options_table.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* PID_MAX_LIMIT of the kernel's. */
#define PID_MOST (4U << 20)

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
	*string = g_strdup(text);
}

static bool read_number(const struct option_desc *option, const char *text, guint64 *number)
{
	if (!g_ascii_string_to_unsigned(text, 10, option->min, option->max, number, NULL))
		return false;
	return option->type != OPTION_SIZE || (*number & (*number - 1)) == 0;
}

static bool read_address(const char *text, char **address)
{
	const char *path = g_str_has_prefix(text, "unix://") ? text + strlen("unix://") : text;

	if (strcmp(text, "none") == 0)
		path = "";
	if (*path != '/' && (*path || path == text + strlen("unix://")))
		return false;
	g_free(*address);
	*address = g_strdup(path);
	return true;
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

static bool read_bit(guint32 bit, const char *text, guint32 *bits)
{
	if (g_ascii_strcasecmp(text, "true") == 0)
		*bits |= bit;
	else if (g_ascii_strcasecmp(text, "false") == 0)
		*bits &= ~bit;
	else
		return false;
	return true;
}

/* Reads one element of a list of numbers. */
typedef bool (*read_element)(const char *text, guint32 *number);

static bool read_pid(const char *text, guint32 *pid)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(text, 10, 1, PID_MOST, &number, NULL))
		return false;
	*pid = (guint32)number;
	return true;
}

/*
 * From the file itself: getpwnam() would load whatever nsswitch.conf names, and the
 * engine must not run other people's libraries.
 */
static bool find_user(const char *name, guint32 *uid)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	struct passwd *entry = NULL;

	if (!passwd)
		return false;
	while ((entry = fgetpwent(passwd)) && strcmp(entry->pw_name, name) != 0)
		;
	if (entry)
		*uid = entry->pw_uid;
	fclose(passwd);
	return entry;
}

static bool read_user(const char *text, guint32 *uid)
{
	guint64 number;

	/* The highest number is the kernel's "no user". */
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, &number, NULL))
		return find_user(text, uid);
	*uid = (guint32)number;
	return true;
}

static bool read_array(const char *text, read_element read, GArray **array)
{
	g_auto(GStrv) words = g_strsplit(text, ",", 0);
	g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(guint32));

	for (char **word = words; *word; word++) {
		guint32 number;

		if (!read(g_strstrip(*word), &number))
			return false;
		g_array_append_val(numbers, number);
	}
	g_clear_pointer(array, g_array_unref);
	*array = g_steal_pointer(&numbers);
	return true;
}

static bool read_names(const char *text, char ***names)
{
	g_auto(GStrv) words = g_strsplit(text, ",", 0);

	for (char **word = words; *word; word++) {
		if (*g_strstrip(*word) == '\0')
			return false;
	}
	g_strfreev(*names);
	*names = g_steal_pointer(&words);
	return true;
}

void options_add_word(char ***words, const char *word)
{
	guint n = *words ? g_strv_length(*words) : 0;

	*words = g_renew(char *, *words, n + 2);
	(*words)[n] = g_strdup(word);
	(*words)[n + 1] = NULL;
}

static bool read_flag(const char *text, bool *flag)
{
	guint32 bit = *flag;
	bool read = read_bit(1, text, &bit);

	*flag = bit;
	return read;
}

bool option_set(struct options *options, const struct option_desc *option, const char *text)
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
		return read_bit((guint32)option->max, text, word);
	case OPTION_FLAG:
		return read_flag(text, place(options, option));
	case OPTION_PIDS:
		return read_array(text, read_pid, place(options, option));
	case OPTION_USERS:
		return read_array(text, read_user, place(options, option));
	case OPTION_NAMES:
		return read_names(text, place(options, option));
	case OPTION_ADDRESS:
		return read_address(text, place(options, option));
	default:
		set_string(options, option, text);
		return true;
	}
}

void option_clear(struct options *options, const struct option_desc *option)
{
	switch (option->type) {
	case OPTION_PIDS:
	case OPTION_USERS:
		g_clear_pointer((GArray **)place(options, option), g_array_unref);
		return;
	case OPTION_NAMES:
		g_clear_pointer((char ***)place(options, option), g_strfreev);
		return;
	case OPTION_WORD:
	case OPTION_STRING:
	case OPTION_FILE:
	case OPTION_ADDRESS:
	case OPTION_OFFERED:
		g_clear_pointer((char **)place(options, option), g_free);
		return;
	default:
		return; /* nothing of its own */
	}
}

char *option_fallback(const struct option_desc *option)
{
	return option->reckoned ? option->reckoned() : g_strdup(option->fallback);
}

void option_reset(struct options *options, const struct option_desc *option)
{
	g_autofree char *fallback = option_fallback(option);

	option_clear(options, option);
	if (fallback)
		option_set(options, option, fallback);
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
	case OPTION_FLAG:
		return g_strdup("true or false");
	case OPTION_PIDS:
		return g_strdup("one or several process ids, with commas between");
	case OPTION_USERS:
		return g_strdup("one or several user ids, or names that /etc/passwd has, with "
				"commas between");
	case OPTION_NAMES:
		return g_strdup("one or several names, with commas between");
	case OPTION_ADDRESS:
		return g_strdup("the path of a socket, also with unix:// before it, or none");
	case OPTION_FACE:
		return g_strdup("no value");
	default:
		return g_strdup("a value");
	}
}
