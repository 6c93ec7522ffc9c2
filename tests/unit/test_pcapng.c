// SPDX-License-Identifier: GPL-2.0-or-later
/* test_pcapng.c - the blocks, read by libpcap, and byte by byte */
#include <glib/gstdio.h>
#include <pcap/pcap.h>
#include <unistd.h>

#include "tests/unit/blocks.h"

#define TIME   1700000000123456789ULL
#define SECOND 1000000000ULL

/* ---- blocks ---- */

static void test_section(void)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_section(out, "x86_64", "Linux 6.18", "ptcpdump 1");
	block = read_block(out, 0, 16);
	g_assert_cmpuint(out->len, ==, block.length);
	g_assert_cmphex(block.type, ==, 0x0a0d0d0a);
	g_assert_cmphex(u32(block.body), ==, 0x1a2b3c4d);
	g_assert_cmphex(u32(block.body + 4), ==, 1); /* major 1, minor 0 */
	g_assert_cmphex(u64(block.body + 8), ==, G_MAXUINT64);
	assert_codes(&block, "2 3 4");
	assert_text(&block.options[0], "x86_64");
	assert_text(&block.options[1], "Linux 6.18");
	assert_text(&block.options[2], "ptcpdump 1");
}

static void test_interface(void)
{
	struct pcapng_interface interface = {.name = "eth0@blue",
					     .description = "packets",
					     .filter = "tcp port 80",
					     .os = "Linux",
					     .link_type = 113,
					     .snapshot_length = 262144};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_interface(out, &interface);
	block = read_block(out, 0, 8);
	g_assert_cmphex(block.type, ==, 1);
	g_assert_cmpuint(u32(block.body), ==, 113);
	g_assert_cmpuint(u32(block.body + 4), ==, 262144);
	assert_codes(&block, "2 3 9 11 12");
	assert_text(&block.options[0], "eth0@blue");
	assert_text(&block.options[1], "packets");
	g_assert_cmpmem(block.options[2].value, block.options[2].length, "\x09", 1);
	g_assert_cmpmem(block.options[3].value, block.options[3].length, "\0tcp port 80", 12);
	assert_text(&block.options[4], "Linux");
}

static void test_interface_without_filter(void)
{
	struct pcapng_interface interface = {.name = "lo", .description = "", .link_type = 1};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_interface(out, &interface);
	block = read_block(out, 0, 8);
	assert_codes(&block, "2 9");
}

static void test_statistics(void)
{
	struct pcapng_statistics statistics = {.interface = 3,
					       .start = TIME,
					       .end = TIME + SECOND,
					       .received = 1ULL << 40,
					       .accepted = 5,
					       .dropped = 6,
					       .delivered = 7};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_statistics(out, &statistics);
	block = read_block(out, 0, 12);
	g_assert_cmphex(block.type, ==, 5);
	g_assert_cmpuint(u32(block.body), ==, 3);
	g_assert_cmpuint(time_at(block.body + 4), ==, TIME + SECOND);
	assert_codes(&block, "2 3 4 5 6 8");
	g_assert_cmpuint(time_at(block.options[0].value), ==, TIME);
	g_assert_cmpuint(time_at(block.options[1].value), ==, TIME + SECOND);
	g_assert_cmpuint(u64(block.options[2].value), ==, 1ULL << 40);
	g_assert_cmpuint(u64(block.options[3].value), ==, 6);
	g_assert_cmpuint(u64(block.options[4].value), ==, 5);
	g_assert_cmpuint(u64(block.options[5].value), ==, 7);
}

/* ---- names ---- */

