// SPDX-License-Identifier: GPL-2.0-or-later
/* cache.c - what each runtime said last, in the user's runtime directory */
#include "extcap/names/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/seal.h"

SEAL_NEEDS("openat mkdir mkdirat unlink unlinkat rename renameat renameat2");

/* A list of sources has ten containers; their labels are in none. */
#define CONTAINERS_MAX 200
#define FILE_MAX       (1024 * 1024)

/* The environment says nothing here: the engine clears it. NULL: there is no such folder. */
static char *folder(void)
{
	g_autofree char *of_user = g_strdup_printf("/run/user/%u", getuid());
	const char *above = getuid() == 0 ? "/run" : of_user;
	char *own = g_build_filename(above, "ptcpdump", NULL);
	struct stat st;

	if (mkdir(own, 0700) == 0 || (lstat(own, &st) == 0 && S_ISDIR(st.st_mode) &&
				      st.st_uid == getuid() && !(st.st_mode & 022)))
		return own;
	g_free(own);
	return NULL;
}

static char *file_of(const struct place *place)
{
	g_autofree char *in = place->usual ? folder() : NULL;
	g_autofree char *name = g_strdup_printf(
		"names-%s-%u", names_runtime_name(runtime_kind_of(place->runtime)->id),
		place->number);

	return in ? g_build_filename(in, name, NULL) : NULL;
}

struct saving {
	struct places *places;
	const struct runtime *from;
	GByteArray *bytes;
	guint count;
};

static void save_one(gpointer data, const char *id)
{
	struct saving *saving = data;
	const struct container *word = table_word(places_table(saving->places), saving->from, id);

	if (!word || word->says.state != NAMES_RUNNING || saving->count >= CONTAINERS_MAX)
		return;
	container_encode(saving->bytes, word, 0);
	saving->count++;
}

/* Whole, or not at all: several lists are made at once. */
static void save(struct places *places, struct place *place)
{
	g_autofree char *path = file_of(place);
	g_autofree char *draft = path ? g_strconcat(path, ".XXXXXX", NULL) : NULL;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct saving saving = {places, place->runtime, bytes, 0};
	int fd;

	if (!path || place->trouble)
		return;
	table_each(places_table(places), save_one, &saving);
	if (!bytes->len) {
		unlink(path);
		return;
	}
	fd = g_mkstemp(draft);
	if (fd < 0)
		return;
	if (write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len || rename(draft, path))
		unlink(draft);
	close(fd);
}

void cache_keep(struct places *places)
{
	places_settling(places, save);
}

static GByteArray *contents(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	GByteArray *bytes = g_byte_array_new();

	if (fd < 0)
		return bytes;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == getuid() &&
	    st.st_size <= FILE_MAX) {
		g_byte_array_set_size(bytes, (guint)st.st_size);
		if (read(fd, bytes->data, bytes->len) != (ssize_t)bytes->len)
			g_byte_array_set_size(bytes, 0);
	}
	close(fd);
	return bytes;
}

struct cached {
	void (*each)(gpointer data, const struct frame *frame);
	gpointer data;
};

static void read_place(struct place *place, gpointer data)
{
	const struct cached *cached = data;
	g_autofree char *path = runtime_is_settled(place->runtime) ? NULL : file_of(place);
	g_autoptr(GByteArray) bytes = path ? contents(path) : g_byte_array_new();
	struct frame frame;
	gsize at = 0;
	gssize took;

	while ((took = frame_take(bytes->data + at, bytes->len - at, &frame)) > 0) {
		if (frame.type == FRAME_CONTAINER)
			cached->each(cached->data, &frame);
		frame_clear(&frame);
		at += (gsize)took;
	}
}

void cache_read(struct places *places, void (*each)(gpointer data, const struct frame *frame),
		gpointer data)
{
	struct cached cached = {each, data};

	places_each(places, read_place, &cached);
}
