// SPDX-License-Identifier: GPL-2.0-or-later
/* asker.c - what the command line of who started us, Wireshark or tshark, says */
#include "extcap/asker.h"

#include <string.h>
#include <unistd.h>

/* Wireshark has _ in a preference's name for every character but letters, digits and _; some
 * versions for the digit 0, too. */
static bool is_source(const char *text, const char *source)
{
	for (; *source; text++, source++)
		if (*text != g_ascii_tolower(*source) &&
		    !(*text == '_' && (!g_ascii_isalnum(*source) || *source == '0')))
			return false;
	return true;
}

static bool sets(const char *argument, const char *source, const char *option)
{
	if (g_str_has_prefix(argument, "-o"))
		argument += 2;
	if (!g_str_has_prefix(argument, "extcap."))
		return false;
	argument += strlen("extcap.");
	if (!is_source(argument, source))
		return false;
	argument += strlen(source);
	return *argument == '.' && g_str_has_prefix(argument + 1, option) &&
	       argument[1 + strlen(option)] == ':';
}

bool asker_line_names(const char *line, gsize length, const char *source, const char *option)
{
	g_auto(GStrv) words = g_strsplit(option, "-", -1);
	g_autofree char *preference = g_strjoinv("", words);

	for (const char *argument = line; argument < line + length;
	     argument += strlen(argument) + 1)
		if (sets(argument, source, preference))
			return true;
	return false;
}

bool asker_names(const char *source, const char *option)
{
	g_autofree char *path = g_strdup_printf("/proc/%d/cmdline", (int)getppid());
	g_autofree char *line = NULL;
	gsize length;

	return source && g_file_get_contents(path, &line, &length, NULL) &&
	       asker_line_names(line, length, source, option);
}
