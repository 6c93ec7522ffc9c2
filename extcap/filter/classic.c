// SPDX-License-Identifier: GPL-2.0-or-later
/* classic.c - a capture filter, in libpcap's own words */
#include "extcap/filter/classic.h"

#include <pcap/pcap.h>

#include "extcap/filter/deadline.h"
#include "extcap/linktype.h"
#include "extcap/log.h"

/* Of the processor's time: a user waits once for the first, and types on during the second,
 * which each of the common link types may take. */
#define OPTIMISE_MS 1000
#define CHECK_MS    10

struct filter {
	char *expression;
	struct classic *programs[LINKTYPES];
	bool tried[LINKTYPES];
	bool late; /* the optimiser is not asked any more */
};

static struct classic *compile_optimised(struct filter *filter, struct compiler *compiler,
					 GError **error)
{
	g_autoptr(GError) first = NULL;
	struct classic *classic =
		compiler_run_within(compiler, filter->expression, OPTIMISE_MS, false, &first);

	if (classic)
		return classic;
	if (first->code != FILTER_ERROR_LATE) {
		g_propagate_error(error, g_steal_pointer(&first));
		return NULL;
	}
	log_info("the filter is not optimised: that takes longer than a second");
	filter->late = true;
	return compiler_run(compiler, filter->expression, false, error);
}

static bool compile_for(struct filter *filter, guint kind, bool optimise, GError **error)
{
	struct compiler *compiler = compiler_new(linktypes[kind].link_type);
	g_autoptr(GError) wrong = NULL;

	filter->tried[kind] = true;
	filter->programs[kind] =
		optimise && !filter->late
			? compile_optimised(filter, compiler, &wrong)
			: compiler_run(compiler, filter->expression, false, &wrong);
	compiler_free(compiler);
	if (filter->programs[kind])
		return true;
	log_warning("the filter \"%s\" captures nothing on %s: %s", filter->expression,
		    linktypes[kind].name, wrong->message);
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}

struct filter *filter_compile(const char *expression, GError **error)
{
	struct filter *filter = g_new0(struct filter, 1);
	g_autoptr(GError) first = NULL;
	bool any = false;

	filter->expression = g_strdup(expression);
	for (guint kind = 0; kind < LINKTYPES_COMMON; kind++)
		if (compile_for(filter, kind, true, first ? NULL : &first))
			any = true;
	if (any)
		return filter;
	g_propagate_error(error, g_steal_pointer(&first));
	filter_free(filter);
	return NULL;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (guint i = 0; i < LINKTYPES; i++)
		g_free(filter->programs[i]);
	g_free(filter->expression);
	g_free(filter);
}

static bool run(const struct classic *classic, const guint8 *bytes, guint32 captured,
		guint32 length)
{
	struct pcap_pkthdr header = {.caplen = captured, .len = length};
	struct bpf_program program = {.bf_len = classic->length,
				      .bf_insns = (struct bpf_insn *)(void *)classic->code};

	return pcap_offline_filter(&program, &header, bytes);
}

/* The first packet of a rare kind compiles for it. */
static const struct classic *program_for(struct filter *filter, guint kind)
{
	if (!filter->tried[kind])
		compile_for(filter, kind, false, NULL);
	return filter->programs[kind];
}

bool filter_matches(struct filter *filter, guint16 link_type, const guint8 *bytes, guint32 captured,
		    guint32 length)
{
	const struct classic *classic = NULL;

	for (guint kind = 0; kind < LINKTYPES; kind++)
		if (linktypes[kind].link_type == link_type)
			classic = program_for(filter, kind);
	return classic && run(classic, bytes, captured, length);
}

/* A message repeats what was typed. */
static char *one_line(const char *text)
{
	char *line = g_strdup(text);

	for (char *c = line; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	return line;
}

bool filter_check(const char *expression, char **words)
{
	*words = NULL;
	for (guint kind = 0; kind < LINKTYPES_COMMON; kind++) {
		struct compiler *compiler = compiler_new(linktypes[kind].link_type);
		g_autoptr(GError) error = NULL;
		g_autofree struct classic *classic =
			compiler_run_within(compiler, expression, CHECK_MS, true, &error);

		compiler_free(compiler);
		if (classic) {
			g_clear_pointer(words, g_free);
			return true;
		}
		if (error->code != FILTER_ERROR_WRONG) {
			g_clear_pointer(words, g_free);
			return false;
		}
		if (!*words)
			*words = one_line(error->message);
	}
	return true;
}
