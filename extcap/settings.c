// SPDX-License-Identifier: GPL-2.0-or-later
/* settings.c - what root has decided for the members of the group */
#include "extcap/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extcap/options.h"
#include "extcap/roots.h"

#define GROUP "members"

/* THE table of its keys: what each may be, the careful answer first. */
static const struct setting {
	const char *key;
	const char *careful, *open;
	gsize offset; /* of the bool in struct settings that is true for the second */
} known[] = {
	{"arguments", "own", "all", offsetof(struct settings, all_arguments)},
};

static bool refuse(const char *path, const char *why, GError **error)
{
	g_set_error(error, OPTIONS_ERROR, 0, "cannot heed the settings in \"%s\": %s.", path, why);
	return false;
}

static bool refuse_failed(const char *path, GError **error)
{
	g_autofree char *why =
		g_strdup_printf("%s; everybody must be able to read it (sudo chmod 644 %s)",
				g_strerror(errno), path);

	return refuse(path, why, error);
}

static const struct setting *find(const char *key)
{
	for (guint i = 0; i < G_N_ELEMENTS(known); i++)
		if (strcmp(known[i].key, key) == 0)
			return &known[i];
	return NULL;
}

static bool take(struct settings *settings, GKeyFile *file, const char *path, const char *key,
		 GError **error)
{
	const struct setting *setting = find(key);
	g_autofree char *value = g_key_file_get_string(file, GROUP, key, NULL);
	g_autofree char *why = NULL;

	if (!setting) {
		why = g_strdup_printf("[" GROUP "] knows no \"%s\"", key);
		return refuse(path, why, error);
	}
	if (g_strcmp0(value, setting->careful) && g_strcmp0(value, setting->open)) {
		why = g_strdup_printf("\"%s\" must be \"%s\" or \"%s\"", key, setting->careful,
				      setting->open);
		return refuse(path, why, error);
	}
	G_STRUCT_MEMBER(bool, settings, setting->offset) = strcmp(value, setting->open) == 0;
	return true;
}

static bool take_all(struct settings *settings, GKeyFile *file, const char *path, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	g_auto(GStrv) keys = g_key_file_get_keys(file, GROUP, NULL, NULL);

	for (char **group = groups; *group; group++)
		if (strcmp(*group, GROUP) != 0)
			return refuse(path, "it has another group than [" GROUP "]", error);
	for (char **key = keys; key && *key; key++)
		if (!take(settings, file, path, *key, error))
			return false;
	return true;
}

bool settings_parse(struct settings *settings, const char *text, gsize length, const char *path,
		    GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) why = NULL;

	*settings = (struct settings){0};
	if (g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, &why))
		return take_all(settings, file, path, error);
	g_strdelimit(g_strchomp(why->message), "\n", ' ');
	if (g_str_has_suffix(why->message, "."))
		why->message[strlen(why->message) - 1] = '\0';
	return refuse(path, why->message, error);
}

bool settings_read(struct settings *settings, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	char *resolved = realpath(path, NULL);
	g_autofree char *real = g_strdup(resolved);
	struct stat st;
	gsize length;

	*settings = (struct settings){0};
	free(resolved);
	if (!real)
		return errno == ENOENT || refuse_failed(path, error);
	if (stat(real, &st) || !S_ISREG(st.st_mode))
		return refuse(path, "it is no file", error);
	if (!roots_alone(real))
		return refuse(path,
			      "others than root can write it or a folder above it, and it says "
			      "what they may see; make it root's (sudo chown root, sudo chmod 644)",
			      error);
	if (!g_file_get_contents(real, &text, &length, NULL))
		return refuse_failed(path, error);
	return settings_parse(settings, text, length, path, error);
}
