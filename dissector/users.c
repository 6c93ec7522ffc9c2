// SPDX-License-Identifier: GPL-2.0-or-later
/* users.c - names of user ids, each asked for once
 *
 * A look-up may go to a directory service over the network, and the ids come from a file
 * that anyone may have made: after a number of different ones nothing is asked any more.
 */
#include <pwd.h>
#include <string.h>

#include "dissector/users.h"
#include "shared/annotation.h"

#define USERS_MAX      256
#define NAME_MAX_SHOWN 64

static char *look_up(guint32 uid)
{
	const struct passwd *account = getpwuid(uid);
	GString *name;

	if (!account || !account->pw_name)
		return NULL;
	name = g_string_new(NULL);
	annotation_printable(name, account->pw_name, strlen(account->pw_name), NAME_MAX_SHOWN);
	return g_string_free(name, FALSE);
}

const char *user_name(guint32 uid)
{
	static GHashTable *names; /* uid to name, NULL for none; lives as long as Wireshark */
	gpointer key = GUINT_TO_POINTER(uid), name;

	if (!names)
		names = g_hash_table_new(NULL, NULL);
	if (g_hash_table_lookup_extended(names, key, NULL, &name))
		return name;
	if (g_hash_table_size(names) >= USERS_MAX)
		return NULL;
	name = look_up(uid);
	g_hash_table_insert(names, key, name);
	return name;
}
