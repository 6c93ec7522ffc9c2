// SPDX-License-Identifier: GPL-2.0-or-later
/* hook.c - one program on the ingress of one device */
#include "extcap/attach/hook.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extcap/seal.h"

SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_PROG_QUERY);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_LINK_CREATE);
SEAL_NEEDS_WHERE("bpf", 0, ~0U, BPF_OBJ_GET_INFO_BY_FD);
SEAL_NEEDS("setsockopt");

/* Of tcx (6.6) neither libbpf 1.1 nor this machine's linux/bpf.h know. The kernel's ABI: */
#define BPF_TCX_INGRESS 46
#define BPF_F_BEFORE	(1U << 3) /* without an anchor: before all others */

struct create_attr {
	uint32_t program;
	uint32_t ifindex;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t anchor;
	uint32_t reserved;
	uint64_t expected_revision;
};

struct query_attr {
	uint32_t ifindex;
	uint32_t attach_type;
	uint32_t query_flags;
	uint32_t attach_flags;
	uint64_t ids;
	uint32_t count;
	uint32_t reserved;
	uint64_t more[3];
	uint64_t revision;
};

struct link_info {
	uint32_t type;
	uint32_t id;
	uint32_t program;
	uint32_t reserved;
	uint32_t ifindex; /* 0: the device is gone */
	uint32_t attach_type;
	uint64_t more[8];
};

bool hook_is_schedcls(int program)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) == 0 &&
	       size > offsetof(struct bpf_prog_info, tag) && info.type == BPF_PROG_TYPE_SCHED_CLS;
}

int hook_count(uint32_t ifindex)
{
	struct query_attr query = {.ifindex = ifindex, .attach_type = BPF_TCX_INGRESS};

	if (syscall(SYS_bpf, BPF_PROG_QUERY, &query, sizeof(query)))
		return -errno;
	return (int)query.count;
}

int hook_attach_tcx(int program, uint32_t ifindex)
{
	struct create_attr create = {
		.program = (uint32_t)program,
		.ifindex = ifindex,
		.attach_type = BPF_TCX_INGRESS,
		.flags = BPF_F_BEFORE,
	};
	int link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &create, sizeof(create));

	return link < 0 ? -errno : link;
}

bool hook_is_alive(const struct hook_place *place)
{
	struct link_info info = {0};
	uint32_t size = sizeof(info);

	if (place->link < 0)
		return true;
	return bpf_obj_get_info_by_fd(place->link, &info, &size) == 0 && info.ifindex;
}

static int count_filter(const struct nlmsghdr *message, void *data)
{
	unsigned *count = data;

	*count += message->nlmsg_type == RTM_NEWTFILTER;
	return MNL_CB_OK;
}

/* Filters of anybody's; one more where we cannot tell. */
static unsigned count_filters(uint32_t ifindex, uint32_t parent)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buffer[32768];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(message, sizeof(*tc));
	int result = MNL_CB_OK;
	unsigned count = 0;

	message->nlmsg_type = RTM_GETTFILTER;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	if (!socket)
		return 1;
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		result = MNL_CB_ERROR;
	while (result > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		result = n < 0 ? MNL_CB_ERROR : mnl_cb_run(buffer, n, 0, 0, count_filter, &count);
	}
	mnl_socket_close(socket);
	return count + (result < 0);
}

/* The clsact, if it is ours and nobody's filter is in it. One in which another capture still
 * has its own stays. */
static void remove_qdisc(const struct hook_place *place)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)place->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	if (place->has_qdisc &&
	    !count_filters(place->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) &&
	    !count_filters(place->ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)))
		bpf_tc_hook_destroy(&hook);
}

/* The kernel chooses the priority: one before all others. */
int hook_attach_clsact(int program, struct hook_place *place)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)place->ifindex,
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = program);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	place->has_qdisc = !err;
	place->link = -1;
	err = bpf_tc_attach(&hook, &filter);
	place->handle = filter.handle;
	place->priority = filter.priority;
	if (err)
		remove_qdisc(place);
	return err;
}

void hook_detach_clsact(const struct hook_place *place)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)place->ifindex,
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, filter, .handle = place->handle, .priority = place->priority);

	bpf_tc_detach(&hook, &filter);
	remove_qdisc(place);
}
