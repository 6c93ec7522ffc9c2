// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter.c - capture filters in the kernel say what the kernel's own classic filter says
 *
 * Every expression over every frame, optimised and not, and each of them combined with others.
 */
#include "extcap/filter/compile.h"
#include "extcap/filter/verify.h"
#include "extcap/linktype.h"
#include "tests/unit/expressions.h"
#include "tests/unit/frames.h"
#include "tests/unit/oracle.h"

struct bench {
	struct oracle oracle;
	struct ours ours;
	struct compiler *compiler;
	GPtrArray *frames;
	guint programs, invalid, refused, matches, rest, unsure;
};

static void bench_open(struct bench *bench, guint16 link_type)
{
	memset(bench, 0, sizeof(*bench));
	oracle_open(&bench->oracle);
	ours_open(&bench->ours);
	bench->compiler = compiler_new(link_type);
	bench->frames = frames_all(link_type == LINKTYPE_RAW ? 14 : 0);
}

static void bench_close(struct bench *bench)
{
	g_test_message("%u programs (%u invalid here, %u refused by both) x %u frames: %u matches, "
		       "%u others, %u were unsure",
		       bench->programs, bench->invalid, bench->refused, bench->frames->len,
		       bench->matches, bench->rest, bench->unsure);
	/* Loops, and where libpcap forgets to write what it reads ("geneve or ..."). */
	g_assert_cmpuint(bench->refused, <, bench->programs / 4);
	g_assert_cmpuint(bench->unsure, >, 0);
	g_assert_cmpuint(bench->matches, >, bench->rest / 100);
	oracle_close(&bench->oracle);
	ours_close(&bench->ours);
	compiler_free(bench->compiler);
	g_ptr_array_unref(bench->frames);
}

static void run_frame(struct bench *bench, const struct classic *classic, const char *expression,
		      guint i)
{
	const GByteArray *frame = g_ptr_array_index(bench->frames, i);
	bool truth = oracle_matches(&bench->oracle, frame->data, frame->len);
	guint before = bench->unsure;

	if (ours_matches(&bench->ours, classic->code, frame->data, frame->len, &bench->unsure) !=
	    truth)
		g_error("\"%s\" over frame %u (%u bytes): the kernel says %s", expression, i,
			frame->len, truth ? "match" : "no match");
	/* Only what is longer than the copy may leave it open. */
	if (bench->unsure > before && frame->len <= FILTER_BYTES)
		g_error("\"%s\" over frame %u (%u bytes): unsure", expression, i, frame->len);
	if (truth)
		bench->matches++;
	else
		bench->rest++;
}

static void run_expression(struct bench *bench, const char *expression, bool optimise)
{
	g_autoptr(GError) error = NULL;
	g_autofree struct classic *classic =
		compiler_run(bench->compiler, expression, optimise, &error);
	int status;

	if (!classic) {
		bench->invalid++;
		return;
	}
	status = oracle_attach(&bench->oracle, classic->code, classic->length);
	/* Before 6.7 a socket has 20 KiB for its options: some that are not optimised are larger.
	 */
	if (status == ENOMEM)
		return;
	g_assert_cmpint(!classic_verify(classic->code, classic->length), ==, !status);
	if (status) {
		bench->refused++;
		return;
	}
	status = ours_load(&bench->ours, classic->code, classic->length);
	if (status)
		g_error("\"%s\": %s", expression, g_strerror(-status));
	bench->programs++;
	for (guint i = 0; i < bench->frames->len; i++)
		run_frame(bench, classic, expression, i);
}

static void run_all(guint16 link_type)
{
	struct bench bench;

	bench_open(&bench, link_type);
	for (guint i = 0; i < G_N_ELEMENTS(primitives); i++) {
		run_expression(&bench, primitives[i], true);
		run_expression(&bench, primitives[i], false);
	}
	for (guint i = 0; i < G_N_ELEMENTS(combined); i++) {
		run_expression(&bench, combined[i], true);
		run_expression(&bench, combined[i], false);
	}
	g_assert_cmpuint(bench.programs, >, 150);
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

/* Any two or three of them, by chance. */
static void test_combinations(void)
{
	struct bench bench;

	bench_open(&bench, LINKTYPE_ETHERNET);
	for (guint i = 0; i < 150; i++) {
		static const char *const joints[] = {"and", "or", "and not", "or not"};
		g_autofree char *text = g_strdup_printf(
			"(%s) %s (%s) %s (%s)",
			primitives[g_test_rand_int_range(0, G_N_ELEMENTS(primitives))],
			joints[g_test_rand_int_range(0, G_N_ELEMENTS(joints))],
			primitives[g_test_rand_int_range(0, G_N_ELEMENTS(primitives))],
			joints[g_test_rand_int_range(0, G_N_ELEMENTS(joints))],
			primitives[g_test_rand_int_range(0, G_N_ELEMENTS(primitives))]);

		run_expression(&bench, text, g_test_rand_bit());
	}
	g_assert_cmpuint(bench.programs, >, 50);
	bench_close(&bench);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter/ethernet", test_ethernet);
	g_test_add_func("/filter/raw", test_raw);
	g_test_add_func("/filter/combinations", test_combinations);
	return g_test_run();
}
