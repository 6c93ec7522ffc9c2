// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_dissector.c - any bytes as a capture file, opened and dissected as tshark does it
 *
 * Wiretap reads the file, the plugin, linked in, reads its packets' comments. Their bytes are of no
 * link type, so no other protocol looks at them: what is looked for is ours. Checked besides
 * crashes: every field's text is valid UTF-8, and no packet has two owners.
 */
#define _GNU_SOURCE /* memfd_create() */
#include "dissector/compat.h"
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/frame_data.h>
#include <epan/prefs.h>
#include <epan/proto.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wsutil/buffer.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#define PACKETS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
void plugin_register(void);

/* What Wireshark keeps until its end is no leak of ours. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static int ours;
static epan_t *epan; /* one for all files: nothing of ours is kept from packet to packet */

static const nstime_t *no_time(struct packet_provider_data *provider G_GNUC_UNUSED,
			       guint32 number G_GNUC_UNUSED)
{
	return NULL;
}

static const char *no_name(struct packet_provider_data *provider G_GNUC_UNUSED,
			   guint32 number G_GNUC_UNUSED)
{
	return NULL;
}

static void start(void)
{
	static const struct packet_provider_funcs nothing = {no_time, no_name, no_name, NULL};

	g_setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "1", TRUE);
	/* Pieces of memory of their own, for the sanitizer to see beyond them. */
	g_setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", TRUE);
	ws_log_init("fuzz_dissector", NULL);
	ws_log_set_level(LOG_LEVEL_ERROR);
	init_process_policies();
	g_free(configuration_init("/usr/bin/tshark", NULL));
	wtap_init(FALSE);
	plugin_register();
	g_assert_true(epan_init(NULL, NULL, FALSE));
	prefs_reset();
	ours = proto_get_id_by_filter_name("ptcpdump");
	g_assert_cmpint(ours, >, 0);
	epan = epan_new(NULL, &nothing);
}

static void check_field(proto_node *node, gpointer owners)
{
	field_info *field = PNODE_FINFO(node);
	char label[ITEM_LABEL_LENGTH];

	proto_tree_children_foreach(node, check_field, owners);
	if (!field || (field->hfinfo->parent != ours && field->hfinfo->id != ours))
		return;
	*(guint *)owners += strcmp(field->hfinfo->abbrev, "ptcpdump.pid") == 0;
	if (field->hfinfo->type == FT_STRING)
		g_assert_true(g_utf8_validate(fvalue_get_string(&field->value), -1, NULL));
	proto_item_fill_label(field, label);
}

static void dissect(int subtype, wtap_rec *rec, Buffer *buffer, guint32 number)
{
	const frame_data *reference = NULL;
	epan_dissect_t *one = epan_dissect_new(epan, TRUE, TRUE);
	nstime_t elapsed = {0};
	frame_data frame;
	guint owners = 0;

	rec->rec_header.packet_header.pkt_encap = WTAP_ENCAP_UNKNOWN;
	frame_data_init(&frame, number, rec, 0, 0);
	frame_data_set_before_dissect(&frame, &elapsed, &reference, NULL);
	epan_dissect_run(one, subtype, rec,
			 tvb_new_real_data(ws_buffer_start_ptr(buffer), frame.cap_len,
					   (gint)MIN(frame.pkt_len, G_MAXINT)),
			 &frame, NULL);
	proto_tree_children_foreach(one->tree, check_field, &owners);
	g_assert_cmpuint(owners, <=, 1);
	epan_dissect_free(one);
	frame_data_destroy(&frame);
}

static void dissect_file(const char *path)
{
	int err = 0;
	gchar *info = NULL;
	gint64 offset;
	wtap *file = wtap_open_offline(path, WTAP_TYPE_AUTO, &err, &info, FALSE);
	wtap_rec rec;
	Buffer buffer;

	g_free(info);
	if (!file)
		return;
	wtap_rec_init(&rec);
	ws_buffer_init(&buffer, 1514);
	info = NULL;
	for (guint32 n = 1;
	     n <= PACKETS_MOST && wtap_read(file, &rec, &buffer, &err, &info, &offset); n++) {
		if (rec.rec_type == REC_TYPE_PACKET)
			dissect(wtap_file_type_subtype(file), &rec, &buffer, n);
		wtap_rec_reset(&rec);
	}
	g_free(info);
	ws_buffer_free(&buffer);
	wtap_rec_cleanup(&rec);
	wtap_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		start();
		fd = memfd_create("capture", MFD_CLOEXEC);
		g_assert_cmpint(fd, >=, 0);
		g_snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	g_assert_cmpint(pwrite(fd, data, size, 0), ==, (ssize_t)size);
	dissect_file(path);
	return 0;
}
