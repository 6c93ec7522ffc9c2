// SPDX-License-Identifier: GPL-2.0-or-later
/* tree.c - a packet's owner in the packet details
 *
 * Theory of operation
 * Each comment becomes a branch. Its head says in a word or two what is in it and is a
 * field by itself, so that "has a container" is the filter "ptcpdump.container"; below
 * it hang the comment's values. Which values go to which fields is a table; how a value
 * is shown follows from the field's own kind.
 *
 * Wireshark may leave any of the calls by an exception (a packet with too many items):
 * all memory is the packet's pool, nothing is held across a call.
 */
#include "dissector/compat.h"
#include <epan/packet.h>
#include <epan/expert.h>

#include "dissector/fields.h"
#include "dissector/tree.h"
#include "dissector/users.h"
#include "shared/labels.h"

struct branch {
	enum field head; /* a number's value is the comment's first, a text's is its title */
	enum field comm; /* base name of the executable, behind the first value */
	enum field values[ANNOTATION_VALUES_MAX]; /* FIELD_NONE: the head has it */
};

static const struct branch branches[ANNOTATION_KINDS] = {
	[ANNOTATION_PROCESS] = {FIELD_PROCESS, FIELD_COMM, {FIELD_PID, FIELD_CMD, FIELD_ARGS}},
	[ANNOTATION_THREAD] = {FIELD_TID, FIELD_NONE, {FIELD_NONE, FIELD_THREAD}},
	[ANNOTATION_USER] = {FIELD_UID, FIELD_NONE, {FIELD_NONE}},
	[ANNOTATION_PARENT] = {FIELD_PARENT,
			       FIELD_PARENT_COMM,
			       {FIELD_PPID, FIELD_PARENT_CMD, FIELD_PARENT_ARGS}},
	[ANNOTATION_CONTAINER] = {FIELD_CONTAINER,
				  FIELD_NONE,
				  {FIELD_CONTAINER_NAME, FIELD_CONTAINER_ID, FIELD_CONTAINER_IMAGE,
				   FIELD_CONTAINER_LABEL}},
	[ANNOTATION_POD] = {FIELD_POD,
			    FIELD_NONE,
			    {FIELD_POD_NAME, FIELD_POD_NAMESPACE, FIELD_POD_UID, FIELD_POD_LABEL,
			     FIELD_POD_ANNOTATION}},
	[ANNOTATION_PEER] = {FIELD_PEER,
			     FIELD_PEER_COMM,
			     {FIELD_PEER_PID, FIELD_PEER_CMD, FIELD_PEER_ARGS}},
	[ANNOTATION_END] = {FIELD_END, FIELD_NONE, {FIELD_NONE}},
	[ANNOTATION_BY] = {FIELD_CONTAINER_BY, FIELD_NONE, {FIELD_NONE}},
};

static int protocol_id;
static int ett_protocol = -1, ett_end = -1; /* until Wireshark gives them a number */
static int ett_branches[ANNOTATION_KINDS];
static expert_field ei_malformed = EI_INIT, ei_repeated = EI_INIT, ei_labels = EI_INIT,
		    ei_lost = EI_INIT;

/* What every function here needs. */
struct scene {
	tvbuff_t *tvb;
	packet_info *pinfo;
	const struct notes *notes;
};

static proto_item *add_text(const struct scene *scene, proto_tree *tree, enum field field,
			    const char *text)
{
	if (!*text)
		return NULL;
	return proto_tree_add_string(tree, field_ids[field], scene->tvb, 0, 0, text);
}

static proto_item *add_number(const struct scene *scene, proto_tree *tree, enum field field,
			      guint32 number)
{
	return proto_tree_add_uint(tree, field_ids[field], scene->tvb, 0, 0, number);
}

struct label_list {
	wmem_allocator_t *pool;
	wmem_array_t *labels; /* of const char * */
};

static void collect_label(const char *label, gsize len, gpointer data)
{
	struct label_list *list = data;
	const char *copy = wmem_strndup(list->pool, label, len);

	wmem_array_append_one(list->labels, copy);
}

static void add_labels(const struct scene *scene, proto_tree *tree, enum field field,
		       enum annotation_kind kind, guint place)
{
	const struct annotation_value *json = &scene->notes->known[kind].values[place];
	wmem_allocator_t *pool = scene->pinfo->pool;
	struct label_list list = {pool, wmem_array_new(pool, sizeof(const char *))};

