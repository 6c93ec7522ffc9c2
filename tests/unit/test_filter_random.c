// SPDX-License-Identifier: GPL-2.0-or-later
/* test_filter_random.c - classic programs made at random, run over random bytes
 *
 * Property: what the kernel takes as a classic filter we take, what it refuses we refuse, and
 * over any packet both say the same. The seed is GLib's: --seed repeats what was found.
 */
#include "extcap/filter/verify.h"
#include "tests/unit/oracle.h"

#define PROGRAMS 10000
#define PACKETS	 12
#define LENGTH	 40

static guint32 rnd(guint32 below)
{
	return (guint32)g_test_rand_int_range(0, (gint32)below);
}

/* Numbers at which something happens: bounds of the copy, of words, of signs. Not those by which
 * Linux reads from the network header on, which we leave open (loads.h). */
static guint32 rnd_number(void)
{
	static const guint32 edges[] = {
		0,   1,	  2,   31,  32,	 33,	 252,	 253,	     254,	 255,
		256, 257, 258, 300, 511, 0xff00, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	switch (rnd(4)) {
	case 0:
		return edges[rnd(G_N_ELEMENTS(edges))];
	case 1:
		return (guint32)g_test_rand_int();
	default:
		return rnd(300);
	}
}

/* What a packet without a device answers with 0. The hash it computes, queue and processor differ.
 */
static guint32 rnd_ancillary(void)
{
	static const guint32 questions[] = {
		SKF_AD_PROTOCOL, SKF_AD_PKTTYPE,   SKF_AD_MARK,
		SKF_AD_VLAN_TAG, SKF_AD_VLAN_TPID, SKF_AD_VLAN_TAG_PRESENT,
	};

	return (guint32)SKF_AD_OFF + questions[rnd(G_N_ELEMENTS(questions))];
}

static struct sock_filter rnd_insn(guint behind)
{
	static const guint16 codes[] = {
		BPF_LD | BPF_W | BPF_ABS,
		BPF_LD | BPF_H | BPF_ABS,
		BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND,
		BPF_LD | BPF_H | BPF_IND,
		BPF_LD | BPF_B | BPF_IND,
		BPF_LD | BPF_W | BPF_LEN,
		BPF_LDX | BPF_W | BPF_LEN,
		BPF_LD | BPF_IMM,
		BPF_LDX | BPF_IMM,
		BPF_LDX | BPF_B | BPF_MSH,
		BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM,
		BPF_ST,
		BPF_STX,
		BPF_ALU | BPF_ADD,
		BPF_ALU | BPF_SUB,
		BPF_ALU | BPF_MUL,
		BPF_ALU | BPF_DIV,
		BPF_ALU | BPF_MOD,
		BPF_ALU | BPF_AND,
		BPF_ALU | BPF_OR,
		BPF_ALU | BPF_XOR,
		BPF_ALU | BPF_LSH,
		BPF_ALU | BPF_RSH,
		BPF_ALU | BPF_NEG,
		BPF_JMP | BPF_JA,
		BPF_JMP | BPF_JEQ,
		BPF_JMP | BPF_JGT,
		BPF_JMP | BPF_JGE,
		BPF_JMP | BPF_JSET,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_RET | BPF_K,
		BPF_RET | BPF_A,
	};
	struct sock_filter insn = {.code = codes[rnd(G_N_ELEMENTS(codes))], .k = rnd_number()};

	switch (BPF_CLASS(insn.code)) {
	case BPF_ALU:
		if (insn.code != (BPF_ALU | BPF_NEG))
			insn.code |= g_test_rand_bit() ? BPF_X : BPF_K;
		if (BPF_OP(insn.code) == BPF_LSH || BPF_OP(insn.code) == BPF_RSH)
			insn.k %= 33;
		break;
	case BPF_JMP:
		if (insn.code != (BPF_JMP | BPF_JA))
			insn.code |= g_test_rand_bit() ? BPF_X : BPF_K;
		else
			insn.k = rnd(behind);
		insn.jt = (guint8)rnd(MIN(behind, 256));
		insn.jf = (guint8)rnd(MIN(behind, 256));
		break;
	case BPF_LD:
	case BPF_LDX:
		if (BPF_MODE(insn.code) == BPF_MEM)
			insn.k %= 4;
		else if (BPF_MODE(insn.code) == BPF_ABS && !rnd(4))
			insn.k = rnd_ancillary();
		break;
	case BPF_ST:
	case BPF_STX:
		insn.k %= 4;
		break;
	}
	return insn;
}

/* Memory is often written first, so that reads of it are often taken. */
static guint rnd_program(struct sock_filter *code)
{
	guint length = 6 + rnd(LENGTH - 6), at = 0;

	if (g_test_rand_bit())
		for (; at < 4; at++)
			code[at] = (struct sock_filter){.code = at & 1 ? BPF_ST : BPF_STX, .k = at};
	for (; at < length - 1; at++)
		code[at] = rnd_insn(length - at - 1);
	code[length - 1] =
		(struct sock_filter){.code = BPF_RET | (rnd(3) ? BPF_A : BPF_K), .k = rnd(2)};
	/* Rarely, something that nobody takes. */
	if (!rnd(20))
		code[rnd(length)] = (struct sock_filter){.code = (guint16)rnd(256),
							 .jt = (guint8)rnd(LENGTH),
							 .jf = (guint8)rnd(LENGTH),
							 .k = rnd(2) ? rnd_number() : rnd(LENGTH)};
	return length;
}

static guint rnd_packet(guint8 *bytes)
{
	static const guint lengths[] = {1, 14, 34, 60, 252, 255, 256, 257, 260, 300};
	guint length = rnd(2) ? lengths[rnd(G_N_ELEMENTS(lengths))] : 1 + rnd(320);

	for (guint i = 0; i < length; i++)
		bytes[i] = (guint8)(rnd(3) ? rnd(256) : rnd(4));
	return length;
}

static char *listing(const struct sock_filter *code, guint length, const guint8 *bytes, guint size)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < length; i++)
		g_string_append_printf(text, "{0x%02x, %u, %u, 0x%x},\n", code[i].code, code[i].jt,
				       code[i].jf, code[i].k);
	g_string_append_printf(text, "over %u bytes:", size);
	for (guint i = 0; i < size; i++)
		g_string_append_printf(text, " %02x", bytes[i]);
	return g_string_free(text, FALSE);
}

