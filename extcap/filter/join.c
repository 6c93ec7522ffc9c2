// SPDX-License-Identifier: GPL-2.0-or-later
/* join.c - two capture filters that must both hold, as one */
#include "extcap/filter/join.h"

#include <stdbool.h>
#include <string.h>

#include "extcap/filter/compile.h"

static bool looks_inside(const char *expression)
{
	static const char *const words[] = {"vlan", "mpls", "pppoes", "geneve"};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(expression, words[i]))
			return true;
	return false;
}

char *filter_join(const char *one, const char *other, GError **error)
{
	bool inside = looks_inside(one);

	if (inside && looks_inside(other)) {
		g_set_error_literal(
			error, FILTER_ERROR, FILTER_ERROR_WRONG,
			"two capture filters are given, and both look inside of packets "
			"(vlan, mpls, pppoes, geneve), so that the second would look "
			"inside of what the first has found: make one of them.");
		return NULL;
	}
	return inside ? g_strdup_printf("(%s) and (%s)", other, one)
		      : g_strdup_printf("(%s) and (%s)", one, other);
}
