// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter_large.c - filters of hundreds and thousands of parts: they load, and say the same
 *
 * Beyond 4,096 instructions the kernel takes no classic filter; there our interpreter is the
 * oracle, which the other tests compare with the kernel's. "-m perf" prints a table of sizes
 * and times.
 */
#include <time.h>

#include "extcap/filter/compile.h"
#include "extcap/filter/verify.h"
#include "extcap/linktype.h"
#include "tests/unit/frames.h"
#include "tests/unit/oracle.h"

static char *joined(const char *format, guint count)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < count; i++) {
		g_autofree char *host = g_strdup_printf("10.%u.%u.1", i >> 8, i & 255);
		g_auto(GStrv) parts = g_strsplit(format, "HOST", -1);
		g_autofree char *one = g_strjoinv(host, parts);
		g_auto(GStrv) ports = g_strsplit(one, "PORT", -1);
		g_autofree char *port = g_strdup_printf("%u", 1000 + i);
		g_autofree char *two = g_strjoinv(port, ports);

		g_string_append_printf(text, "%s%s", i ? " or " : "", two);
	}
	return g_string_free(text, FALSE);
}

static gint64 now(void)
{
	return g_get_monotonic_time();
}

static void compare(struct ours *ours, const struct classic *classic, const char *name)
{
	g_autoptr(GPtrArray) frames = frames_all(0);
	const struct filter_context nothing = {0};
	guint unsure = 0;

	for (guint i = 0; i < frames->len; i++) {
		const GByteArray *frame = g_ptr_array_index(frames, i);
		const struct filter_packet packet = {frame->data, frame->len, frame->len};

		if (ours_matches(ours, classic->code, frame->data, frame->len, &unsure) !=
		    classic_matches(classic->code, &packet, &nothing))
			g_error("%s: frame %u", name, i);
	}
}

/* What costs most: a packet that fits, but for the last byte of its addresses. */
static guint32 nanoseconds(struct ours *ours)
{
	g_autoptr(GByteArray) frame =
		frame_bytes(MACS " 0800" IP("06", "003c") TCP("9c40", "9c41", "02") "41{20}");
	guint32 best = G_MAXUINT32;

	ours_fill(ours, frame->data, frame->len);
	for (guint i = 0; i < 5; i++) {
		guint32 duration;

		ours_run(ours, 20000, &duration);
		best = MIN(best, duration);
	}
	return best;
}

static void measure(const char *name, const char *expression, bool optimise)
{
	g_autoptr(GError) error = NULL;
	struct compiler *compiler = compiler_new(LINKTYPE_ETHERNET);
	gint64 begin = now(), compiled, loaded;
	g_autofree struct classic *classic = compiler_run(compiler, expression, optimise, &error);
	const struct filter_place place = {.contexts = 1, .captures = -1};
	g_autoptr(GArray) program = NULL;
	struct ours ours;
	int status;

	g_assert_no_error(error);
	ours_open(&ours);
	compiled = now();
	status = ours_load(&ours, classic->code, classic->length);
	loaded = now();
	if (status)
		g_error("%s: %s", name, g_strerror(-status));
	g_assert_cmpint(filter_translate(classic->code, classic->length, &place, &program), ==, 0);
	g_test_message("| %s%s | %u | %u | %.1f | %.1f | %u |", name,
		       optimise ? "" : ", not optimised", classic->length, program->len,
		       (double)(compiled - begin) / 1000, (double)(loaded - compiled) / 1000,
		       nanoseconds(&ours));
	compare(&ours, classic, name);
	ours_close(&ours);
	compiler_free(compiler);
}

static void measure_many(const char *format, guint count, bool optimise)
{
	g_autofree char *expression = joined(format, count);
	g_autofree char *name = g_strdup_printf("%u x \"%s\"", count, format);

	measure(name, expression, optimise);
}

static void test_parts(void)
{
	measure("\"tcp port 80\"", "tcp port 80", true);
	measure_many("host HOST", 50, true);
	measure_many("host HOST", 200, false);
	measure_many("port PORT", 100, false);
	measure_many("(host HOST and tcp port PORT)", 200, false);
}

/* Every host jumps over all that follow, to the ports. */
static void test_far_jumps(void)
{
	g_autofree char *hosts = joined("host HOST", 250);
	g_autofree char *ports = joined("port PORT", 250);
	g_autofree char *both = g_strdup_printf("(%s or net 10.77) and (%s or tcp)", hosts, ports);

	measure("(250 hosts) and (250 ports)", both, false);
}

