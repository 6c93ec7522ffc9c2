/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scope.h - where packets are captured: which namespaces, which interface
 *
 * A namespace is its inode number. None is entered and none is held: the hooks see the
 * devices of all, and pick by number.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_SCOPE_H
#define PTCPDUMP_EXTCAP_CAPTURE_SCOPE_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/options.h"
#include "extcap/sources/source.h"

struct scope {
	guint32 own;	 /* the namespace that we are in */
	bool every;	 /* all namespaces, also those to come */
	GArray *netns;	 /* guint32: else these */
	guint32 ifindex; /* only this interface, of our own namespace; 0: all */
};

/**
 * scope_open() - what a source and --netns mean; with the user's own rights
 *
 * A process is captured wherever it is, unless --netns narrows that.
 *
 * Return: false with one sentence for the user in @error.
 */
bool scope_open(struct scope *scope, const struct source *source, const struct options *options,
		GError **error);
void scope_close(struct scope *scope);

/** scope_has_own() - is our own namespace captured? */
bool scope_has_own(const struct scope *scope);

/** netns_display() - how people call a namespace: its name below /run/netns, or its number */
char *netns_display(guint32 netns);

#endif
