// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter.c - capture filters in the kernel say what the kernel's own classic filter says
 *
 * Every expression over every frame: those of the manual optimised and not, and others made by its
 * grammar. Frames are whole, cut, mutated, and as large as offload makes them; of some only the
 * headers are in one piece.
 */
#include "extcap/filter/compile.h"
#include "extcap/filter/verify.h"
#include "extcap/linktype.h"
#include "tests/unit/expressions.h"
#include "tests/unit/frames.h"
#include "tests/unit/grammar.h"
#include "tests/unit/manual.h"
#include "tests/unit/oracle.h"

struct bench {
	struct oracle oracle;
	struct ours ours;
	struct compiler *compiler;
	GPtrArray *frames;
	guint expressions, programs, invalid, refused, matches, rest, unsure;
};

/* The fewest over which an expression is tried. */
#define FRAMES	    2000
#define EXPRESSIONS 300

static void bench_open(struct bench *bench, guint16 link_type)
{
	guint skip = link_type == LINKTYPE_RAW ? 14 : 0;

	memset(bench, 0, sizeof(*bench));
	oracle_open(&bench->oracle);
	ours_open(&bench->ours);
	bench->compiler = compiler_new(link_type);
	bench->frames = frames_all(skip);
	frames_add_mutated(bench->frames, skip, link_type == LINKTYPE_RAW ? 10 : 4);
	frames_add_large(bench->frames, skip);
	g_assert_cmpuint(bench->frames->len, >=, FRAMES);
}

static void bench_close(struct bench *bench)
{
	g_test_message("%u expressions: %u programs (%u invalid here, %u refused by both) x %u "
		       "frames: %u matches, %u others, %u were unsure",
		       bench->expressions, bench->programs, bench->invalid, bench->refused,
		       bench->frames->len, bench->matches, bench->rest, bench->unsure);
	/* Loops, and where libpcap forgets to write what it reads ("geneve or ..."). */
	g_assert_cmpuint(bench->refused, <, bench->programs / 4);
	g_assert_cmpuint(bench->unsure, >, 0);
	g_assert_cmpuint(bench->matches, >, bench->rest / 100);
	oracle_close(&bench->oracle);
	ours_close(&bench->ours);
	compiler_free(bench->compiler);
	g_ptr_array_unref(bench->frames);
}

/* What of a frame is in one piece: of every seventh the headers alone. */
static guint linear_of(const GByteArray *frame, guint i)
{
	return i % 7 || frame->len <= 54 ? frame->len : 54;
}

static void run_frame(struct bench *bench, const struct classic *classic, const char *expression,
		      guint i)
{
	const GByteArray *frame = g_ptr_array_index(bench->frames, i);
	bool truth = oracle_matches(&bench->oracle, frame->data, frame->len);
	guint before = bench->unsure, linear = linear_of(frame, i);

	if (ours_matches_linear(&bench->ours, classic->code, frame->data, frame->len, linear,
				&bench->unsure) != truth)
		g_error("\"%s\" over frame %u (%u bytes): the kernel says %s", expression, i,
			frame->len, truth ? "match" : "no match");
	/* Only what is longer than the copy may leave it open. */
	if (bench->unsure > before && frame->len <= FILTER_BYTES && linear == frame->len)
		g_error("\"%s\" over frame %u (%u bytes): unsure", expression, i, frame->len);
	if (truth)
		bench->matches++;
	else
		bench->rest++;
}

