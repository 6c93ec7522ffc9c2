// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter_live.c - capture filters on a device: tags in metadata, directions, tail calls
 *
 * A tap device in a network namespace of our own receives what we write to it. The oracle is a
 * packet socket with the classic filter on it, as tcpdump has it; what the kernel side would put
 * into the context we know from the frame that we wrote.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <arpa/inet.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "extcap/filter/compile.h"
#include "extcap/filter/registers.h"
#include "tests/unit/expressions.h"
#include "tests/unit/frames.h"
#include "tests/unit/oracle.h"

/* A record's flag has the name of a packet's type, which is meant here. */
#undef PACKET_MULTICAST
#include <linux/if_packet.h>

/* ---- a device of our own ---- */

struct tap {
	int fd, socket;
	guint32 index;
};

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	/* A kernel without IPv6 has nothing to silence. */
	if (fd < 0)
		return;
	g_assert_cmpint(write(fd, text, strlen(text)), >, 0);
	close(fd);
}

static void bring_up(int socket, const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_UP};

	g_strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	g_assert_cmpint(ioctl(socket, SIOCSIFFLAGS, &request), ==, 0);
}

static void listen_to(struct tap *tap)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_protocol = htons(ETH_P_ALL),
				      .sll_ifindex = (int)tap->index};

	tap->socket = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	g_assert_cmpint(tap->socket, >=, 0);
	g_assert_cmpint(bind(tap->socket, (struct sockaddr *)&address, sizeof(address)), ==, 0);
}

static bool tap_open(struct tap *tap)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "tap0"};
	int plain;

	tap->fd = open("/dev/net/tun", O_RDWR);
	if (tap->fd < 0)
		return false;
	g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
	/* So that nobody speaks there but us. */
	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	close(tap->fd);
	tap->fd = open("/dev/net/tun", O_RDWR);
	g_assert_cmpint(ioctl(tap->fd, TUNSETIFF, &request), ==, 0);
	tap->index = if_nametoindex("tap0");
	plain = socket(AF_INET, SOCK_DGRAM, 0);
	request = (struct ifreq){.ifr_name = "tap0"};
	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, "\2\0\0\0\0\2", ETH_ALEN);
	g_assert_cmpint(ioctl(plain, SIOCSIFHWADDR, &request), ==, 0);
	bring_up(plain, "lo");
	bring_up(plain, "tap0");
	close(plain);
	listen_to(tap);
	return true;
}

static void tap_close(struct tap *tap)
{
	close(tap->socket);
	close(tap->fd);
}

static bool tap_matches(struct tap *tap, const GByteArray *frame)
{
	char first;

	g_assert_cmpint(write(tap->fd, frame->data, frame->len), ==, frame->len);
	return recv(tap->socket, &first, sizeof(first), 0) >= 0;
}

/* ---- what the context must say ---- */

static guint32 number(const guint8 *bytes)
{
	return (guint32)bytes[0] << 8 | bytes[1];
}

