// SPDX-License-Identifier: GPL-2.0-or-later
/* scope.c - where packets are captured: which namespaces, which interface */
#include "extcap/capture/scope.h"

#include <sys/stat.h>

#include "extcap/seal.h"
#include "extcap/sources/netns.h"

SEAL_NEEDS("getdents64");
SEAL_NEEDS_TO_READ_FILES;

static bool add_word(struct scope *scope, const char *word, GError **error)
{
	guint32 inode;

	if (!netns_resolve(word, &inode, error))
		return false;
	if (inode)
		g_array_append_val(scope->netns, inode);
	else
		scope->every = true;
	return true;
}

static void add_source(struct scope *scope, const struct source *source)
{
	switch (source->kind) {
	case SOURCE_NETNS:
		g_array_append_val(scope->netns, source->netns);
		break;
	case SOURCE_PROCESS:
	case SOURCE_ANY_PROCESS:
	case SOURCE_CONTAINER:
	case SOURCE_ANY_CONTAINER:
	case SOURCE_POD:
	case SOURCE_ANY_POD:
		scope->every = true;
		break;
	default:
		scope->ifindex = source->ifindex;
		g_array_append_val(scope->netns, scope->own);
	}
}

bool scope_open(struct scope *scope, const struct source *source, const struct options *options,
		GError **error)
{
	scope->own = netns_own();
	scope->netns = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (!options->netns || !options->netns[0]) {
		add_source(scope, source);
		return true;
	}
	if (source->kind == SOURCE_INTERFACE || source->kind == SOURCE_NETNS) {
		g_set_error(
			error, OPTIONS_ERROR, 0,
			"cannot capture from \"%s\" in the namespaces of --netns: this source is "
			"in one of its own; use ptcpdump.any with --netns.",
			options->source);
		return false;
	}
	for (char **word = options->netns; *word; word++)
		if (!add_word(scope, *word, error))
			return false;
	return true;
}

void scope_close(struct scope *scope)
{
	if (scope->netns)
		g_array_unref(scope->netns);
}

bool scope_has_own(const struct scope *scope)
{
	for (guint i = 0; i < scope->netns->len; i++)
		if (g_array_index(scope->netns, guint32, i) == scope->own)
			return true;
	return scope->every;
}

char *netns_display(guint32 netns)
{
	g_autoptr(GDir) dir = g_dir_open(NETNS_NAMED, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_strconcat(NETNS_NAMED, name, NULL);
		struct stat st;

		if (stat(path, &st) == 0 && st.st_ino == netns)
			return g_strdup(name);
	}
	return g_strdup_printf("%u", netns);
}
