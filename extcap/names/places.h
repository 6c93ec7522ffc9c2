/* SPDX-License-Identifier: GPL-2.0-or-later */
/* places.h - all the places where containers are asked for */
#ifndef PTCPDUMP_EXTCAP_NAMES_PLACES_H
#define PTCPDUMP_EXTCAP_NAMES_PLACES_H

#include "extcap/names/runtime.h"

struct places;

struct places_events {
	/* All of them have told what they have, or cannot. Once. */
	void (*settled)(gpointer data);
	void (*trouble)(gpointer data, enum names_runtime runtime);
};

struct places *places_new(const char *const addresses[NAMES_RUNTIMES], struct table *table,
			  const struct places_events *events, gpointer data);
void places_free(struct places *places);

bool places_are_settled(const struct places *places);

/** places_trouble() - the sentence about a kind of runtime; NULL where all is well */
const char *places_trouble(const struct places *places, enum names_runtime runtime);

/** places_look() - somebody has seen a container that nobody has told of */
void places_look(struct places *places, const char *id);

/* --- for the cache --- */

struct place {
	struct runtime *runtime;
	char *trouble;
	bool usual; /* no address of the user's own */
	guint number;
};

/** places_settling() - @each is called for each place that has told what it has, now or later;
 *  not for one that cannot */
typedef void (*place_each)(struct places *places, struct place *place);
void places_settling(struct places *places, place_each each);

void places_each(struct places *places, void (*each)(struct place *place, gpointer data),
		 gpointer data);

struct table *places_table(const struct places *places);

#endif
