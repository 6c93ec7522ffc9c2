/* SPDX-License-Identifier: GPL-2.0-or-later */
/* labels.h - labels and annotations of containers and pods: one JSON object of strings
 *
 * The value of ContainerLabels, PodLabels and PodAnnotations. The reference writes what
 * Go's encoder makes of a map; the same bytes come from here.
 */
#ifndef PTCPDUMP_SHARED_LABELS_H
#define PTCPDUMP_SHARED_LABELS_H

#include <glib.h>

/* A label as it may be shown: "key=value", valid UTF-8 without control characters. */
typedef void (*labels_func)(const char *label, gsize len, gpointer data);

/**
 * labels_decode() - each label of a JSON object
 * @json:	any bytes, not necessarily terminated
 * @len:	how many
 * @each:	called for every label in its order, but only when all of @json is well formed;
 *		@label is borrowed for the call
 *
 * An empty text and "null" stand for no labels.
 *
 * Return: FALSE when it is anything but one flat object of strings: cut, nested, or
 *         with numbers in it.
 */
gboolean labels_decode(const char *json, gsize len, labels_func each, gpointer data);

/**
 * labels_encode() - append labels as JSON
 * @out:	the text is appended here
 * @keys:	@count keys, any bytes; no two alike
 * @values:	and their values
 * @max:	bytes that it may take in @out, at least 2; labels that do not fit are left out
 *		whole, so that what is written stays well formed
 *
 * Sorted by key, as Go does. Control characters are written in JSON's own escapes and
 * invalid UTF-8 as U+FFFD, so that annotation_encode() finds nothing to escape.
 *
 * Return: how many labels were left out.
 */
guint labels_encode(GString *out, const char *const *keys, const char *const *values, guint count,
		    gsize max);

#endif
