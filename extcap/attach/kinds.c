// SPDX-License-Identifier: GPL-2.0-or-later
/* kinds.c - the devices that receive below the tracepoint, by their kinds */
#include "extcap/attach/kinds.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "extcap/seal.h"

SEAL_NEEDS_WHERE("socket", 0, ~0U, AF_NETLINK);
SEAL_NEEDS("bind getsockname sendto recvmsg");

/* As rtnetlink calls them (IFLA_INFO_KIND): those whose receive handler puts another device
 * into the packet and has the kernel begin anew (RX_HANDLER_ANOTHER), and VLAN. What else
 * stands above a device (bridge, vxlan, tunnels) receives its packets once more as a whole. */
static const char *const kinds[] = {
	"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "bond", "team", "macsec",
};

struct search {
	uint32_t ifindex;
	device_found found;
	void *data;
};

static bool is_such_a_kind(const char *kind)
{
	for (unsigned int i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

static int on_info(const struct nlattr *attribute, void *data)
{
	const char **kind = data;

	if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND &&
	    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
		*kind = mnl_attr_get_str(attribute);
	return MNL_CB_OK;
}

struct described {
	const char *name;
	const char *kind;
};

static int on_attribute(const struct nlattr *attribute, void *data)
{
	struct described *described = data;

	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			described->name = mnl_attr_get_str(attribute);
		break;
	case IFLA_LINKINFO:
		if (mnl_attr_validate(attribute, MNL_TYPE_NESTED) == 0)
			mnl_attr_parse_nested(attribute, on_info, &described->kind);
		break;
	}
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct search *search = data;
	struct described described = {0};

	if (message->nlmsg_type != RTM_NEWLINK)
		return MNL_CB_OK;
	if (search->ifindex && (uint32_t)info->ifi_index != search->ifindex)
		return MNL_CB_OK;
	mnl_attr_parse(message, sizeof(*info), on_attribute, &described);
	if (described.name && is_such_a_kind(described.kind))
		search->found(info->ifi_index, described.name, search->data);
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *socket)
{
	char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
	return mnl_socket_sendto(socket, message, message->nlmsg_len) < 0 ? -errno : 0;
}

static int read_answer(struct mnl_socket *socket, struct search *search)
{
	char buffer[32768]; /* the kernel's most for a part of a list */
	int result = MNL_CB_OK;

	while (result > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (n < 0)
			return -errno;
		result = mnl_cb_run(buffer, n, 0, 0, on_link, search);
	}
	return result < 0 ? -errno : 0;
}

int devices_find(uint32_t ifindex, device_found found, void *data)
{
	struct search search = {.ifindex = ifindex, .found = found, .data = data};
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err;

	if (!socket)
		return -errno;
	err = ask(socket);
	if (!err)
		err = read_answer(socket, &search);
	mnl_socket_close(socket);
	return err;
}
