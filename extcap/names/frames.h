/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frames.h - what ptcpdump-names and its clients say to each other, as bytes
 *
 * A frame is its length (32 bits, of what follows), its type (8 bits) and fields: each a tag
 * (8 bits), a length (32 bits) and its bytes. Numbers are 8 bytes. All in this machine's own
 * byte order: both ends are on it. A field that a reader does not know is passed over, one
 * that is longer than it may be, comes twice or holds a NUL makes the frame a bad one.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_FRAMES_H
#define PTCPDUMP_EXTCAP_NAMES_FRAMES_H

#include "extcap/names/client.h"

#define FRAME_HEADER 5
/* Three sets of labels and what else there is; see the table in frames.c. */
#define FRAME_MAX (256 * 1024)

#define NAMES_ID_MAX   256
#define NAMES_TEXT_MAX 4096

enum frame_type {
	/* from ptcpdump-names */
	FRAME_CONTAINER = 1, /* @container */
	FRAME_GONE,	     /* @container.id */
	FRAME_TROUBLE,	     /* @container.runtime, @text if there is trouble */
	FRAME_LISTED,
	/* to it */
	FRAME_HELLO, /* @label_max; the first one */
	FRAME_LOOK,  /* @container.id */
	/* from it again: after an upgrade both ends need not be of one version, so each keeps its
	 * number and a new one goes to the end */
	FRAME_REFUSED, /* @text; the last one */
	FRAME_TYPES,
};

struct frame {
	enum frame_type type;
	struct names_container container;
	char *text;
	guint32 label_max;
	bool once; /* FRAME_HELLO: what is there, and no more; from the cache in the end */
	guint32 wait_ms;
};

/** frame_append() - as bytes, at the end of @out. What is too long to be said is left out. */
void frame_append(GByteArray *out, const struct frame *frame);

/**
 * frame_take() - the first frame of some bytes
 * @frame:	filled when there is one; frame_clear() it then
 *
 * Return: how many bytes it took; 0 when more are to come; -EBADMSG.
 */
gssize frame_take(const guint8 *bytes, gsize len, struct frame *frame);

void frame_clear(struct frame *frame);

#endif