/* Records are laid out as options are, and end as they do. */
static void test_names(void)
{
	static const guint8 v4[] = {172, 17, 0, 2};
	static const guint8 v6[] = {0xfd, [15] = 2};
	const struct pcapng_name names[] = {
		{v4, sizeof(v4), "web"},
		{v6, sizeof(v6), "cart.shop"},
	};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_names(out, names, 0);
	g_assert_cmpuint(out->len, ==, 0);
	pcapng_names(out, names, 2);
	block = read_block(out, 0, 0);
	g_assert_cmpuint(out->len, ==, block.length);
	g_assert_cmphex(block.type, ==, 4);
	assert_codes(&block, "1 2");
	g_assert_cmpmem(block.options[0].value, block.options[0].length, "\xac\x11\0\2web", 8);
	g_assert_cmpuint(block.options[1].length, ==, 16 + 10);
	g_assert_cmpmem(block.options[1].value, 16, v6, 16);
	g_assert_cmpstr((const char *)block.options[1].value + 16, ==, "cart.shop");
}

/* So many that one block does not hold them: dumpcap takes each block, and none is missing. */
static void test_many_names(void)
{
	enum { MANY = 3000 };
	g_autofree struct pcapng_name *names = g_new(struct pcapng_name, MANY);
	g_autofree char *name = g_strnfill(PCAPNG_NAME_MAX, 'x');
	g_autoptr(GByteArray) out = g_byte_array_new();
	static guint8 address[16];
	guint blocks = 0, records = 0;
	gsize at, length, record;

	for (guint i = 0; i < MANY; i++)
		names[i] = (struct pcapng_name){address, 16, name};
	pcapng_names(out, names, MANY);
	for (at = 0; at < out->len; at += length, blocks++) {
		length = u32(out->data + at + 4);
		g_assert_cmphex(u32(out->data + at), ==, 4);
		g_assert_cmpuint(length, <=, 262144);
		g_assert_cmpuint(u32(out->data + at + length - 4), ==, length);
		for (record = at + 8; u32(out->data + record); records++)
			record += 4 + ((u32(out->data + record) >> 16) + 3) / 4 * 4;
		g_assert_cmpuint(record + 8, ==, at + length);
	}
	g_assert_cmpuint(blocks, ==, 4);
	g_assert_cmpuint(records, ==, MANY);
}

/* ---- packets ---- */

static const guint8 frame[] = "DDDDDDSSSSSS\x08\x00payload";
#define FRAME_LENGTH (sizeof(frame) - 1)

static void test_packet(void)
{
	g_autoptr(GByteArray) first = g_byte_array_new(), second = g_byte_array_new();
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct pcapng_packet packet = {.interface = 2,
				       .time = TIME,
				       .length = 1500,
				       .body = frame,
				       .body_length = FRAME_LENGTH,
				       .flags = EPB_INBOUND | EPB_MULTICAST,
				       .lost = 1ULL << 33,
				       .pid = 4711,
				       .tid = 4712};
	struct block block;

	pcapng_option(first, OPT_COMMENT, "one", 3);
	pcapng_option(second, OPT_COMMENT, "another", 7);
	packet.options[0] = first;
	packet.options[2] = second;
	pcapng_packet(out, &packet);
	block = read_block(out, 0, 20 + 24);
	g_assert_cmphex(block.type, ==, 6);
	g_assert_cmpuint(u32(block.body), ==, 2);
	g_assert_cmpuint(time_at(block.body + 4), ==, TIME);
	g_assert_cmpuint(u32(block.body + 12), ==, FRAME_LENGTH);
	g_assert_cmpuint(u32(block.body + 16), ==, 1500);
	g_assert_cmpmem(block.body + 20, FRAME_LENGTH, frame, FRAME_LENGTH);
	assert_codes(&block, "1 1 2 4 8");
	assert_text(&block.options[0], "one");
	assert_text(&block.options[1], "another");
	g_assert_cmpuint(block.options[2].length, ==, 4);
	g_assert_cmphex(u32(block.options[2].value), ==, 0x1 | 2 << 2);
	g_assert_cmpuint(block.options[3].length, ==, 8);
	g_assert_cmpuint(u64(block.options[3].value), ==, 1ULL << 33);
	g_assert_cmpuint(block.options[4].length, ==, 8);
	g_assert_cmpuint(u32(block.options[4].value), ==, 4711);
	g_assert_cmpuint(u32(block.options[4].value + 4), ==, 4712);
}

