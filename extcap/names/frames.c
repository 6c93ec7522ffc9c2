// SPDX-License-Identifier: GPL-2.0-or-later
/* frames.c - what ptcpdump-names and its clients say to each other, as bytes */
#include "extcap/names/frames.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum field_kind { TEXT, TEXTS, NUMBER64, NUMBER32, NUMBER8 };

/* Every field there is; its tag is its place in this table, so new ones go to the end. */
static const struct field {
	enum field_kind kind;
	gsize offset;
	gsize max; /* bytes of a text, of all texts together; the greatest number */
} fields[] = {
#define OF(field) offsetof(struct frame, field)
	{TEXT, OF(container.id), NAMES_ID_MAX},
	{NUMBER32, OF(container.runtime), NAMES_RUNTIMES - 1},
	{NUMBER32, OF(container.uid), G_MAXUINT32},
	{NUMBER8, OF(container.on_disk), 1},
	{NUMBER8, OF(container.pause), 1},
	{NUMBER32, OF(container.state), NAMES_ENDED},
	{NUMBER32, OF(container.pid), G_MAXINT32},
	{TEXT, OF(container.name), NAMES_TEXT_MAX},
	{TEXT, OF(container.image), NAMES_TEXT_MAX},
	{TEXT, OF(container.labels), NAMES_LABELS_MAX},
	{TEXT, OF(container.pod_name), NAMES_TEXT_MAX},
	{TEXT, OF(container.pod_namespace), NAMES_TEXT_MAX},
	{TEXT, OF(container.pod_uid), NAMES_TEXT_MAX},
	{TEXT, OF(container.pod_labels), NAMES_LABELS_MAX},
	{TEXT, OF(container.pod_annotations), NAMES_LABELS_MAX},
	{TEXT, OF(container.pod_id), NAMES_ID_MAX},
	{TEXTS, OF(container.addresses), NAMES_TEXT_MAX},
	{NUMBER32, OF(container.cut), G_MAXUINT32},
	{TEXT, OF(text), NAMES_TEXT_MAX},
	{NUMBER32, OF(label_max), NAMES_LABELS_MAX},
	{NUMBER8, OF(once), 1},
	{NUMBER32, OF(wait_ms), 60000},
	{NUMBER64, OF(container.created), G_MAXINT64},
#undef OF
};

G_STATIC_ASSERT(sizeof(enum names_runtime) == 4 && sizeof(enum names_state) == 4);
G_STATIC_ASSERT(sizeof(pid_t) == 4 && sizeof(uid_t) == 4 && sizeof(bool) == 1);
G_STATIC_ASSERT(3 * NAMES_LABELS_MAX + 8 * NAMES_TEXT_MAX + 1024 < FRAME_MAX);

static void *place(const struct frame *frame, const struct field *field)
{
	return (char *)frame + field->offset;
}

static void append_field(GByteArray *out, gsize tag, const void *bytes, gsize len)
{
	guint8 name = (guint8)tag;
	guint32 size = (guint32)len;

	g_byte_array_append(out, &name, sizeof(name));
	g_byte_array_append(out, (const guint8 *)&size, sizeof(size));
	g_byte_array_append(out, bytes, size);
}

static void append_text(GByteArray *out, gsize tag, const char *text)
{
	gsize len = text ? strlen(text) : 0;

	if (text && len <= fields[tag].max)
		append_field(out, tag, text, len);
}

static void append_number(GByteArray *out, gsize tag, guint64 number)
{
	if (number && number <= fields[tag].max)
		append_field(out, tag, &number, sizeof(number));
}