	if (!labels_decode(json->text, json->len, collect_label, &list)) {
		proto_item *raw =
			add_text(scene, tree, field, notes_text(pool, scene->notes, kind, place));

		expert_add_info(scene->pinfo, raw, &ei_labels);
		return;
	}
	for (guint i = 0; i < wmem_array_get_count(list.labels); i++)
		add_text(scene, tree, field, *(const char **)wmem_array_index(list.labels, i));
}

static void add_value(const struct scene *scene, proto_tree *tree, enum field field,
		      enum annotation_kind kind, guint place)
{
	switch (field_values[field]) {
	case VALUE_NUMBER:
	case VALUE_COUNT:
		add_number(scene, tree, field, notes_number(scene->notes, kind, place));
		break;
	case VALUE_TEXT:
		add_text(scene, tree, field,
			 notes_text(scene->pinfo->pool, scene->notes, kind, place));
		break;
	case VALUE_LABELS:
		add_labels(scene, tree, field, kind, place);
		break;
	}
}

static proto_tree *add_head(const struct scene *scene, proto_tree *tree, enum annotation_kind kind)
{
	enum field head = branches[kind].head;
	const char *title = notes_title(scene->pinfo->pool, scene->notes, kind);
	proto_item *item;

	if (field_values[head] == VALUE_NUMBER)
		item = proto_tree_add_uint_format_value(tree, field_ids[head], scene->tvb, 0, 0,
							notes_number(scene->notes, kind, 0), "%s",
							title);
	else
		item = add_text(scene, tree, head, title);
	return proto_item_add_subtree(item, ett_branches[kind]);
}

/* The name is no part of the comment: this machine's accounts were asked. */
static void add_user_name(const struct scene *scene, proto_tree *tree)
{
	const char *name = user_name(notes_number(scene->notes, ANNOTATION_USER, USER_ID));

	if (name)
		proto_item_set_generated(add_text(scene, tree, FIELD_USER, name));
}

static void add_branch(const struct scene *scene, proto_tree *tree, enum annotation_kind kind)
{
	const struct branch *branch = &branches[kind];
	proto_tree *below = add_head(scene, tree, kind);

	for (guint place = 0; place < ANNOTATION_VALUES_MAX; place++) {
		if (branch->values[place] != FIELD_NONE)
			add_value(scene, below, branch->values[place], kind, place);
		if (place == 0 && branch->comm != FIELD_NONE)
			add_text(scene, below, branch->comm,
				 notes_comm(scene->pinfo->pool, scene->notes, kind));
	}
	if (kind == ANNOTATION_USER)
		add_user_name(scene, below);
}

/* The owner by the standard option alone, where no comment tells more. */
static void add_ids(const struct scene *scene, proto_tree *tree)
{
	proto_item *head =
		add_text(scene, tree, FIELD_PROCESS,
			 notes_title(scene->pinfo->pool, scene->notes, ANNOTATION_PROCESS));
	proto_tree *below = proto_item_add_subtree(head, ett_branches[ANNOTATION_PROCESS]);

	add_number(scene, below, FIELD_PID, scene->notes->pid);
	if (!notes_have(scene->notes, ANNOTATION_THREAD))
		add_number(scene, below, FIELD_TID, scene->notes->tid);
}

/* One end of the packet, its sender or its receiver: the owner or the peer. */
static void add_end(const struct scene *scene, proto_tree *tree, enum field process, enum field pid,
		    enum annotation_kind kind)
{
	const struct notes *notes = scene->notes;
	const char *title = notes_title(scene->pinfo->pool, notes, kind);
	proto_item *item;

	if (!title)
		return;
	item = add_text(scene, tree, process, title);
	proto_item_set_generated(item);
	item = add_number(scene, proto_item_add_subtree(item, ett_end), pid,
			  notes_have(notes, kind) ? notes_number(notes, kind, PROCESS_PID)
						  : notes->pid);
	proto_item_set_generated(item);
}

static void add_ends(const struct scene *scene, proto_tree *tree)
{
	int direction = notes_owners_direction(scene->notes);

	if (direction == P2P_DIR_UNKNOWN)
		return; /* which end the owner is at is not known either */
	add_end(scene, tree, FIELD_SRC_PROCESS, FIELD_SRC_PID,
		direction == P2P_DIR_SENT ? ANNOTATION_PROCESS : ANNOTATION_PEER);
	add_end(scene, tree, FIELD_DST_PROCESS, FIELD_DST_PID,
		direction == P2P_DIR_SENT ? ANNOTATION_PEER : ANNOTATION_PROCESS);
}

