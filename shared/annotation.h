/* SPDX-License-Identifier: GPL-2.0-or-later */
/* annotation.h - the text of a packet's comments: one encoder, one decoder
 *
 * Theory of operation
 * The owner of a packet travels as packet comments (pcapng opt_comment), one
 * comment per kind, each a list of "Key: value" lines in a fixed order. The
 * format is the one that the reference, the Go program ptcpdump, writes: files
 * pass between the two programs. Which keys a comment has, in which order, and
 * which older spellings are read as well, is one table in annotation.c; nothing
 * outside of it knows a key.
 *
 * Nothing can be forged from within a value: the encoder writes control
 * characters escaped, so a value has no line end, and the decoder gives all of
 * the text behind the last key to that key, which is how the reference's files,
 * whose arguments may hold line ends, are read right.
 */
#ifndef PTCPDUMP_SHARED_ANNOTATION_H
#define PTCPDUMP_SHARED_ANNOTATION_H

#include <glib.h>

/* The comments, in the order in which a packet carries them. */
enum annotation_kind {
	ANNOTATION_PROCESS,
	ANNOTATION_THREAD,
	ANNOTATION_USER,
	ANNOTATION_PARENT,
	ANNOTATION_CONTAINER,
	ANNOTATION_POD,
	ANNOTATION_PEER,
	ANNOTATION_END,
	ANNOTATION_BY,
	ANNOTATION_NAMES,
	ANNOTATION_KINDS,
};

/* The values of a comment, by their place in it. */
enum { PROCESS_PID, PROCESS_CMD, PROCESS_ARGS, PROCESS_VALUES }; /* PARENT and PEER too */
enum { THREAD_ID, THREAD_NAME, THREAD_VALUES };
enum { USER_ID, USER_VALUES };
enum { END_IS, END_VALUES }; /* "source" or "destination" */
enum {
	BY_IS,
	BY_VALUES
}; /* "network": the container is that of the network namespace which the
    * packet is in, for its owner is in none, or is not known */
enum { NAMES_SOURCE, NAMES_DESTINATION, NAMES_VALUES }; /* containers or pods, by address */
enum { CONTAINER_NAME, CONTAINER_ID, CONTAINER_IMAGE, CONTAINER_LABELS, CONTAINER_VALUES };
enum { POD_NAME, POD_NAMESPACE, POD_UID, POD_LABELS, POD_ANNOTATIONS, POD_VALUES };

#define ANNOTATION_VALUES_MAX 5

/* pcapng: the length of an option is 16 bits wide (draft-ietf-opsawg-pcapng 3.5). */
#define ANNOTATION_COMMENT_MAX 65535

/* A value in a decoded comment: borrowed from the comment, not terminated. */
struct annotation_value {
	const char *text; /* NULL when the comment does not have this value */
	gsize len;
};

struct annotation {
	enum annotation_kind kind;
	struct annotation_value values[ANNOTATION_VALUES_MAX];
};

enum annotation_verdict {
	ANNOTATION_OURS,      /* decoded */
	ANNOTATION_FOREIGN,   /* a person's own words, or another program's: leave alone. Also
				 what begins with a key of ours without the second key in the
				 second line: people write "PID: see below". */
	ANNOTATION_MALFORMED, /* begins as ours does, but a number or a key is not as it must be */
};

/**
 * annotation_encode() - append the text of one comment
 * @out:	the text is appended here
 * @kind:	which comment
 * @values:	as many strings as @kind has values, in the order of its enum; a NULL is
 *		written as an empty value. They may hold any bytes: control characters and
 *		invalid UTF-8 are written escaped.
 * @value_max:	bytes that a single value may take in @out; a longer one is cut at a
 *		character's border and ends in "...". Numbers are never cut by it: half a pid
 *		is another pid.
 *
 * Whatever the values, no more than ANNOTATION_COMMENT_MAX bytes are appended, and all
 * keys are there: values in front are cut so that those behind keep their place.
 */
void annotation_encode(GString *out, enum annotation_kind kind, const char *const *values,
		       gsize value_max);

/**
 * annotation_decode() - read one comment
 * @comment:	its text, not necessarily terminated, any bytes
 * @len:	its length in bytes
 * @out:	filled for ANNOTATION_OURS; for ANNOTATION_MALFORMED only its kind
 *
 * Return: what kind of text it is.
 */
enum annotation_verdict annotation_decode(const char *comment, gsize len, struct annotation *out);

/**
 * annotation_printable() - append any bytes as text that can be shown and parsed
 * @out:	valid UTF-8 without control characters is appended here
 * @text:	any bytes
 * @len:	how many
 * @max:	bytes that it may take in @out; what is longer is cut at a character's
 *		border, never within an escape, and ends in "..."
 *
 * A line end becomes \n (two characters), a tab \t, a carriage return \r; the bytes of
 * any other control character, DEL and U+0080 to U+009F among them, and each byte that
 * is not UTF-8 become \xNN. A backslash stays as it is, as in the reference's files: the
 * escapes are for eyes, and nothing reads them back.
 */
void annotation_printable(GString *out, const char *text, gsize len, gsize max);

/**
 * annotation_name() - what a kind is called in a sentence ("process", "container")
 */
const char *annotation_name(enum annotation_kind kind);

/**
 * annotation_number() - a value as an unsigned 32-bit number
 *
 * Return: FALSE when it is absent or is anything but decimal digits within range, without
 *         a leading zero: one number has one spelling, as a filter expects.
 */
gboolean annotation_number(const struct annotation_value *value, guint32 *number);

#endif
