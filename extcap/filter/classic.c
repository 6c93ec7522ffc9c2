// SPDX-License-Identifier: GPL-2.0-or-later
/* classic.c - a capture filter, compiled for every kind of link */
#include "extcap/filter/classic.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "extcap/filter/ancillary.h"
#include "extcap/filter/deadline.h"
#include "extcap/filter/verify.h"
#include "extcap/linktype.h"
#include "extcap/log.h"

/* Of the processor's time: a user waits for it once. */
#define OPTIMISE_MS 1000

struct filter {
	char *expression;
	struct classic *programs[LINK_KINDS];
	char *refusals[LINK_KINDS]; /* why there is no program */
	bool late;		    /* the optimiser is not asked any more */
	guint32 netmask;
};

bool filter_needs_live(const char *expression)
{
	return strstr(expression, "vlan");
}

/* What libpcap makes, the kernel may still refuse: "protochain" walks through headers in a loop.
 * tcpdump then filters by itself, all packets. */
static bool is_sound(const struct classic *classic, GError **error)
{
	int err = classic_verify(classic->code, classic->length);

	if (!err)
		return true;
	if (err == -ELOOP)
		g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_WRONG,
				    "\"protochain\" is a loop, which no filter in the kernel may "
				    "have: name the header, as in \"ip6 proto 6\"");
	else
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_WRONG,
			    "the filter is too large: %u instructions, and %d are possible",
			    classic->length, CLASSIC_LENGTH_MAX);
	return false;
}

static struct classic *sound(struct classic *classic, GError **error)
{
	if (classic && !is_sound(classic, error))
		g_clear_pointer(&classic, g_free);
	return classic;
}

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

static bool compile_with(struct filter *filter, struct compiler *compiler, enum link_kind kind,
			 GError **error)
{
	bool optimise = kind < LINKTYPES_COMMON && !filter->late;
	g_autoptr(GError) wrong = NULL;
	struct classic *classic;

	compiler_set_netmask(compiler, filter->netmask);
	classic = optimise ? compile_optimised(filter, compiler, &wrong)
			   : compiler_run(compiler, filter->expression, false, &wrong);
	filter->programs[kind] = sound(classic, &wrong);
	if (filter->programs[kind])
		return true;
	filter->refusals[kind] = g_strdup(wrong->message);
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}

static bool compile_for(struct filter *filter, enum link_kind kind, GError **error)
{
	struct compiler *compiler = compiler_new(linktypes[kind].link_type);
	bool done = compile_with(filter, compiler, kind, error);

	compiler_free(compiler);
	return done;
}

struct filter *filter_compile(const char *expression, struct compiler *live, guint32 netmask,
			      GError **error)
{
	struct filter *filter = g_new0(struct filter, 1);
	g_autoptr(GError) first = NULL, second = NULL;
	bool ethernet, raw;

	filter->expression = g_strdup(expression);
	filter->netmask = netmask;
	ethernet = live ? compile_with(filter, live, LINK_ETHERNET, &first)
			: compile_for(filter, LINK_ETHERNET, &first);
	/* A name server that does not know a name is not asked for it again. */
	raw = !(first && first->code == FILTER_ERROR_NAMES) &&
	      compile_for(filter, LINK_RAW, &second);
	if (!ethernet && !raw) {
		g_propagate_error(error, g_steal_pointer(&first));
		filter_free(filter);
		return NULL;
	}
	for (guint kind = LINKTYPES_COMMON; kind < LINK_KINDS && !filter->late; kind++)
		compile_for(filter, kind, NULL);
	return filter;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (guint i = 0; i < LINK_KINDS; i++) {
		g_free(filter->programs[i]);
		g_free(filter->refusals[i]);
	}
	g_free(filter->expression);
	g_free(filter);
}

const char *filter_expression(const struct filter *filter)
{
	return filter->expression;
}

const struct classic *filter_program(const struct filter *filter, enum link_kind kind)
{
	return filter->programs[kind];
}

const char *filter_refusal(const struct filter *filter, enum link_kind kind)
{
	return filter->refusals[kind];
}

bool filter_is_open(const struct filter *filter, enum link_kind kind)
{
	return !filter->programs[kind] && !filter->refusals[kind];
}

static bool program_asks(const struct classic *classic)
{
	for (guint i = 0; classic && i < classic->length; i++)
		if (ancillary_is(&classic->code[i]))
			return true;
	return false;
}

bool filter_asks(const struct filter *filter)
{
	for (guint kind = 0; kind < LINK_KINDS; kind++)
		if (program_asks(filter->programs[kind]))
			return true;
	return false;
}

bool filter_matches(struct filter *filter, enum link_kind kind, const struct filter_packet *packet,
		    const struct filter_context *context)
{
	if (filter_is_open(filter, kind))
		compile_for(filter, kind, NULL);
	return filter->programs[kind] &&
	       classic_matches(filter->programs[kind]->code, packet, context);
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

/* What the check finds on one kind of link: one of enum filter_answer. */
static enum filter_answer check_for(const char *expression, enum link_kind kind, guint32 netmask,
				    guint ms, char **words)
{
	struct compiler *compiler = compiler_new(linktypes[kind].link_type);
	g_autoptr(GError) error = NULL;
	g_autofree struct classic *classic = NULL;

	compiler_set_netmask(compiler, netmask);
	classic = sound(compiler_run_within(compiler, expression, ms, true, &error), &error);
	compiler_free(compiler);
	if (classic)
		return FILTER_GOOD;
	if (error->code != FILTER_ERROR_WRONG)
		return FILTER_UNKNOWN;
	*words = one_line(error->message);
	return FILTER_BAD;
}

/* What the children that have ended took of the processor. */
static gint64 children_ms(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

/* Good somewhere and bad elsewhere. */
static enum filter_answer in_part(enum link_kind bad, char **words)
{
	char *what = *words;

	*words = g_strdup_printf("captures nothing on %s: %s", linktypes[bad].name, what);
	g_free(what);
	return FILTER_UNKNOWN;
}

enum filter_answer filter_check(const char *expression, const struct filter_links *links, guint ms,
				char **words)
{
	gint64 end = children_ms() + ms;
	guint good = 0, bad = 0;

	*words = NULL;
	for (guint kind = 0; kind < LINK_KINDS; kind++) {
		g_autofree char *here = NULL;
		enum filter_answer answer = FILTER_GOOD;

		if (!(links->kinds & 1U << kind))
			continue;
		answer = check_for(expression, kind, links->netmask,
				   (guint)MAX(end - children_ms(), 1), &here);
		if (answer == FILTER_UNKNOWN) {
			g_clear_pointer(words, g_free);
			return answer;
		}
		if (answer == FILTER_GOOD)
			good |= 1U << kind;
		else
			bad |= 1U << kind;
		if (here && !*words)
			*words = g_steal_pointer(&here);
	}
	if (!bad)
		return FILTER_GOOD;
	return good ? in_part(g_bit_nth_lsf(bad, -1), words) : FILTER_BAD;
}