static void test_packet_of_nobody(void)
{
	struct pcapng_packet packet = {.time = TIME, .length = 1, .body = frame, .body_length = 1};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_packet(out, &packet);
	block = read_block(out, 0, 20 + 4);
	assert_codes(&block, "");
	g_assert_cmpuint(block.length, ==, 8 + 20 + 4 + 4 + 4);
}

static void test_packet_of_no_bytes(void)
{
	struct pcapng_packet packet = {.time = TIME, .length = 60};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_packet(out, &packet);
	block = read_block(out, 0, 20);
	g_assert_cmpuint(u32(block.body + 12), ==, 0);
	g_assert_cmpuint(u32(block.body + 16), ==, 60);
}

/* Both lengths grow by the tag. */
static void test_tag_is_put_in(void)
{
	static const guint8 tagged[] = "DDDDDDSSSSSS\x81\x00\x20\x64\x08\x00payload";
	struct pcapng_packet packet = {.time = TIME,
				       .length = 1000,
				       .head = frame,
				       .head_length = 12,
				       .tag = {0x81, 0x00, 0x20, 0x64},
				       .tag_length = 4,
				       .body = frame + 12,
				       .body_length = FRAME_LENGTH - 12};
	g_autoptr(GByteArray) out = g_byte_array_new();
	struct block block;

	pcapng_packet(out, &packet);
	block = read_block(out, 0, 20 + 28);
	g_assert_cmpuint(u32(block.body + 12), ==, sizeof(tagged) - 1);
	g_assert_cmpuint(u32(block.body + 16), ==, 1004);
	g_assert_cmpmem(block.body + 20, sizeof(tagged) - 1, tagged, sizeof(tagged) - 1);
}

static void test_option_is_cut(void)
{
	g_autofree char *value = g_strnfill(70000, 'x');
	g_autoptr(GByteArray) out = g_byte_array_new();

	pcapng_option(out, OPT_COMMENT, value, 70000);
	g_assert_cmpuint(out->len, ==, 4 + 65536); /* the most, padded */
	g_assert_cmpuint(out->data[2] | out->data[3] << 8, ==, 65535);
}

/* dumpcap ends the capture at a block of more, and every block has to fit whatever comes. */
static void test_largest_block(void)
{
	g_autofree guint8 *body = g_malloc0(400000);
	g_autofree char *value = g_strnfill(10000, 'x');

	for (guint comments = 0; comments <= 13; comments++) {
		for (guint32 length = 262000 - comments * 10004; length < 262200; length += 7919) {
			g_autoptr(GByteArray) options = g_byte_array_new();
			g_autoptr(GByteArray) out = g_byte_array_new();
			struct pcapng_packet packet = {.time = TIME,
						       .length = length,
						       .head = body,
						       .head_length = 12,
						       .tag_length = 4,
						       .body = body,
						       .body_length = length,
						       .flags = EPB_INBOUND,
						       .lost = 1,
						       .pid = 1,
						       .tid = 1};
			struct block block;

			for (guint i = 0; i < comments; i++)
				pcapng_option(options, OPT_COMMENT, value, 10000);
			packet.options[0] = options;
			pcapng_packet(out, &packet);
			g_assert_cmpuint(out->len, <=, 262144);
			/* Cut no more than it must be. */
			if (u32(out->data + 20) < length + 16)
				g_assert_cmpuint(out->len, >=, 262144 - 96);
			block = read_block(out, 0, 20 + ((u32(out->data + 20) + 3) & ~3U));
			g_assert_cmpuint(block.count, ==, comments + 3);
			g_assert_cmpuint(u32(block.body + 16), ==, length + 4);
		}
	}
}

/* ---- as libpcap reads it ---- */

static char *write_file(const GByteArray *stream)
{
	char *path = NULL;
	int fd = g_file_open_tmp("test-pcapng-XXXXXX", &path, NULL);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(write(fd, stream->data, stream->len), ==, stream->len);
	close(fd);
	return path;
}

