/* SPDX-License-Identifier: GPL-2.0-or-later */
/* table.h - every container that some runtime has told of
 *
 * Several may know one id: CRI and containerd do, a daemon and its files too. Of those the one
 * that knows most is believed: root's before a user's, a daemon before files, then the order of
 * enum names_runtime. When it takes its word back, the next one counts.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_TABLE_H
#define PTCPDUMP_EXTCAP_NAMES_TABLE_H

#include "extcap/names/container.h"

struct table;

/* @id is said differently now, or by nobody any more. */
typedef void (*table_changed)(gpointer data, const char *id);

struct table *table_new(table_changed changed, gpointer data);
void table_free(struct table *table);

/** table_put() - take what @container->from says in place of what it said; takes @container */
void table_put(struct table *table, struct container *container);

/** table_remove() - @from knows @id no longer */
void table_remove(struct table *table, const struct runtime *from, const char *id);

/** table_remove_unheard() - nor any that it has not told of since @since */
void table_remove_unheard(struct table *table, const struct runtime *from, gint64 since);

/** table_set_state() - of one that it has told of */
void table_set_state(struct table *table, const struct runtime *from, const char *id,
		     enum names_state state, pid_t pid);

/** table_word() - what @from has said of @id; NULL: nothing; borrowed until the next change */
const struct container *table_word(const struct table *table, const struct runtime *from,
				   const char *id);

/** table_get() - the best word of @id; NULL: nobody's; borrowed until the next change */
const struct container *table_get(const struct table *table, const char *id);

/** table_each() - every id; the table must not be changed meanwhile */
void table_each(const struct table *table, table_changed each, gpointer data);

#endif