static guint32 type_of(const guint8 *address)
{
	static const guint8 own[] = {2, 0, 0, 0, 0, 2};
	static const guint8 everybody[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	if (memcmp(address, own, ETH_ALEN) == 0)
		return PACKET_HOST;
	if (memcmp(address, everybody, ETH_ALEN) == 0)
		return PACKET_BROADCAST;
	return address[0] & 1 ? PACKET_MULTICAST : PACKET_OTHERHOST;
}

/* The outer tag leaves the packet for its metadata, before anybody sees it. */
static GByteArray *seen_by_filters(const struct tap *tap, const GByteArray *frame,
				   struct filter_context *context)
{
	GByteArray *seen = g_byte_array_new();
	guint32 protocol = frame->len >= 14 ? number(frame->data + 12) : 0;
	bool tagged = frame->len >= 18 && (protocol == ETH_P_8021Q || protocol == ETH_P_8021AD);

	g_byte_array_append(seen, frame->data, frame->len);
	if (tagged)
		g_byte_array_remove_range(seen, 12, 4);
	context->packet_type = type_of(frame->data);
	context->ifindex = tap->index;
	context->hardware = ARPHRD_ETHER;
	context->vlan_present = tagged;
	context->vlan_protocol = tagged ? protocol : 0;
	context->vlan_tag = tagged ? number(frame->data + 14) : 0;
	return seen;
}

/* ---- as tcpdump ---- */

struct counts {
	guint programs, matches, rest, unsure;
};

static void run_frame(struct tap *tap, struct ours *ours, const struct classic *classic,
		      const char *expression, const GByteArray *frame, struct counts *counts)
{
	g_autoptr(GByteArray) seen = seen_by_filters(tap, frame, ours->context);
	bool truth = tap_matches(tap, frame);

	if (ours_matches(ours, classic->code, seen->data, seen->len, &counts->unsure) != truth)
		g_error("\"%s\" over %u bytes, type 0x%x: a packet socket says %s", expression,
			frame->len, number(frame->data + 12), truth ? "match" : "no match");
	if (truth)
		counts->matches++;
	else
		counts->rest++;
}

/* A tap takes no less than a header, and the kernel throws away what ends in or behind a tag. */
static bool passes(const GByteArray *frame)
{
	guint32 protocol;

	if (frame->len < ETH_HLEN)
		return false;
	protocol = number(frame->data + 12);
	return frame->len >= 20 || (protocol != ETH_P_8021Q && protocol != ETH_P_8021AD);
}

static void run_expression(struct tap *tap, struct ours *ours, struct compiler *compiler,
			   const char *expression, struct counts *counts)
{
	g_autoptr(GPtrArray) all = frames_all(0);
	g_autofree struct classic *classic = compiler_run(compiler, expression, true, NULL);
	struct sock_fprog program;

	if (!classic)
		return;
	program = (struct sock_fprog){(unsigned short)classic->length, classic->code};
	if (setsockopt(tap->socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return;
	g_assert_cmpint(ours_load(ours, classic->code, classic->length), ==, 0);
	counts->programs++;
	for (guint i = 0; i < all->len; i++) {
		const GByteArray *frame = g_ptr_array_index(all, i);

		/* Of those that are cut, some will do. */
		if (passes(frame) && (i % 5 == 0 || frame->len > 47))
			run_frame(tap, ours, classic, expression, frame, counts);
	}
}

static void test_as_tcpdump(void)
{
	static const char *const live[] = {
		"inbound",
		"outbound",
		"ifindex 1",
		"ifindex 2",
		"vlan and tcp",
		"vlan 100 and vlan 200",
		"not vlan",
		"vlan 5 or vlan 101",
		"vlan and not ip",
		"inbound and vlan",
		"vlan and len > 60",
		"ip or vlan and ip or vlan and ip",
		"vlan and ether[12:2] = 0x0800",
	};
	struct counts counts = {0};
	g_autoptr(GError) error = NULL;
	struct compiler *compiler;
	struct tap tap;
	struct ours ours;

	if (!tap_open(&tap)) {
		g_test_skip("no /dev/net/tun");
		return;
	}
	compiler = compiler_new_live(&error);
	g_assert_no_error(error);
	ours_open(&ours);
	for (guint i = 0; i < G_N_ELEMENTS(live); i++)
		run_expression(&tap, &ours, compiler, live[i], &counts);
	g_assert_cmpuint(counts.programs, ==, G_N_ELEMENTS(live));
	for (guint i = 0; i < G_N_ELEMENTS(primitives); i++)
		run_expression(&tap, &ours, compiler, primitives[i], &counts);
	for (guint i = 0; i < G_N_ELEMENTS(combined); i++)
		run_expression(&tap, &ours, compiler, combined[i], &counts);
	g_test_message("%u programs: %u matches, %u others, %u were unsure", counts.programs,
		       counts.matches, counts.rest, counts.unsure);
	g_assert_cmpuint(counts.programs, >, 120);
	g_assert_cmpuint(counts.matches, >, 1000);
	ours_close(&ours);
	compiler_free(compiler);
	tap_close(&tap);
}

/* ---- the way on ---- */

/* A "capture": it writes the verdict that it finds in the context into its own map, and 7 to
 * whoever ran it. */
static int load_capture(const struct filter_hook *hook, const struct ours *ours, int found)
{
	const struct bpf_insn code[] = {
		store_imm(BPF_W, BPF_REG_10, -4, 0),
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = ours->map},
		{0},
		alu64_reg(BPF_MOV, BPF_REG_2, BPF_REG_10),
		alu64_imm(BPF_ADD, BPF_REG_2, -4),
		call(BPF_FUNC_map_lookup_elem),
		jump_imm(BPF_JEQ, BPF_REG_0, 0, 8),
		load_mem(BPF_W, BPF_REG_6, BPF_REG_0, offsetof(struct filter_context, verdict)),
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_PSEUDO_MAP_FD,
		 .imm = found},
		{0},
		alu64_reg(BPF_MOV, BPF_REG_2, BPF_REG_10),
		alu64_imm(BPF_ADD, BPF_REG_2, -4),
		call(BPF_FUNC_map_lookup_elem),
		jump_imm(BPF_JEQ, BPF_REG_0, 0, 1),
		store_mem(BPF_W, BPF_REG_0, 0, BPF_REG_6),
		alu32_imm(BPF_MOV, BPF_REG_0, hook->type == BPF_PROG_TYPE_TRACING ? 0 : 7),
		leave(),
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = hook->attach,
		    .attach_btf_id = hook->btf_id);

	return bpf_prog_load(hook->type, "capture", "GPL", code, G_N_ELEMENTS(code), &opts);
}

struct way {
	struct ours ours;
	int captures, found, capture;
};

static guint32 take_found(const struct way *way)
{
	guint32 key = 0, verdict = 0, none = 99;

	g_assert_cmpint(bpf_map_lookup_elem(way->found, &key, &verdict), ==, 0);
	g_assert_cmpint(bpf_map_update_elem(way->found, &key, &none, BPF_ANY), ==, 0);
	return verdict;
}

/* "Is the first byte 1?", with a load that may be beyond the copy. */
static int way_open(struct way *way, const struct filter_hook *hook, int next)
{
	static const struct sock_filter code[] = {
		{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0},   {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1},
		{BPF_JMP | BPF_JEQ | BPF_K, 1, 2, 2},  {BPF_RET | BPF_K, 0, 0, 65535},
		{BPF_LD | BPF_B | BPF_ABS, 0, 0, 300}, {BPF_RET | BPF_K, 0, 0, 0},
	};
	struct filter_place place = {.index = 3, .next = next};
	guint32 key = 3;
	int program;

	ours_open(&way->ours);
	way->captures = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "captures", 4, 4, 4, NULL);
	way->found = bpf_map_create(BPF_MAP_TYPE_ARRAY, "found", 4, 4, 1, NULL);
	g_assert_cmpint(MIN(way->captures, way->found), >=, 0);
	way->capture = load_capture(hook, &way->ours, way->found);
	g_assert_cmpint(way->capture, >=, 0);
	g_assert_cmpint(bpf_map_update_elem(way->captures, &key, &way->capture, BPF_ANY), ==, 0);
	place.contexts = way->ours.map;
	place.captures = way->captures;
	program = filter_load(code, G_N_ELEMENTS(code), &place, hook);
	g_assert_cmpint(program, >=, 0);
	take_found(way);
	return program;
}

