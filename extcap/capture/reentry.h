/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reentry.h - the receive side of VLAN, macvlan, bond and such devices, as they come
 *
 * What they receive passes no tracepoint (bpf/reentry.bpf.c): their ingress gets a program of
 * its own. That is done beside the capture by ptcpdump-attach (extcap/attach/main.c), which is
 * told here where to look, one namespace at a time, the latest first. In our own namespace
 * that is when a device appears; in others, of which nobody tells, when a packet of one comes,
 * and now and then.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_REENTRY_H
#define PTCPDUMP_EXTCAP_CAPTURE_REENTRY_H

#include "extcap/capture/kernel.h"

struct reentry;

/**
 * reentry_open() - start ptcpdump-attach; needs the capabilities of privilege_raise()
 *
 * Looks into the namespaces of @scope first, which stays the caller's.
 *
 * Return: NULL where it cannot be, which the log says.
 */
struct reentry *reentry_open(const struct kernel *kernel, const struct scope *scope);

/** reentry_close() - has all detached; waits for that a second at most */
void reentry_close(struct reentry *reentry);

/** reentry_fd() - readable when there is something for reentry_read(); -1: nothing any more */
int reentry_fd(const struct reentry *reentry);
void reentry_read(struct reentry *reentry);

/** reentry_look() - a device has appeared in a namespace of the scope; NULL is allowed */
void reentry_look(struct reentry *reentry, guint32 netns);

/** reentry_look_around() - into all namespaces but our own */
void reentry_look_around(struct reentry *reentry);

#endif
