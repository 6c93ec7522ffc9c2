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

G_STATIC_ASSERT(sizeof(struct key) == sizeof(((struct image *)NULL)->recent_key));

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
		[PROCESS_ARGS] = image ? image_arguments(image) : NULL,
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
	/* The kernel's own sockets are no thread's and no user's. */
	if (!owner->tgid)
		context &= ~(CONTEXT_THREAD | CONTEXT_USER);
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

/* Of an owner that has no image: both ends of a packet may be such. */
static const GByteArray *encode_unknown(const struct owner *owner, guint32 context)
{
	static GByteArray *last[2];
	GByteArray **bytes = &last[context == CONTEXT_PEER];

	g_clear_pointer(bytes, g_byte_array_unref);
	*bytes = encode(NULL, owner, context);
	return *bytes;
}

/* What the comments depend on. A peer's say nothing of its thread. */
static struct key key_of(const struct image *image, const struct owner *owner, guint32 context)
{
	if (context == CONTEXT_PEER)
		return (struct key){.context = context};
	return (struct key){
		.tid = owner->tid,
		.uid = owner->uid,
		.version = image->version,
		.context = context,
	};
}

static const GByteArray *find_or_encode(struct image *image, const struct key *key,
					const struct owner *owner)
{
	GByteArray *bytes;

	if (!image->annotations)
		image->annotations = g_hash_table_new_full(key_hash, key_equal, g_free, free_bytes);
	bytes = g_hash_table_lookup(image->annotations, key);
	if (bytes)
		return bytes;
	/* Not for a peer, which has one: the owner may be the same, and its comments in use. */
	if (g_hash_table_size(image->annotations) >= ANNOTATIONS_MAX &&
	    key->context != CONTEXT_PEER)
		g_hash_table_remove_all(image->annotations);
	bytes = encode(image, owner, key->context);
	g_hash_table_insert(image->annotations, g_memdup2(key, sizeof(*key)), bytes);
	return bytes;
}

const GByteArray *comments_of(struct image *image, const struct owner *owner, guint32 context)
{
	struct key key;

	if (!image)
		return encode_unknown(owner, context);
	key = key_of(image, owner, context);
	if (!image->recent || memcmp(image->recent_key, &key, sizeof(key)) != 0) {
		image->recent = find_or_encode(image, &key, owner);
		memcpy(image->recent_key, &key, sizeof(key));
	}
	return image->recent;
}

const GByteArray *comment_of_end(bool source)
{
	static GByteArray *encoded[2];
	const char *values[END_VALUES] = {[END_IS] = source ? "source" : "destination"};

	if (!encoded[source]) {
		encoded[source] = g_byte_array_new();
		comment(encoded[source], ANNOTATION_END, values);
	}
	return encoded[source];
}
