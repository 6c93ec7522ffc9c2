// SPDX-License-Identifier: GPL-2.0-or-later
/* interface.c - the sources "ptcpdump.if.NAME": one interface of our own namespace
 *
 * Names are the administrator's, and the kernel allows nearly any byte in them.
 * What Wireshark could not name back to us, or what would read as an index, goes
 * by the index: "ptcpdump.if.@7" (source.h has the rule).
 */
#include "extcap/sources/source.h"

#include "extcap/linktype.h"
#include "extcap/sentence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PREFIX "ptcpdump.if."

/*
 * Each source costs Wireshark about 11 ms per start, and again whenever an interface
 * comes or goes, so a host with hundreds of containers must not list each one's veth.
 * "ptcpdump.any" has them all, and a name that is not listed works by hand.
 */
#define LISTED_MAX 32

struct listed {
	unsigned int index;
	const char *name;
	short flags; /* IFF_*; 0 when it went away meanwhile */
};

static bool goes_by_index(const char *name)
{
	return name[0] == '@' || !sentence_is_name(name);
}

static short flags_of(int sock, const char *name)
{
	struct ifreq request = {0};

	g_strlcpy(request.ifr_name, name, sizeof(request.ifr_name));
	return ioctl(sock, SIOCGIFFLAGS, &request) == 0 ? request.ifr_flags : 0;
}

/* Those that are up come first, and the old before the young: what a machine starts
 * with has low indices, what is made for each container has high ones. */
static int by_use(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;
	bool a_up = a->flags & IFF_UP, b_up = b->flags & IFF_UP;

	if (a_up != b_up)
		return a_up ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void tell(const struct listed *interface, source_found found, void *data)
{
	bool loopback = interface->flags & IFF_LOOPBACK;
	g_autofree char *name = NULL;
	g_autofree char *display = g_strdup_printf("%s%s with processes", interface->name,
						   loopback ? " (loopback)" : "");

	if (goes_by_index(interface->name))
		name = g_strdup_printf(PREFIX "@%u", interface->index);
	else
		name = g_strconcat(PREFIX, interface->name, NULL);
	found(name, display, data);
}

static void interface_list(source_found found, void *data)
{
	g_autoptr(GArray) interfaces = g_array_new(FALSE, FALSE, sizeof(struct listed));
	struct if_nameindex *all = if_nameindex();
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		struct listed listed = {one->if_index, one->if_name, flags_of(sock, one->if_name)};

		g_array_append_val(interfaces, listed);
	}
	qsort(interfaces->data, interfaces->len, sizeof(struct listed), by_use);
	for (guint i = 0; i < MIN(interfaces->len, LISTED_MAX); i++)
		tell(&g_array_index(interfaces, struct listed, i), found, data);

	if (sock >= 0)
		close(sock);
	if (all)
		if_freenameindex(all);
}

static bool not_there(const char *which, GError **error)
{
	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture on interface \"%s\": there is none of that %s here; "
		    "\"ip link\" lists the interfaces, \"tshark -D\" the sources.",
		    which, which[0] == '@' ? "index" : "name");
	return false;
}

static bool parse_index(const char *digits, unsigned int *index)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(digits, 10, 1, G_MAXINT32, &number, NULL))
		return false;
	*index = number;
	return true;
}

static bool interface_parse(const char *which, struct source *source, GError **error)
{
	if (which[0] == '@') {
		if (!parse_index(which + 1, &source->ifindex) ||
		    !if_indextoname(source->ifindex, source->ifname))
			return not_there(which, error);
		return true;
	}
	/* A longer name would be cut to one that may be another interface's. */
	if (strlen(which) >= sizeof(source->ifname))
		return not_there(which, error);
	source->ifindex = if_nametoindex(which);
	if (source->ifindex == 0)
		return not_there(which, error);
	g_strlcpy(source->ifname, which, sizeof(source->ifname));
	return true;
}

static int interface_link_type(const char *which)
{
	struct source source;
	guint kinds = interface_parse(which, &source, NULL) ? linktypes_present(source.ifname) : 0;

	/* Just gone: Wireshark will notice by itself. */
	return linktypes[kinds ? g_bit_nth_lsf(kinds, -1) : LINK_ETHERNET].dlt;
}

const struct source_class source_interface = {
	.name = PREFIX,
	.lasting = true,
	.parse = interface_parse,
	.list = interface_list,
	.link_type = interface_link_type,
};
