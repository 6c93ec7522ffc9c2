// SPDX-License-Identifier: GPL-2.0-or-later
/* image.c - what a process was from one exec to the next */
#include "extcap/identity/image.h"

#include <string.h>

#include "extcap/identity/arguments.h"
#include "shared/record.h"

/* What an image calls one of its threads. */
struct thread_name {
	guint64 ended; /* CLOCK_MONOTONIC ns; 0: alive */
	char comm[COMM_LENGTH];
};

struct image *image_new(char *exe, char *args)
{
	struct image *image = g_new0(struct image, 1);

	image->references = 1;
	image->exe = exe;
	image->args = args;
	image->threads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return image;
}

struct image *image_ref(const struct image *image)
{
	struct image *it = (struct image *)image;

	if (it)
		it->references++;
	return it;
}

void image_unref(gpointer data)
{
	struct image *image = data;

	while (image && --image->references == 0) {
		struct image *parent = (struct image *)image->parent;

		home_clear(&image->home);
		g_free(image->exe);
		g_free(image->args);
		g_hash_table_unref(image->threads);
		if (image->annotations)
			g_hash_table_unref(image->annotations);
		g_free(image);
		image = parent; /* a loop: chains of parents are long where shells nest */
	}
}

void image_name_thread(struct image *image, guint32 tid, const char *comm)
{
	struct thread_name *name = g_new0(struct thread_name, 1);

	memcpy(name->comm, comm, COMM_LENGTH - 1);
	g_hash_table_replace(image->threads, GUINT_TO_POINTER(tid), name);
	image->version++;
}

static void copy_thread(gpointer tid, gpointer name, gpointer threads)
{
	g_hash_table_replace(threads, tid, g_memdup2(name, sizeof(struct thread_name)));
}

void image_copy_threads(struct image *image, const struct image *from)
{
	g_hash_table_foreach(from->threads, copy_thread, image->threads);
}

bool image_end_thread(struct image *image, guint32 tid, guint64 time)
{
	struct thread_name *name = g_hash_table_lookup(image->threads, GUINT_TO_POINTER(tid));

	if (name)
		name->ended = MAX(time, 1);
	return name;
}

void image_forget_thread(struct image *image, guint32 tid, guint64 time)
{
	const struct thread_name *name = g_hash_table_lookup(image->threads, GUINT_TO_POINTER(tid));

	if (name && name->ended && name->ended <= MAX(time, 1))
		g_hash_table_remove(image->threads, GUINT_TO_POINTER(tid));
}

const char *image_arguments(const struct image *image)
{
	return image->args_withheld ? ARGUMENTS_WITHHELD : image->args;
}

const char *image_thread_name(const struct image *image, guint32 tid)
{
	const struct thread_name *name = g_hash_table_lookup(image->threads, GUINT_TO_POINTER(tid));

	return name ? name->comm : "";
}
