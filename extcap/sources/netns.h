/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - network namespaces: which one a word means, and which there are
 *
 * A namespace is its inode number; names are only what "ip netns" bound it to below
 * /run/netns. Nothing here enters one or keeps it open: that would keep it alive.
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_NETNS_H
#define PTCPDUMP_EXTCAP_SOURCES_NETNS_H

#include <glib.h>
#include <stdbool.h>

/**
 * netns_resolve() - the namespace that a word of --netns means
 * @word:	a name below /run/netns, a path such as /proc/26/ns/net, or "all"
 * @inode:	set to its inode number; 0 for "all"
 *
 * To be called with the user's own rights only: it opens what the word names.
 *
 * Return: false with one sentence for the user in @error when there is no such namespace.
 */
bool netns_resolve(const char *word, guint32 *inode, GError **error);

#endif
