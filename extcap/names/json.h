/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - what a daemon says in JSON, object by object
 *
 * Theory of operation
 * A list of containers and a stream of events are the same to us: objects, one after the other.
 * The splitter finds where each begins and ends without understanding it, so that it needs
 * memory for one alone, however many come, and one that is no JSON takes no other with it. What
 * it has found Jansson parses. An object that is too large or too deep is passed over.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_JSON_H
#define PTCPDUMP_EXTCAP_NAMES_JSON_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Of one object. Docker took a container with 5 MB of labels. */
#define JSON_OBJECT_MAX (8 * 1024 * 1024)
#define JSON_DEPTH_MAX	32

typedef void (*json_each)(gpointer data, const json_t *object);

struct json_splitter {
	GString *object; /* as far as it has come */
	guint depth;	 /* of braces and brackets within it; 0: between objects */
	guint around;	 /* of brackets around it */
	bool in_string, escaped, skipping;
	guint bad; /* objects that were none, or too large */
};

void json_splitter_init(struct json_splitter *splitter);
void json_splitter_clear(struct json_splitter *splitter);

/**
 * json_split() - some more bytes of an answer
 * @each:	called for every object that is whole now
 */
void json_split(struct json_splitter *splitter, const char *bytes, gsize len, json_each each,
		gpointer data);

/** json_at_end() - is that a place where an answer may end? */
bool json_at_end(const struct json_splitter *splitter);

/** json_text() - the string that @keys lead to, one below the other, NULL at the end; NULL where
 *  there is none, or one with a NUL in it */
const char *json_text(const json_t *object, ...) G_GNUC_NULL_TERMINATED;

/** json_below() - the object or array there */
const json_t *json_below(const json_t *object, ...) G_GNUC_NULL_TERMINATED;

/** json_string() - of a value; NULL when it is none that can be used */
const char *json_string_of(const json_t *value);

struct label_set;

/** json_labels() - an object of strings */
void json_labels(struct label_set *set, const json_t *object);

#endif