static void test_nested(void)
{
	GString *text = g_string_new("tcp");

	for (guint i = 0; i < 300; i++) {
		g_string_prepend(text, i & 1 ? "not (" : "(");
		g_string_append_printf(text, ") %s port %u", i & 2 ? "and not" : "or", 1000 + i);
	}
	measure("nested 300 deep", text->str, false);
	g_string_free(text, TRUE);
}

/* Straight at the bounds of what a jump reaches: @length instructions, any of which may be
 * jumped over. */
static void far_jump(struct ours *ours, guint length)
{
	g_autofree struct sock_filter *code = g_new0(struct sock_filter, length);
	const struct filter_packet packet = {(const guint8 *)"\1", 1, 1};
	const struct filter_context nothing = {0};

	for (guint i = 0; i < length; i++)
		code[i] = (struct sock_filter){BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1};
	code[0] = (struct sock_filter){BPF_LD | BPF_B | BPF_ABS, 0, 0, 0};
	code[1] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1};
	code[2] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, 1};
	code[3] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, length - 6};
	code[length - 2] = (struct sock_filter){BPF_ALU | BPF_SUB | BPF_K, 0, 0, 1};
	code[length - 1] = (struct sock_filter){BPF_RET | BPF_A, 0, 0, 0};
	g_assert_cmpint(ours_load(ours, code, length), ==, 0);
	for (guint8 byte = 0; byte < 3; byte++) {
		const struct filter_packet one = {&byte, 1, 1};
		guint unsure = 0;

		g_assert_cmpint(ours_matches(ours, code, &byte, 1, &unsure), ==,
				classic_matches(code, &one, &nothing));
	}
	g_assert_false(classic_matches(code, &packet, &nothing));
}

static void test_islands(void)
{
	static const guint lengths[] = {11900, 11990, 12010, 24000, 32700, 32750, 32800, 60000};
	struct ours ours;

	ours_open(&ours);
	for (guint i = 0; i < G_N_ELEMENTS(lengths); i++)
		far_jump(&ours, lengths[i]);
	ours_close(&ours);
}

static void test_refused(void)
{
	const struct filter_place place = {.contexts = 1, .captures = -1};
	struct sock_filter code[] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, (guint32)SKF_AD_OFF + SKF_AD_NLATTR},
		{BPF_RET | BPF_A, 0, 0, 0},
	};
	g_autofree struct sock_filter *long_code = g_new0(struct sock_filter, 70000);
	GArray *program = NULL;

	g_assert_cmpint(filter_translate(code, 2, &place, &program), ==, -EOPNOTSUPP);
	code[0].k = (guint32)SKF_AD_OFF + 2;
	g_assert_cmpint(filter_translate(code, 2, &place, &program), ==, -EINVAL);
	code[0] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, (guint32)-1};
	g_assert_cmpint(filter_translate(code, 2, &place, &program), ==, -ELOOP);
	code[0] = (struct sock_filter){BPF_JMP | BPF_JA, 0, 0, 1};
	g_assert_cmpint(filter_translate(code, 2, &place, &program), ==, -EINVAL);
	g_assert_cmpint(filter_translate(code, 0, &place, &program), ==, -EINVAL);
	g_assert_cmpint(filter_translate(long_code, 70000, &place, &program), ==, -E2BIG);
	g_assert_null(program);
}

/* Too slow to wait for at each run. */
static void test_table(void)
{
	measure("\"ip\"", "ip", true);
	measure("\"tcp port 80\"", "tcp port 80", true);
	measure_many("host HOST", 10, true);
	measure_many("host HOST", 50, true);
	measure_many("host HOST", 50, false);
	measure_many("host HOST", 100, true);
	measure_many("host HOST", 200, true);
	measure_many("host HOST", 200, false);
	measure_many("host HOST", 1000, false);
	measure_many("port PORT", 100, true);
	measure_many("port PORT", 1000, false);
	measure_many("(host HOST and tcp port PORT)", 1000, false);
	measure_many("(host HOST and tcp port PORT)", 1300, false);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter_large/parts", test_parts);
	g_test_add_func("/filter_large/far-jumps", test_far_jumps);
	g_test_add_func("/filter_large/nested", test_nested);
	g_test_add_func("/filter_large/islands", test_islands);
	g_test_add_func("/filter_large/refused", test_refused);
	if (g_test_perf())
		g_test_add_func("/filter_large/table", test_table);
	return g_test_run();
}
