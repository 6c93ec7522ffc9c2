// SPDX-License-Identifier: GPL-2.0-or-later
/* comments.c - the comments of a packet's owner, encoded once */
#include "extcap/identity/comments.h"

#include "extcap/options.h"
#include "extcap/output/pcapng.h"
#include "shared/annotation.h"

#include <string.h>

/* Of a single value. With every comment at its most, they leave room for the packet. */
#define VALUE_MAX 8192

/* Images of long-lived servers with many threads would otherwise grow without an end. */
#define ANNOTATIONS_MAX 4096

struct key {
	guint32 tid;
	guint32 uid;
	guint32 version; /* of the thread's names */
	guint32 context;
};

static guint key_hash(gconstpointer data)
{
	const struct key *key = data;

	return key->tid * 31 + key->uid + key->version * 7;
}

static gboolean key_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct key)) == 0;
}

static void comment(GByteArray *out, enum annotation_kind kind, const char *const *values)
{
	g_autoptr(GString) text = g_string_sized_new(256);

	annotation_encode(text, kind, values, VALUE_MAX);
	pcapng_option(out, OPT_COMMENT, text->str, text->len);
}

static void comment_process(GByteArray *out, enum annotation_kind kind, guint32 pid,
			    const struct image *image)
{
	g_autofree char *number = g_strdup_printf("%u", pid);
	const char *values[PROCESS_VALUES] = {
		[PROCESS_PID] = number,
		[PROCESS_CMD] = image ? image->exe : NULL,
		[PROCESS_ARGS] = image ? image->args : NULL,
	};

	comment(out, kind, values);
}

static void comment_thread(GByteArray *out, const struct owner *owner, const char *name)
{
	g_autofree char *number = g_strdup_printf("%u", owner->tid);
	const char *values[THREAD_VALUES] = {[THREAD_ID] = number, [THREAD_NAME] = name};

	comment(out, ANNOTATION_THREAD, values);
}

static void comment_user(GByteArray *out, guint32 uid)
{
	g_autofree char *number = g_strdup_printf("%u", uid);
	const char *values[USER_VALUES] = {[USER_ID] = number};

	comment(out, ANNOTATION_USER, values);
}

static GByteArray *encode(const struct image *image, const struct owner *owner, guint32 context)
{
	GByteArray *out = g_byte_array_new();

	if (context & CONTEXT_PROCESS)
		comment_process(out, ANNOTATION_PROCESS, owner->tgid, image);
	if (context & CONTEXT_THREAD)
		comment_thread(out, owner, image ? image_thread_name(image, owner->tid) : NULL);
	if (context & CONTEXT_USER)
		comment_user(out, owner->uid);
	if (context & CONTEXT_PARENT && image && image->parent_pid)
		comment_process(out, ANNOTATION_PARENT, image->parent_pid, image->parent);
	if (context & CONTEXT_PEER)
		comment_process(out, ANNOTATION_PEER, owner->tgid, image);
	return out;
}

static void free_bytes(gpointer bytes)
{
	g_byte_array_unref(bytes);
}

const GByteArray *comments_of(const struct process *process, const struct owner *owner,
			      guint64 time, guint32 context)
{
	static GByteArray *unknown; /* of the last owner that had no image */
	struct image *image = process ? process_image(process, time) : NULL;
	struct key key = {.tid = owner->tid, .uid = owner->uid, .context = context};
	GByteArray *bytes;

	if (!image) {
		g_clear_pointer(&unknown, g_byte_array_unref);
		unknown = encode(NULL, owner, context);
		return unknown;
	}
	key.version = image->version;
	if (!image->annotations)
		image->annotations = g_hash_table_new_full(key_hash, key_equal, g_free, free_bytes);
	bytes = g_hash_table_lookup(image->annotations, &key);
	if (bytes)
		return bytes;
	if (g_hash_table_size(image->annotations) >= ANNOTATIONS_MAX)
		g_hash_table_remove_all(image->annotations);
	bytes = encode(image, owner, context);
	g_hash_table_insert(image->annotations, g_memdup2(&key, sizeof(key)), bytes);
	return bytes;
}
