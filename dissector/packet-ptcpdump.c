// SPDX-License-Identifier: GPL-2.0-or-later
/* packet-ptcpdump.c - the plugin: whose packet is it, as fields
 *
 * Theory of operation
 * A postdissector: it runs on every packet after all protocols have, and reads not a byte
 * of the packet but its options, above all its comments. The comments are those of the
 * block that the user edited, where he did, else of the one from the file.
 *
 * Most of the time nobody asks: a packet list without our columns, filters or colours has
 * no tree or one that refers to none of our fields. Then nothing is read at all. There is
 * no state from one packet to the next, so packets may come in any order, once or twice.
 */
#include "dissector/compat.h"
#include <epan/epan.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/tap.h>

#include "dissector/fields.h"
#include "dissector/notes.h"
#include "dissector/stats.h"
#include "dissector/tree.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = PTCPDUMP_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC guint32 plugin_describe(void);

static int protocol;
static int expert_tap;
static ws_bool show_owners = TRUE;
static ws_bool owner_in_info = FALSE;

static wtap_block_t packet_block(const packet_info *pinfo)
{
	if (pinfo->fd->has_modified_block)
		return epan_get_modified_block(pinfo->epan, pinfo->fd);
	return pinfo->rec->block;
}

static gboolean anybody_asks(const packet_info *pinfo, proto_tree *tree)
{
	if (proto_field_is_referenced(tree, protocol) || stats_wanted())
		return TRUE;
	if (owner_in_info && pinfo->cinfo)
		return TRUE;
	return have_tap_listener(expert_tap); /* refers to no field, and needs no tree */
}

static int dissect_ptcpdump(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
			    void *data G_GNUC_UNUSED)
{
	struct notes notes;
	gboolean any;

	if (!show_owners || !anybody_asks(pinfo, tree))
		return 0;
	any = notes_read(packet_block(pinfo), &notes);
	if (stats_wanted())
		stats_packet(pinfo, any ? &notes : NULL);
	if (!any)
		return 0;
	if (owner_in_info) {
		const char *owner = notes_title(pinfo->pool, &notes, ANNOTATION_PROCESS);

		if (owner)
			col_prepend_fstr(pinfo->cinfo, COL_INFO, "[%s] ", owner);
	}
	tree_add(tvb, pinfo, tree, &notes);
	return (int)tvb_captured_length(tvb);
}

static void register_preferences(void)
{
	module_t *preferences = prefs_register_protocol(protocol, NULL);

	prefs_register_bool_preference(preferences, "show", "Show owners",
				       "Whether packets' comments are read as their owners: "
				       "process, thread, user, container and pod",
				       &show_owners);
	prefs_register_bool_preference(preferences, "info_column",
				       "Show the owner in the Info column",
				       "Whether the Info column begins with the name and id of "
				       "the process that owns the packet",
				       &owner_in_info);
}

static void register_protocol(void)
{
	protocol = proto_register_protocol("Owner of the packet", "ptcpdump", "ptcpdump");
	fields_register(protocol);
	tree_register(protocol);
	stats_register();
	register_preferences();
	expert_tap = register_tap("expert"); /* gives the id of the one that is there */
}

static void register_handoff(void)
{
	register_postdissector(create_dissector_handle(dissect_ptcpdump, protocol));
}

void plugin_register(void)
{
	static proto_plugin plugin = {register_protocol, register_handoff};

	proto_register_plugin(&plugin);
}

guint32 plugin_describe(void)
{
	return PLUGIN_DESCRIPTION;
}