/* Return: whether libpcap takes it. */
static bool run_expression(struct bench *bench, const char *expression, bool optimise)
{
	g_autoptr(GError) error = NULL;
	g_autofree struct classic *classic =
		compiler_run(bench->compiler, expression, optimise, &error);
	int status;

	if (!classic) {
		bench->invalid++;
		return false;
	}
	status = oracle_attach(&bench->oracle, classic->code, classic->length);
	/* Before 6.7 a socket has 20 KiB for its options: some that are not optimised are larger.
	 */
	if (status == ENOMEM)
		return true;
	g_assert_cmpint(!classic_verify(classic->code, classic->length), ==, !status);
	if (status) {
		bench->refused++;
		return true;
	}
	status = ours_load(&bench->ours, classic->code, classic->length);
	if (status)
		g_error("\"%s\": %s", expression, g_strerror(-status));
	bench->programs++;
	for (guint i = 0; i < bench->frames->len; i++)
		run_frame(bench, classic, expression, i);
	return true;
}

static void run_list(struct bench *bench, const char *const *expressions, guint count)
{
	for (guint i = 0; i < count; i++) {
		bool taken = run_expression(bench, expressions[i], true);

		bench->expressions += run_expression(bench, expressions[i], false) || taken;
	}
}

/* Of an expression that is made by chance one program will do. */
static void run_grammar(struct bench *bench, guint count)
{
	for (guint i = 0; i < count; i++) {
		g_autofree char *expression = grammar_expression(i % 3);

		bench->expressions += run_expression(bench, expression, g_test_rand_bit());
	}
}

static void run_all(guint16 link_type)
{
	struct bench bench;

	bench_open(&bench, link_type);
	run_list(&bench, primitives, G_N_ELEMENTS(primitives));
	run_list(&bench, manual, G_N_ELEMENTS(manual));
	run_list(&bench, combined, G_N_ELEMENTS(combined));
	run_grammar(&bench, 300);
	g_assert_cmpuint(bench.expressions, >=, EXPRESSIONS);
	bench_close(&bench);
}

static void test_ethernet(void)
{
	run_all(LINKTYPE_ETHERNET);
}

static void test_raw(void)
{
	run_all(LINKTYPE_RAW);
}

/* Frames in the air, built like the others. */
#define AIR   "020000000002 020000000001 ffffffffffff 1000"
#define SNAP  "aaaa03 000000 0800" IP("06", "003c") TCP("9c40", "0050", "02")
#define RADIO "0000 0800 00000000"

static const char *const air_texts[] = {
	"0801 0000" AIR SNAP,
	"8802 0000" AIR "0000" SNAP,
	"0803 0000" AIR "020000000001" SNAP,
	"0840 0000" AIR SNAP,
	"0842 0000" AIR
	"aaaa03 000000 0806 0001 0800 0604 0001 020000000001 0a4d0001 00{6} 0a4d0002",
	"8000 0000 ffffffffffff 020000000001 020000000001 2000 00{40}",
	"4000 0000 ffffffffffff 020000000001 ffffffffffff 2000 00{20}",
	"c000 0000" AIR "0700",
	"d400 0000 020000000001",
	"b400 0000 020000000002 020000000001",
	"4801 0000" AIR,
};

static void run_air(guint16 link_type, const char *front)
{
	struct bench bench;

	bench_open(&bench, link_type);
	for (guint i = 0; i < G_N_ELEMENTS(air_texts) * 20; i++) {
		g_autofree char *text = g_strconcat(front, air_texts[i / 20], NULL);
		GByteArray *frame = frame_bytes(text);

		if (i % 20)
			frame_mutate(frame);
		g_ptr_array_add(bench.frames, frame);
	}
	run_list(&bench, wireless, G_N_ELEMENTS(wireless));
	g_assert_cmpuint(bench.programs, >, G_N_ELEMENTS(wireless));
	bench_close(&bench);
}

static void test_wireless(void)
{
	run_air(LINKTYPE_IEEE802_11, "");
}

static void test_radiotap(void)
{
	run_air(LINKTYPE_RADIOTAP, RADIO);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter/ethernet", test_ethernet);
	g_test_add_func("/filter/raw", test_raw);
	g_test_add_func("/filter/wireless", test_wireless);
	g_test_add_func("/filter/radiotap", test_radiotap);
	return g_test_run();
}
