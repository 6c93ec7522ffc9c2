/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elsewhere.h - what is in other network namespaces, without entering one
 *
 * Theory of operation
 * The kernel lists the links and the addresses of a namespace that has an id in our own
 * (RTM_GETLINK with IFLA_TARGET_NETNSID, RTM_GETADDR with IFA_TARGET_NETNSID). One without an id is
 * given one, by a process in it or by its name (RTM_NEWNSID); the id stays until the namespace
 * goes, which keeps nothing alive. Needs CAP_NET_ADMIN, so it is done once, before that is dropped:
 * what comes later is told of by the kernel side, before its first packet.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_ELSEWHERE_H
#define PTCPDUMP_EXTCAP_CAPTURE_ELSEWHERE_H

#include "extcap/capture/scope.h"
#include "extcap/identity/addresses.h"
#include "shared/record.h"

/* Ids are kept by the kernel, and an interface block for each link goes in front of the first
 * packet: of more namespaces than these only those that have packets are listed. */
#define ELSEWHERE_MOST 64

/* Takes one interface, as the kernel side would tell of it. */
typedef void (*elsewhere_found)(const struct link_event *link, void *data);

/* Takes one address that a namespace has. */
typedef void (*elsewhere_address)(guint32 netns, const struct address *address, void *data);

/**
 * elsewhere_list() - tell of the interfaces of every namespace of @scope but our own
 *
 * Those of a namespace that this user cannot see (of another user's process, without a
 * name) are left out; the log says how many were listed.
 */
void elsewhere_list(const struct scope *scope, elsewhere_found found, void *data);

/** elsewhere_addresses() - tell of all addresses of the same namespaces, and of our own where that
 *  is captured; the rest as above */
void elsewhere_addresses(const struct scope *scope, elsewhere_address found, void *data);

#endif
