/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hook.h - one program on the ingress of one device
 *
 * By tcx where the kernel has it: a link of ours, gone with us however we end. Before 6.6 by a
 * clsact filter, which outlives who made it: for root alone.
 */
#ifndef PTCPDUMP_EXTCAP_ATTACH_HOOK_H
#define PTCPDUMP_EXTCAP_ATTACH_HOOK_H

#include <stdbool.h>
#include <stdint.h>

struct hook_place {
	uint32_t netns;
	uint32_t ifindex;
	int link;		   /* descriptor; -1: a clsact filter */
	bool has_qdisc;		   /* of a filter: the clsact is ours, too */
	uint32_t handle, priority; /* of the filter */
	unsigned stamp;		   /* the search that found it last */
};

/** hook_is_schedcls() - is this the descriptor of a program for tc? */
bool hook_is_schedcls(int program);

/**
 * hook_count() - how many tcx programs the device has; the caller has CAP_NET_ADMIN
 *
 * Return: -EINVAL where the kernel has no tcx.
 */
int hook_count(uint32_t ifindex);

/** hook_attach_tcx() - at the head of the chain. Return: the link, or a negative errno. */
int hook_attach_tcx(int program, uint32_t ifindex);

/** hook_is_alive() - is the device of a link still there? */
bool hook_is_alive(const struct hook_place *place);

/** hook_attach_clsact() - by a filter; CAP_NET_ADMIN. Fills @place. */
int hook_attach_clsact(int program, struct hook_place *place);

/** hook_detach_clsact() - takes the filter away, and the clsact if it is ours and nobody
 *  else's program is in it. In the device's namespace, with CAP_NET_ADMIN. */
void hook_detach_clsact(const struct hook_place *place);

#endif