/* They are of the addresses, whoever the owner is. */
static void add_names(const struct scene *scene, proto_tree *tree)
{
	wmem_allocator_t *pool = scene->pinfo->pool;

	add_text(scene, tree, FIELD_SRC_NAME,
		 notes_text(pool, scene->notes, ANNOTATION_NAMES, NAMES_SOURCE));
	add_text(scene, tree, FIELD_DST_NAME,
		 notes_text(pool, scene->notes, ANNOTATION_NAMES, NAMES_DESTINATION));
}

static void add_lost(const struct scene *scene, proto_tree *tree)
{
	guint64 lost = scene->notes->lost;
	proto_item *item =
		proto_tree_add_uint64(tree, field_ids[FIELD_LOST], scene->tvb, 0, 0, lost);

	expert_add_info_format(scene->pinfo, item, &ei_lost,
			       "%" G_GUINT64_FORMAT " packet%s lost before this one", lost,
			       lost == 1 ? "" : "s");
}

/* Comments that look like ours and cannot be used: told once per kind. */
static void add_complaints(const struct scene *scene, proto_item *item)
{
	for (guint kind = 0; kind < ANNOTATION_KINDS; kind++) {
		if ((scene->notes->malformed_kinds >> kind) & 1)
			expert_add_info_format(scene->pinfo, item, &ei_malformed,
					       "A packet comment begins as a %s's does, but its "
					       "keys or numbers are not as they must be",
					       annotation_name(kind));
		if ((scene->notes->repeated_kinds >> kind) & 1)
			expert_add_info_format(scene->pinfo, item, &ei_repeated,
					       "More than one packet comment describes the %s: "
					       "the first one counts",
					       annotation_name(kind));
	}
}

/* "Owner: curl (4711), root, container web, pod default/web" */
static const char *headline(wmem_allocator_t *pool, const struct notes *notes)
{
	const char *process = notes_title(pool, notes, ANNOTATION_PROCESS);
	const char *container = notes_title(pool, notes, ANNOTATION_CONTAINER);
	const char *pod = notes_title(pool, notes, ANNOTATION_POD);
	wmem_strbuf_t *line = wmem_strbuf_new(pool, "Owner: ");

	wmem_strbuf_append(line, process ? process : "unknown");
	if (notes_have(notes, ANNOTATION_USER)) {
		guint32 uid = notes_number(notes, ANNOTATION_USER, USER_ID);
		const char *name = user_name(uid);

		if (name)
			wmem_strbuf_append_printf(line, ", %s", name);
		else
			wmem_strbuf_append_printf(line, ", uid %u", uid);
	}
	if (container)
		wmem_strbuf_append_printf(line, ", container %s", container);
	if (pod)
		wmem_strbuf_append_printf(line, ", pod %s", pod);
	return wmem_strbuf_get_str(line);
}

void tree_add(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const struct notes *notes)
{
	struct scene scene = {tvb, pinfo, notes};
	proto_item *top = proto_tree_add_protocol_format(tree, protocol_id, tvb, 0, 0, "%s",
							 headline(pinfo->pool, notes));
	proto_tree *below = proto_item_add_subtree(top, ett_protocol);

	if (notes->has_ids)
		add_ids(&scene, below);
	for (guint kind = 0; kind < ANNOTATION_KINDS; kind++) {
		if (notes_have(notes, kind) && kind != ANNOTATION_NAMES)
			add_branch(&scene, below, kind);
	}
	add_ends(&scene, below);
	add_names(&scene, below);
	if (notes->lost)
		add_lost(&scene, below);
	add_complaints(&scene, top);
}

void tree_register(int protocol)
{
	static int *subtrees[2 + ANNOTATION_KINDS] = {&ett_protocol, &ett_end};
	static ei_register_info complaints[] = {
		{&ei_malformed,
		 {"ptcpdump.malformed", PI_MALFORMED, PI_WARN,
		  "Packet comment is not as it must be", EXPFILL}},
		{&ei_repeated,
		 {"ptcpdump.repeated", PI_PROTOCOL, PI_NOTE,
		  "More than one packet comment of a kind", EXPFILL}},
		{&ei_labels,
		 {"ptcpdump.labels.malformed", PI_MALFORMED, PI_WARN,
		  "Labels are not a JSON object of strings, or were cut", EXPFILL}},
		{&ei_lost,
		 {"ptcpdump.lost.before", PI_SEQUENCE, PI_WARN, "Packets lost before this one",
		  EXPFILL}},
	};

	protocol_id = protocol;
	for (guint kind = 0; kind < ANNOTATION_KINDS; kind++) {
		ett_branches[kind] = -1;
		subtrees[2 + kind] = &ett_branches[kind];
	}
	proto_register_subtree_array(subtrees, array_length(subtrees));
	expert_register_field_array(expert_register_protocol(protocol), complaints,
				    array_length(complaints));
}