/* What a packet that is here as a whole leaves open: Linux reads at its headers (loads.h). */
static bool asks_for_headers(struct ours *ours, const guint8 *bytes, guint size)
{
	ours_fill(ours, bytes, MIN(size, FILTER_BYTES));
	return ours_run(ours, 1, NULL) == FILTER_UNSURE;
}

static void compare(struct oracle *oracle, struct ours *ours, const struct sock_filter *code,
		    guint length, guint counts[3])
{
	guint8 bytes[320];

	for (guint i = 0; i < PACKETS; i++) {
		guint size = rnd_packet(bytes);
		bool truth = oracle_matches(oracle, bytes, size);

		counts[truth]++;
		if (ours_matches(ours, code, bytes, size, &counts[2]) == truth)
			continue;
		if (!asks_for_headers(ours, bytes, size)) {
			g_autofree char *text = listing(code, length, bytes, size);

			g_error("the kernel says %s:\n%s", truth ? "match" : "no match", text);
		}
		g_test_message("one asked for headers");
	}
}

static void test_same_as_kernel(void)
{
	guint taken = 0, refused = 0, counts[3] = {0};
	struct sock_filter code[LENGTH];
	struct oracle oracle;
	struct ours ours;

	oracle_open(&oracle);
	ours_open(&ours);
	for (guint i = 0; i < PROGRAMS; i++) {
		guint length = rnd_program(code);
		int theirs = oracle_attach(&oracle, code, length);
		int error = classic_verify(code, length);

		if (!theirs != !error) {
			g_autofree char *text = listing(code, length, NULL, 0);

			g_error("the kernel says %s, we say %s:\n%s", g_strerror(theirs),
				g_strerror(-error), text);
		}
		if (theirs) {
			refused++;
			continue;
		}
		error = ours_load(&ours, code, length);
		/* The table of ancillary answers has a few that it refuses. */
		if (error == -EOPNOTSUPP)
			continue;
		if (error) {
			g_autofree char *text = listing(code, length, NULL, 0);

			g_error("not loaded: %s\n%s", g_strerror(-error), text);
		}
		taken++;
		compare(&oracle, &ours, code, length, counts);
	}
	g_test_message("%u programs taken, %u refused; %u packets match, %u do not, %u were unsure",
		       taken, refused, counts[1], counts[0], counts[2]);
	g_assert_cmpuint(taken, >, PROGRAMS / 4);
	g_assert_cmpuint(refused, >, PROGRAMS / 20);
	g_assert_cmpuint(MIN(counts[0], counts[1]), >, taken);
	g_assert_cmpuint(counts[2], >, 0);
	ours_close(&ours);
	oracle_close(&oracle);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/filter_random/programs", test_same_as_kernel);
	return g_test_run();
}
