// SPDX-License-Identifier: GPL-2.0-or-later
/* source.c - the kinds of sources, and which one a name means */
#include "extcap/sources/source.h"

#include "extcap/sentence.h"

#include <string.h>

G_DEFINE_QUARK(ptcpdump - source - error, source_error)

/* All kinds, in the order in which they are listed. The next one
 * is a line here and a file beside this one. */
static const struct source_class *const classes[SOURCE_KINDS] = {
	[SOURCE_ANY] = &source_any,
	[SOURCE_INTERFACE] = &source_interface,
	[SOURCE_NETNS] = &source_netns,
	[SOURCE_PROCESS] = &source_process,
	[SOURCE_ANY_PROCESS] = &source_any_process,
	[SOURCE_CONTAINER] = &source_container,
	[SOURCE_ANY_CONTAINER] = &source_any_container,
	[SOURCE_POD] = &source_pod,
	[SOURCE_ANY_POD] = &source_any_pod,
};

const struct source_class *source_class(enum source_kind kind)
{
	return classes[kind];
}

/* A kind of many takes whatever follows its dot; a kind of one nothing more. */
static bool is_of_class(const struct source_class *class, const char *name)
{
	if (g_str_has_suffix(class->name, "."))
		return g_str_has_prefix(name, class->name);
	return strcmp(name, class->name) == 0;
}

enum source_kind source_kind_of(const char *name, const char **which)
{
	for (enum source_kind kind = 0; kind < SOURCE_KINDS; kind++) {
		if (!is_of_class(classes[kind], name))
			continue;
		if (which)
			*which = name + strlen(classes[kind]->name);
		return kind;
	}
	return SOURCE_KINDS;
}

bool source_parse(const char *name, struct source *source, GError **error)
{
	g_autofree char *seen = sentence_printable(name, 80);
	const char *which;
	enum source_kind kind = source_kind_of(name, &which);

	if (kind == SOURCE_KINDS) {
		g_set_error(error, SOURCE_ERROR, 0,
			    "cannot capture from \"%s\": there is no such source; "
			    "\"tshark -D\" lists those that there are.",
			    seen);
		return false;
	}
	if (!sentence_is_name(name)) {
		g_set_error(error, SOURCE_ERROR, 0,
			    "cannot capture from \"%s\": names of sources have letters, digits, "
			    "_ . - and @ only; \"tshark -D\" shows how this one is called.",
			    seen);
		return false;
	}
	memset(source, 0, sizeof(*source));
	source->kind = kind;
	return classes[kind]->parse(which, source, error);
}
