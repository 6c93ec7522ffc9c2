// SPDX-License-Identifier: GPL-2.0-or-later
/* notes.c - what a packet's options say about whose it is
 *
 * The options are walked once, in their order: asking for the n-th comment one by one
 * would take quadratic time, and a file may hold thousands of them on one packet. Of
 * each kind the first one counts, so what is shown stays bounded however many there are.
 */
#include <string.h>

#include "dissector/notes.h"
#include "dissector/users.h"

/* epb_flags, bits 0 and 1 (draft-ietf-opsawg-pcapng 4.3.1) */
#define FLAGS_DIRECTION 0x3
#define FLAGS_INBOUND	1
#define FLAGS_OUTBOUND	2

/* Longest text that is made of a value: all of a comment, were it all escapes. */
#define TEXT_MAX (4 * ANNOTATION_COMMENT_MAX)

static void read_comment(struct notes *notes, const char *comment)
{
	struct annotation annotation;
	enum annotation_verdict verdict = annotation_decode(comment, strlen(comment), &annotation);
	guint32 kind = 1U << annotation.kind;

	if (verdict == ANNOTATION_FOREIGN)
		return;
	if (verdict == ANNOTATION_MALFORMED) {
		notes->malformed_kinds |= kind;
	} else if (notes->known_kinds & kind) {
		notes->repeated_kinds |= kind;
	} else {
		notes->known[annotation.kind] = annotation;
		notes->known_kinds |= kind;
	}
}

static ws_bool read_option(wtap_block_t block G_GNUC_UNUSED, guint id, wtap_opttype_e type,
			   wtap_optval_t *value, void *data)
{
	struct notes *notes = data;

	if (id == OPT_COMMENT && type == WTAP_OPTTYPE_STRING && value->stringval) {
		read_comment(notes, value->stringval);
	} else if (id == OPT_PKT_FLAGS && type == WTAP_OPTTYPE_UINT32) {
		guint32 direction = value->uint32val & FLAGS_DIRECTION;

		notes->direction = direction == FLAGS_INBOUND	 ? P2P_DIR_RECV
				   : direction == FLAGS_OUTBOUND ? P2P_DIR_SENT
								 : P2P_DIR_UNKNOWN;
	} else if (id == OPT_PKT_DROPCOUNT && type == WTAP_OPTTYPE_UINT64) {
		notes->lost = value->uint64val;
	} else if (id == OPTION_PROCESS_THREAD && type == WTAP_OPTTYPE_UINT64) {
		notes->has_ids = TRUE;
		notes->pid = (guint32)(value->uint64val >> 32);
		notes->tid = (guint32)value->uint64val;
	}
	return TRUE;
}

gboolean notes_read(wtap_block_t block, struct notes *notes)
{
	memset(notes, 0, sizeof(*notes));
	notes->direction = P2P_DIR_UNKNOWN;
	if (!block)
		return FALSE;
	wtap_block_foreach_option(block, read_option, notes);
	if (notes_have(notes, ANNOTATION_PROCESS))
		notes->has_ids = FALSE; /* the comment says more */
	return notes->known_kinds || notes->malformed_kinds || notes->lost || notes->has_ids;
}

int notes_owners_direction(const struct notes *notes)
{
	const struct annotation_value *end = &notes->known[ANNOTATION_END].values[END_IS];

	if (!notes_have(notes, ANNOTATION_END))
		return notes->direction;
	return end->text[0] == 's' ? P2P_DIR_SENT : P2P_DIR_RECV;
}

guint32 notes_number(const struct notes *notes, enum annotation_kind kind, guint place)
{
	guint32 number = 0;

	annotation_number(&notes->known[kind].values[place], &number);
	return number;
}

static const char *printable(wmem_allocator_t *pool, const char *text, gsize len)
{
	GString *shown = g_string_sized_new(len);
	char *copy;

	annotation_printable(shown, text, len, TEXT_MAX);
	copy = wmem_strndup(pool, shown->str, shown->len);
	g_string_free(shown, TRUE);
	return copy;
}

