/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.h - what a process was from one exec to the next
 *
 * Nothing of it changes but its threads' names; so what is derived from it is kept with it. It
 * stays while its process is known, and while it is the parent of one that is.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_IMAGE_H
#define PTCPDUMP_EXTCAP_IDENTITY_IMAGE_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/identity/containers.h"

struct image {
	guint64 since; /* CLOCK_MONOTONIC ns; 0: since before the capture */
	char *exe;     /* path of the executable; "" for a kernel thread */
	char *args;    /* joined by blanks; who shows them asks image_arguments() */
	bool args_withheld;
	guint32 parent_pid;
	const struct image *parent; /* what the parent was then; NULL: not known */
	guint32 uid;		    /* as which it began */
	guint32 netns;
	struct home home; /* of which container it was */
	bool has_selected_name;
	guint references;
	GHashTable *threads;	  /* tid -> its name */
	guint32 version;	  /* counts the changes of its threads' names */
	GHashTable *annotations;  /* what identity/comments.c has made of it; NULL: nothing yet */
	const GByteArray *recent; /* of these: what was asked for last; NULL: nothing yet */
	guint32 recent_key[4];
};

/** image_new() - @exe and @args become its own; one reference is the caller's */
struct image *image_new(char *exe, char *args);

/** image_ref() - NULL for NULL */
struct image *image_ref(const struct image *image);
void image_unref(gpointer image);

/** image_name_thread() - from now on; @comm: COMM_LENGTH bytes */
void image_name_thread(struct image *image, guint32 tid, const char *comm);

/** image_copy_threads() - it has those that @from has */
void image_copy_threads(struct image *image, const struct image *from);

/** image_end_thread() - its last packets still want its name. False: it had none */
bool image_end_thread(struct image *image, guint32 tid, guint64 time);

/** image_forget_thread() - one that ended at @time; the name of one that has the same number since
 *  stays */
void image_forget_thread(struct image *image, guint32 tid, guint64 time);

/** image_arguments() - as the viewer may see them */
const char *image_arguments(const struct image *image);

/** image_thread_name() - the name of a thread; "" when it is not known */
const char *image_thread_name(const struct image *image, guint32 tid);

#endif
