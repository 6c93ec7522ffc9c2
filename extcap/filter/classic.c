// SPDX-License-Identifier: GPL-2.0-or-later
/* classic.c - a capture filter, in libpcap's own words */
#include "extcap/filter/classic.h"

#include <pcap/pcap.h>

#include "extcap/linktype.h"
#include "extcap/log.h"
#include "extcap/options.h"

#define SNAPSHOT_LENGTH 262144

static const struct {
	guint16 link_type;
	const char *name;
} kinds[] = {
	{LINKTYPE_ETHERNET, "Ethernet"},
	{LINKTYPE_RAW, "interfaces without a link layer"},
};

struct filter {
	struct bpf_program programs[G_N_ELEMENTS(kinds)];
	bool valid[G_N_ELEMENTS(kinds)];
};

static bool compile_one(struct filter *filter, guint kind, const char *expression, char **message)
{
	pcap_t *handle = pcap_open_dead(linktype_dlt(kinds[kind].link_type), SNAPSHOT_LENGTH);
	int result =
		pcap_compile(handle, &filter->programs[kind], expression, 1, PCAP_NETMASK_UNKNOWN);

	filter->valid[kind] = result == 0;
	if (result)
		*message = g_strdup(pcap_geterr(handle));
	pcap_close(handle);
	return result == 0;
}

struct filter *filter_compile(const char *expression, GError **error)
{
	struct filter *filter = g_new0(struct filter, 1);
	g_autofree char *first = NULL;
	bool any = false;

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *message = NULL;

		if (compile_one(filter, i, expression, &message)) {
			any = true;
			continue;
		}
		log_warning("the filter \"%s\" captures nothing on %s: %s", expression,
			    kinds[i].name, message);
		if (!first)
			first = g_steal_pointer(&message);
	}
	if (any)
		return filter;
	g_set_error_literal(error, OPTIONS_ERROR, 0, first);
	filter_free(filter);
	return NULL;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (filter->valid[i])
			pcap_freecode(&filter->programs[i]);
	g_free(filter);
}

bool filter_matches(const struct filter *filter, guint16 link_type, const guint8 *bytes,
		    guint32 captured, guint32 length)
{
	struct pcap_pkthdr header = {.caplen = captured, .len = length};

	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (kinds[i].link_type == link_type)
			return filter->valid[i] &&
			       pcap_offline_filter(&filter->programs[i], &header, bytes);
	return false;
}
