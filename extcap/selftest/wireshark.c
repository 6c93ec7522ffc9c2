// SPDX-License-Identifier: GPL-2.0-or-later
/* wireshark.c - what Wireshark finds of ours in its folders, and whether it may capture */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "extcap/selftest/selftest.h"

#define DUMPCAP "/usr/bin/dumpcap"

/* The caller's PATH is not believed. */
static const char *const tsharks[] = {"/usr/bin/tshark", "/usr/local/bin/tshark"};

static const char *tshark(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(tsharks); i++)
		if (access(tsharks[i], X_OK) == 0)
			return tsharks[i];
	return NULL;
}

/* What it says; free it. */
static char *say(const char *argument, const char *what)
{
	const char *arguments[] = {tshark(), argument, what, NULL};
	g_autofree char *said = NULL;

	if (!arguments[0] ||
	    !g_spawn_sync("/", (char **)arguments, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
			  &said, NULL, NULL, NULL))
		return NULL;
	return g_steal_pointer(&said);
}

enum check_state look_at_tshark(struct self_test *test, guint which, GString *found)
{
	g_autofree char *version = say("--version", NULL);
	const char *number;

	if (!version) {
		g_string_append(found, "none in /usr/bin or /usr/local/bin");
		return CHECK_MISSING;
	}
	test->folders = say("-G", "folders");
	number = version + strcspn(version, "0123456789");
	g_string_append_printf(found, "%.*s, %s", (int)strcspn(number, " \n"), number, tshark());
	return CHECK_OK;
}

/* The folder that is called so: 4.0 has one for extcaps, later ones a personal one beside it. */
static char *folder(const struct self_test *test, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(test->folders ? test->folders : "", "\n", -1);

	for (char **line = lines; *line; line++)
		if (g_str_has_prefix(*line, name) && (*line)[strlen(name)] == ':')
			return g_strdup(g_strstrip(*line + strlen(name) + 1));
	return NULL;
}

static enum check_state look_in(const char *place, const char *file, int mode, GString *found)
{
	g_autofree char *path = place ? g_build_filename(place, file, NULL) : NULL;

	if (!path)
		return CHECK_UNTRIED;
	g_string_append(found, place);
	if (access(path, mode) == 0)
		return CHECK_OK;
	g_string_append_printf(found, ", %s: %s", file, g_strerror(errno));
	return CHECK_MISSING;
}

enum check_state look_at_extcap(struct self_test *test, guint which, GString *found)
{
	g_autofree char *place = folder(test, "Global Extcap path");

	if (!place)
		place = folder(test, "Extcap path");
	return look_in(place, "ptcpdump", X_OK, found);
}

enum check_state look_at_plugin(struct self_test *test, guint which, GString *found)
{
	g_autofree char *place = folder(test, "Global Plugins");

	return look_in(place, "epan/ptcpdump.so", R_OK, found);
}

enum check_state look_at_dumpcap(struct self_test *test, guint which, GString *found)
{
	if (access(DUMPCAP, X_OK) == 0)
		return CHECK_OK;
	g_string_append_printf(found, DUMPCAP ": %s", g_strerror(errno));
	return errno == ENOENT ? CHECK_UNUSED : CHECK_MISSING;
}
