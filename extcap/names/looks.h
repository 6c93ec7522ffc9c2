/* SPDX-License-Identifier: GPL-2.0-or-later */
/* looks.h - when one place is listed for containers that nobody has told of
 *
 * A list may be made a moment too early for what it was asked for: it is made again after 40 ms,
 * 80, and so on, six times at most, until the container is found. However many are looked for,
 * lists follow each other ever more slowly, up to LOOK_MOST_MS, while they bring nothing.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_LOOKS_H
#define PTCPDUMP_EXTCAP_NAMES_LOOKS_H

#include "extcap/names/table.h"

struct looks;

/* Whose word ends the lists for a container: that of the place itself, where an event says that it
 * has it; else anybody's whose daemon answers. */
enum look { LOOK_FOR_OWN_WORD, LOOK_FOR_ANY_WORD };

/** looks_new() - @list is to begin a list of @place, whose end is looks_listed() */
struct looks *looks_new(const struct table *table, struct runtime *place,
			void (*list)(struct runtime *place));
void looks_free(struct looks *looks);

/** looks_add() - list soon; until there is a word for @id, where it is not NULL */
void looks_add(struct looks *looks, const char *id, enum look enough);

/** looks_listed() - a list is complete. Return: will another be made? */
bool looks_listed(struct looks *looks);

/** looks_stop() - nothing is looked for any more */
void looks_stop(struct looks *looks);

#endif