static void way_fill(struct way *way, guint8 first, guint length)
{
	guint8 bytes[400] = {first};

	ours_fill(&way->ours, bytes, length);
}

static void way_close(struct way *way, int program)
{
	close(program);
	close(way->capture);
	close(way->captures);
	close(way->found);
	ours_close(&way->ours);
}

/* What does not match goes on to other people's programs. */
static void test_traffic_control(void)
{
	const struct filter_hook hook = {.name = "filter", .type = BPF_PROG_TYPE_SCHED_CLS};
	struct way way;
	int program = way_open(&way, &hook, -1);

	way.ours.program = program;
	way_fill(&way, 1, 60);
	g_assert_cmpint(ours_run(&way.ours, 1, NULL), ==, 7);
	g_assert_cmpuint(take_found(&way), ==, FILTER_MATCH);
	way_fill(&way, 0, 60);
	g_assert_cmpint((int)ours_run(&way.ours, 1, NULL), ==, -1);
	g_assert_cmpuint(take_found(&way), ==, 99);
	way_fill(&way, 2, 60);
	g_assert_cmpint((int)ours_run(&way.ours, 1, NULL), ==, -1);
	way_fill(&way, 2, 400);
	g_assert_cmpint(ours_run(&way.ours, 1, NULL), ==, 7);
	g_assert_cmpuint(take_found(&way), ==, FILTER_UNSURE);
	way.ours.program = -1;
	way_close(&way, program);
}

/* Each packet that comes in runs it, whatever the packet is: the context is ours. */
static void run_tracepoint(const struct tap *tap)
{
	const guint8 frame[60] = {2, 0, 0, 0, 0, 2};

	g_assert_cmpint(write(tap->fd, frame, sizeof(frame)), ==, sizeof(frame));
}

static void test_tracepoint(void)
{
	struct filter_hook hook = {
		.name = "filter", .type = BPF_PROG_TYPE_TRACING, .attach = BPF_TRACE_RAW_TP};
	int id = libbpf_find_vmlinux_btf_id("netif_receive_skb", BPF_TRACE_RAW_TP);
	struct way way;
	struct tap tap;
	int program, link;

	if (!tap_open(&tap)) {
		g_test_skip("no /dev/net/tun");
		return;
	}
	g_assert_cmpint(id, >, 0);
	hook.btf_id = (guint32)id;
	program = way_open(&way, &hook, 0);
	way_fill(&way, 0, 60);
	link = bpf_raw_tracepoint_open(NULL, program);
	g_assert_cmpint(link, >=, 0);
	run_tracepoint(&tap);
	g_assert_cmpuint(take_found(&way), ==, 99);
	way_fill(&way, 1, 60);
	run_tracepoint(&tap);
	g_assert_cmpuint(take_found(&way), ==, FILTER_MATCH);
	way_fill(&way, 2, 400);
	run_tracepoint(&tap);
	g_assert_cmpuint(take_found(&way), ==, FILTER_UNSURE);
	close(link);
	way_close(&way, program);
	tap_close(&tap);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter_live/as-tcpdump", test_as_tcpdump);
	g_test_add_func("/filter_live/traffic-control", test_traffic_control);
	g_test_add_func("/filter_live/tracepoint", test_tracepoint);
	return g_test_run();
}