static GByteArray *a_capture(guint packets)
{
	struct pcapng_interface interface = {
		.name = "eth0", .os = "Linux", .link_type = DLT_EN10MB, .snapshot_length = 262144};
	struct pcapng_statistics statistics = {.start = TIME, .end = TIME + SECOND};
	GByteArray *out = g_byte_array_new();

	pcapng_section(out, "x86_64", "Linux", "test");
	pcapng_interface(out, &interface);
	for (guint i = 0; i < packets; i++) {
		struct pcapng_packet packet = {.time = TIME + i * SECOND,
					       .length = 1000 + i,
					       .body = frame,
					       .body_length = FRAME_LENGTH - i,
					       .flags = EPB_OUTBOUND,
					       .pid = 1};

		if (i == 1) /* one that comes in mid-stream */
			pcapng_interface(out, &interface);
		packet.interface = i > 0;
		pcapng_packet(out, &packet);
	}
	pcapng_statistics(out, &statistics);
	return out;
}

static void test_libpcap_reads_it(void)
{
	g_autoptr(GByteArray) stream = a_capture(5);
	g_autofree char *path = write_file(stream);
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct pcap_pkthdr *header;
	const guint8 *bytes;

	g_assert_cmpstr(error, ==, "");
	g_assert_nonnull(pcap);
	g_assert_cmpint(pcap_datalink(pcap), ==, DLT_EN10MB);
	g_assert_cmpint(pcap_snapshot(pcap), ==, 262144);
	for (guint i = 0; i < 5; i++) {
		g_assert_cmpint(pcap_next_ex(pcap, &header, &bytes), ==, 1);
		g_assert_cmpint(header->ts.tv_sec, ==, 1700000000 + i);
		g_assert_cmpint(header->ts.tv_usec, ==, 123456789);
		g_assert_cmpuint(header->len, ==, 1000 + i);
		g_assert_cmpmem(bytes, header->caplen, frame, FRAME_LENGTH - i);
	}
	g_assert_cmpint(pcap_next_ex(pcap, &header, &bytes), ==, PCAP_ERROR_BREAK); /* the end */
	pcap_close(pcap);
	g_unlink(path);
}

/* The check above is one: a byte of a length that is wrong is seen. */
static void test_libpcap_sees_a_wrong_length(void)
{
	g_autoptr(GByteArray) stream = a_capture(1);
	char error[PCAP_ERRBUF_SIZE] = "";
	struct pcap_pkthdr *header;
	const guint8 *bytes;
	g_autofree char *path = NULL;
	pcap_t *pcap;
	gsize at = u32(stream->data + 4); /* of the interface block */

	at += u32(stream->data + at + 4);
	stream->data[at + u32(stream->data + at + 4) - 4] ^= 4;
	path = write_file(stream);
	pcap = pcap_open_offline(path, error);
	g_assert_nonnull(pcap);
	g_assert_cmpint(pcap_next_ex(pcap, &header, &bytes), ==, PCAP_ERROR);
	pcap_close(pcap);
	g_unlink(path);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pcapng/section", test_section);
	g_test_add_func("/pcapng/interface", test_interface);
	g_test_add_func("/pcapng/interface-without-filter", test_interface_without_filter);
	g_test_add_func("/pcapng/statistics", test_statistics);
	g_test_add_func("/pcapng/names", test_names);
	g_test_add_func("/pcapng/many-names", test_many_names);
	g_test_add_func("/pcapng/packet", test_packet);
	g_test_add_func("/pcapng/packet-of-nobody", test_packet_of_nobody);
	g_test_add_func("/pcapng/packet-of-no-bytes", test_packet_of_no_bytes);
	g_test_add_func("/pcapng/tag", test_tag_is_put_in);
	g_test_add_func("/pcapng/option-is-cut", test_option_is_cut);
	g_test_add_func("/pcapng/largest-block", test_largest_block);
	g_test_add_func("/pcapng/libpcap-reads-it", test_libpcap_reads_it);
	g_test_add_func("/pcapng/libpcap-sees-a-wrong-length", test_libpcap_sees_a_wrong_length);
	return g_test_run();
}
