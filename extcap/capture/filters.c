// SPDX-License-Identifier: GPL-2.0-or-later
/* filters.c - the capture filter of a session, from what the options say */
#include "extcap/capture/filters.h"

#include "extcap/filter/join.h"
#include "extcap/linktype.h"
#include "extcap/log.h"
#include "extcap/privilege.h"
#include "extcap/sentence.h"

#define FIELD  "capture filter"
#define DIALOG "dialog's capture filter (--capture-filter)"
#define BOTH   "capture filter and the dialog's together"

static void set_live_error(GError **error, const GError *why)
{
	g_set_error(error, OPTIONS_ERROR, 0,
		    "cannot compile a filter with \"vlan\": %s; it takes a loopback interface that "
		    "is up (ip link set lo up) and CAP_NET_RAW: run it as root, or "
		    "once: " PRIVILEGE_OF_ENGINE,
		    why->message);
}

static void set_wrong_error(GError **error, const char *which, const char *expression,
			    const GError *why)
{
	g_autofree char *seen = sentence_printable(expression, 60);

	g_set_error(error, OPTIONS_ERROR, 0, "the %s \"%s\" cannot be used: %s (pcap-filter(7)).",
		    which, seen, why->message);
}

/* By itself: on one of the common kinds of links it must be right. */
static bool is_right(const char *which, const char *expression, guint32 netmask, GError **error)
{
	g_autoptr(GError) why = NULL;

	for (guint kind = 0; kind < LINKTYPES_COMMON; kind++) {
		struct compiler *compiler = compiler_new(linktypes[kind].link_type);
		g_autofree struct classic *classic = NULL;

		compiler_set_netmask(compiler, netmask);
		classic = compiler_run(compiler, expression, false, why ? NULL : &why);
		compiler_free(compiler);
		if (classic)
			return true;
	}
	set_wrong_error(error, which, expression, why);
	return false;
}

/* To be freed; NULL: none, or an error. */
static char *expression_of(const struct options *options, guint32 netmask, GError **error)
{
	char *both;

	if (!options->filter || !options->capture_filter)
		return g_strdup(options->filter ? options->filter : options->capture_filter);
	if (!is_right(FIELD, options->filter, netmask, error) ||
	    !is_right(DIALOG, options->capture_filter, netmask, error))
		return NULL;
	both = filter_join(options->filter, options->capture_filter, error);
	if (both)
		log_warning("packets must match two filters, the capture filter and the "
			    "dialog's: %s",
			    both);
	return both;
}

static struct filter *compile(const char *which, const char *expression, guint32 netmask,
			      GError **error)
{
	g_autoptr(GError) why = NULL;
	struct compiler *live = NULL;
	struct filter *filter;

	if (filter_needs_live(expression)) {
		privilege_raise_filter();
		live = compiler_new_live(&why);
		privilege_lower();
		if (!live) {
			set_live_error(error, why);
			return NULL;
		}
	}
	filter = filter_compile(expression, live, netmask, &why);
	compiler_free(live);
	if (!filter)
		set_wrong_error(error, which, expression, why);
	return filter;
}

/* On one interface there is nothing else to capture. */
static bool suits_interface(const struct filter *filter, const char *interface, GError **error)
{
	guint kinds = interface ? linktypes_present(interface) : 0;
	const char *refusal = kinds ? filter_refusal(filter, g_bit_nth_lsf(kinds, -1)) : NULL;

	if (!refusal)
		return true;
	g_set_error(error, OPTIONS_ERROR, 0,
		    "the filter can capture nothing on interface %s: %s; choose another one.",
		    interface, refusal);
	return false;
}

bool filters_open(struct filter **filter, const struct source *source,
		  const struct options *options, GError **error)
{
	const char *interface = source->kind == SOURCE_INTERFACE ? source->ifname : NULL;
	guint32 netmask = netmask_of(interface);
	g_autofree char *expression = NULL;

	*filter = NULL;
	if (!options->filter && !options->capture_filter)
		return true;
	expression = expression_of(options, netmask, error);
	if (!expression)
		return false;
	*filter = compile(!options->capture_filter ? FIELD
			  : options->filter	   ? BOTH
						   : DIALOG,
			  expression, netmask, error);
	return *filter && suits_interface(*filter, interface, error);
}