void frame_append(GByteArray *out, const struct frame *frame)
{
	guint start = out->len;
	guint8 type = (guint8)frame->type;
	guint32 size = 0;

	g_byte_array_append(out, (const guint8 *)&size, sizeof(size));
	g_byte_array_append(out, &type, sizeof(type));
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		const void *at = place(frame, &fields[i]);
		g_autofree char *joined = NULL;

		switch (fields[i].kind) {
		case TEXT:
			append_text(out, i, *(char *const *)at);
			break;
		case TEXTS:
			if (*(char **const *)at)
				joined = g_strjoinv(" ", *(char **const *)at);
			append_text(out, i, joined);
			break;
		case NUMBER64:
			append_number(out, i, *(const guint64 *)at);
			break;
		case NUMBER32:
			append_number(out, i, *(const guint32 *)at);
			break;
		case NUMBER8:
			append_number(out, i, *(const guint8 *)at);
			break;
		}
	}
	size = out->len - start - (guint)sizeof(size);
	memcpy(out->data + start, &size, sizeof(size));
}

static bool take_text(void *at, const struct field *field, const guint8 *bytes, gsize len)
{
	g_autofree char *text = NULL;

	if (len > field->max || memchr(bytes, 0, len))
		return false;
	text = g_strndup((const char *)bytes, len);
	if (field->kind == TEXT)
		*(char **)at = g_steal_pointer(&text);
	else
		*(char ***)at = g_strsplit(text, " ", 0);
	return true;
}

static bool take_number(void *at, const struct field *field, const guint8 *bytes, gsize len)
{
	guint64 number;

	if (len != sizeof(number))
		return false;
	memcpy(&number, bytes, sizeof(number));
	if (number > field->max)
		return false;
	if (field->kind == NUMBER64)
		*(guint64 *)at = number;
	else if (field->kind == NUMBER32)
		*(guint32 *)at = (guint32)number;
	else
		*(bool *)at = number;
	return true;
}

static bool take_fields(const guint8 *bytes, gsize len, struct frame *frame)
{
	bool seen[G_N_ELEMENTS(fields)] = {false};

	while (len) {
		guint8 tag = bytes[0];
		guint32 size;
		void *at;

		if (len < FRAME_HEADER)
			return false;
		memcpy(&size, bytes + 1, sizeof(size));
		bytes += FRAME_HEADER;
		len -= FRAME_HEADER;
		if (size > len)
			return false;
		if (tag < G_N_ELEMENTS(fields)) {
			const struct field *field = &fields[tag];

			at = place(frame, field);
			if (seen[tag] || !(field->kind <= TEXTS ? take_text : take_number)(
						 at, field, bytes, size))
				return false;
			seen[tag] = true;
		}
		bytes += size;
		len -= size;
	}
	return true;
}

/* What its reader relies on without asking. */
static bool is_whole(const struct frame *frame)
{
	switch (frame->type) {
	case FRAME_CONTAINER:
	case FRAME_GONE:
	case FRAME_LOOK:
		return frame->container.id && *frame->container.id;
	default:
		return true;
	}
}

gssize frame_take(const guint8 *bytes, gsize len, struct frame *frame)
{
	guint32 size;

	memset(frame, 0, sizeof(*frame));
	if (len < sizeof(size))
		return 0;
	memcpy(&size, bytes, sizeof(size));
	if (size < 1 || size > FRAME_MAX)
		return -EBADMSG;
	if (len - sizeof(size) < size)
		return 0;
	frame->type = bytes[sizeof(size)];
	if (frame->type < FRAME_CONTAINER || frame->type >= FRAME_TYPES ||
	    !take_fields(bytes + FRAME_HEADER, size - 1, frame) || !is_whole(frame)) {
		frame_clear(frame);
		return -EBADMSG;
	}
	return (gssize)(sizeof(size) + size);
}

void frame_clear(struct frame *frame)
{
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		void *at = place(frame, &fields[i]);

		if (fields[i].kind == TEXT)
			g_clear_pointer((char **)at, g_free);
		else if (fields[i].kind == TEXTS)
			g_clear_pointer((char ***)at, g_strfreev);
	}
	memset(frame, 0, sizeof(*frame));
}
