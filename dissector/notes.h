/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notes.h - what a packet's options say about whose it is
 *
 * Everything here lives for one packet: values are borrowed from the packet's block, new
 * text is allocated in the pool that goes with the packet.
 */
#ifndef PTCPDUMP_DISSECTOR_NOTES_H
#define PTCPDUMP_DISSECTOR_NOTES_H

#include "dissector/compat.h"
#include <epan/packet.h>

#include "shared/annotation.h"

struct notes {
	struct annotation known[ANNOTATION_KINDS];
	guint32 known_kinds;	 /* a bit per kind */
	guint32 malformed_kinds; /* begun as ours and then not as it must be */
	guint32 repeated_kinds;	 /* seen again: the first one counts */
	int direction;		 /* P2P_DIR_SENT, P2P_DIR_RECV or P2P_DIR_UNKNOWN */
	guint64 lost;
	gboolean has_ids; /* the standard option, for packets without our comment */
	guint32 pid;
	guint32 tid;
};

/**
 * notes_read() - read a packet's options
 * @block:	the packet's block, may be NULL
 * @notes:	filled
 *
 * Return: whether there is anything for us to show.
 */
gboolean notes_read(wtap_block_t block, struct notes *notes);

/* Whether @notes have a comment of @kind. */
static inline gboolean notes_have(const struct notes *notes, enum annotation_kind kind)
{
	return (notes->known_kinds >> kind) & 1;
}

/**
 * notes_owners_direction() - the packet's direction as its owner sees it
 *
 * Return: P2P_DIR_SENT, P2P_DIR_RECV or P2P_DIR_UNKNOWN. It differs from the packet's own
 *         direction where the packet was merely forwarded.
 */
int notes_owners_direction(const struct notes *notes);

/* A number of a comment that is there: the decoder has seen to it that it is one. */
guint32 notes_number(const struct notes *notes, enum annotation_kind kind, guint place);

/* A value as it may be shown: valid UTF-8, no control characters, "" for none. */
const char *notes_text(wmem_allocator_t *pool, const struct notes *notes, enum annotation_kind kind,
		       guint place);

/* Base name of the executable of a process, a parent or a peer; "" where it is unknown. */
const char *notes_comm(wmem_allocator_t *pool, const struct notes *notes,
		       enum annotation_kind kind);

/**
 * notes_title() - a comment in a word or two: "curl (4711)", "default/web"
 *
 * Return: NULL when the packet has no such comment, nor for a process the standard option.
 */
const char *notes_title(wmem_allocator_t *pool, const struct notes *notes,
			enum annotation_kind kind);

#endif
