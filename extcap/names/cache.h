/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cache.h - what each runtime said last, in the user's runtime directory
 *
 * For the list of sources, which waits for no daemon. Frames, as they go to a client; only what
 * runs, and only of the runtimes' usual places.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_CACHE_H
#define PTCPDUMP_EXTCAP_NAMES_CACHE_H

#include "extcap/names/places.h"

/** cache_keep() - write down what each place tells, as soon as it has */
void cache_keep(struct places *places);

/** cache_read() - what the places that have not told anything yet told last */
void cache_read(struct places *places, void (*each)(gpointer data, const struct frame *frame),
		gpointer data);

#endif