const char *notes_text(wmem_allocator_t *pool, const struct notes *notes, enum annotation_kind kind,
		       guint place)
{
	const struct annotation_value *value = &notes->known[kind].values[place];

	if (!notes_have(notes, kind) || !value->text || value->len == 0)
		return "";
	return printable(pool, value->text, value->len);
}

/* The kernel adds this to the path of a running program whose file is gone, as after an
 * upgrade; it is no part of the name. */
static gsize without_deleted(const char *path, gsize len)
{
	static const char deleted[] = " (deleted)";
	gsize mark = sizeof(deleted) - 1;

	if (len > mark && memcmp(path + len - mark, deleted, mark) == 0)
		return len - mark;
	return len;
}

const char *notes_comm(wmem_allocator_t *pool, const struct notes *notes, enum annotation_kind kind)
{
	const struct annotation_value *cmd = &notes->known[kind].values[PROCESS_CMD];
	gsize end, start;

	if (!notes_have(notes, kind) || !cmd->text)
		return "";
	end = without_deleted(cmd->text, cmd->len);
	for (start = end; start > 0 && cmd->text[start - 1] != '/'; start--)
		;
	return printable(pool, cmd->text + start, end - start);
}

static const char *process_title(wmem_allocator_t *pool, const char *comm, guint32 pid)
{
	return wmem_strdup_printf(pool, "%s (%u)", *comm ? comm : "?", pid);
}

static const char *user_title(wmem_allocator_t *pool, guint32 uid)
{
	const char *name = user_name(uid);

	return name ? wmem_strdup_printf(pool, "%s (%u)", name, uid)
		    : wmem_strdup_printf(pool, "%u", uid);
}

static const char *container_title(wmem_allocator_t *pool, const struct notes *notes)
{
	const char *name = notes_text(pool, notes, ANNOTATION_CONTAINER, CONTAINER_NAME);
	const char *id = notes_text(pool, notes, ANNOTATION_CONTAINER, CONTAINER_ID);

	if (*name)
		return name;
	/* Twelve digits, as every runtime's list shows an id; not all ids are digits. */
	if (strspn(id, "0123456789abcdef") > 12)
		return wmem_strndup(pool, id, 12);
	return *id ? id : "?";
}

static const char *pod_title(wmem_allocator_t *pool, const struct notes *notes)
{
	const char *name = notes_text(pool, notes, ANNOTATION_POD, POD_NAME);
	const char *space = notes_text(pool, notes, ANNOTATION_POD, POD_NAMESPACE);

	/* The kernel's cgroups tell the uid alone. */
	if (!*name)
		name = notes_text(pool, notes, ANNOTATION_POD, POD_UID);
	if (!*name)
		name = "?";
	return *space ? wmem_strdup_printf(pool, "%s/%s", space, name) : name;
}

const char *notes_title(wmem_allocator_t *pool, const struct notes *notes,
			enum annotation_kind kind)
{
	if (kind == ANNOTATION_PROCESS && notes->has_ids)
		return process_title(pool, "", notes->pid);
	if (!notes_have(notes, kind))
		return NULL;
	switch (kind) {
	case ANNOTATION_PROCESS:
	case ANNOTATION_PARENT:
	case ANNOTATION_PEER:
		return process_title(pool, notes_comm(pool, notes, kind),
				     notes_number(notes, kind, PROCESS_PID));
	case ANNOTATION_THREAD:
		return process_title(pool, notes_text(pool, notes, kind, THREAD_NAME),
				     notes_number(notes, kind, THREAD_ID));
	case ANNOTATION_USER:
		return user_title(pool, notes_number(notes, kind, USER_ID));
	case ANNOTATION_CONTAINER:
		return container_title(pool, notes);
	case ANNOTATION_POD:
		return pod_title(pool, notes);
	case ANNOTATION_END:
		return notes_text(pool, notes, kind, END_IS);
	case ANNOTATION_BY:
		return notes_text(pool, notes, kind, BY_IS);
	default:
		return NULL;
	}
}
