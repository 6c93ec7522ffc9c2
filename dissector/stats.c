// SPDX-License-Identifier: GPL-2.0-or-later
/* stats.c - statistics over owners: -z ptcpdump,tree and Statistics / ptcpdump / Owners
 *
 * The tap "ptcpdump" reports every packet, the ones without an owner too, for what nobody
 * owns is part of the picture and the percentages are of all packets.
 */
#include "dissector/compat.h"
#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

#include "dissector/stats.h"

static int tap_id;

/* What is counted. */
enum count { COUNT_PROCESS, COUNT_USER, COUNT_CONTAINER, COUNT_POD, COUNTS };

static const struct {
	const char *node;
	enum annotation_kind kind;
} counts[COUNTS] = {
	[COUNT_PROCESS] = {"Processes", ANNOTATION_PROCESS},
	[COUNT_USER] = {"Users", ANNOTATION_USER},
	[COUNT_CONTAINER] = {"Containers", ANNOTATION_CONTAINER},
	[COUNT_POD] = {"Pods", ANNOTATION_POD},
};

static int nodes[COUNTS];

/* What the tap hands over: titles, NULL where unknown. It lives in the packet's pool. */
struct owner_report {
	const char *titles[COUNTS];
	const char *thread;
};

gboolean stats_wanted(void)
{
	return have_tap_listener(tap_id);
}

void stats_packet(packet_info *pinfo, const struct notes *notes)
{
	struct owner_report *report = wmem_new0(pinfo->pool, struct owner_report);

	if (notes) {
		for (guint i = 0; i < COUNTS; i++)
			report->titles[i] = notes_title(pinfo->pool, notes, counts[i].kind);
		report->thread = notes_title(pinfo->pool, notes, ANNOTATION_THREAD);
	}
	tap_queue_packet(tap_id, pinfo, report);
}

static void count_init(stats_tree *tree)
{
	for (guint i = 0; i < COUNTS; i++)
		nodes[i] = stats_tree_create_node(tree, counts[i].node, 0, STAT_DT_INT, TRUE);
}

static tap_packet_status count_packet(stats_tree *tree, packet_info *pinfo G_GNUC_UNUSED,
				      epan_dissect_t *edt G_GNUC_UNUSED, const void *data,
				      tap_flags_t flags G_GNUC_UNUSED)
{
	const struct owner_report *report = data;

	for (guint i = 0; i < COUNTS; i++) {
		gboolean has_threads = i == COUNT_PROCESS;
		const char *title = report->titles[i];
		int node;

		/* Every packet has a process or lacks one; few are in a container at all. */
		if (!title && has_threads)
			title = "nobody known";
		if (!title)
			continue;
		tick_stat_node(tree, counts[i].node, 0, TRUE);
		node = tick_stat_node(tree, title, nodes[i], has_threads);
		if (has_threads && report->titles[i] && report->thread)
			tick_stat_node(tree, report->thread, node, FALSE);
	}
	return TAP_PACKET_REDRAW;
}

void stats_register(void)
{
	tap_id = register_tap("ptcpdump");
	stats_tree_register_plugin("ptcpdump", "ptcpdump", "ptcpdump" MENU_SEPARATOR "Owners", 0,
				   count_packet, count_init, NULL);
}
