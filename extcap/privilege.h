/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privilege.h - what the engine may do, and when
 *
 * Theory of operation
 * The engine's file capabilities are permitted only ("=p"): nothing is effective
 * until it is raised around the calls that need it. With effective capabilities even
 * opening a log file is dangerous: CAP_NET_ADMIN lets /proc/sys/net/... be written.
 * So the order of a start is fixed: the environment goes first, then what the user
 * names is opened with the user's own rights, then everything is loaded and attached,
 * then every capability is given up for good. Only after that may a thread start:
 * capabilities belong to threads, and one that was there before would keep its own.
 *
 * Run by root itself ("sudo"), root's rights are the user's own rights.
 */
#ifndef PTCPDUMP_EXTCAP_PRIVILEGE_H
#define PTCPDUMP_EXTCAP_PRIVILEGE_H

#include <glib.h>
#include <stdbool.h>

/* How root gives the programs what they need, for sentences: the engine, and the one that attaches
 * in other network namespaces. */
#define PRIVILEGE_OF_ENGINE \
	"sudo setcap cap_bpf,cap_perfmon,cap_net_admin,cap_net_raw=p " PTCPDUMP_ENGINE
#define PRIVILEGE_OF_ATTACHER \
	"sudo setcap 'cap_sys_admin,cap_sys_ptrace=p cap_net_admin=i' " PTCPDUMP_ATTACH

/** environment_clear() - keep nothing of the caller's environment but a few harmless names */
void environment_clear(void);

/** privilege_lower() - make no capability effective, and let nobody look in; the first
 *  statement after the above */
void privilege_lower(void);

/** privilege_raise() - make those effective that loading and attaching need, as far as they
 *  are permitted: what is missing shows when a call fails */
void privilege_raise(void);

/** privilege_raise_filter() - for compiler_new_live(), until privilege_lower() */
void privilege_raise_filter(void);

/** privilege_hand_on() - in a child that is to become ptcpdump-attach: it keeps CAP_NET_ADMIN */
void privilege_hand_on(void);

/**
 * privilege_drop() - give up all capabilities for good, and any way to get new ones
 *
 * Return: false when the kernel refused, which no program should run on from.
 */
bool privilege_drop(GError **error);

/**
 * privilege_seal() - and to make any system call but those that are named (seal.h)
 *
 * Return: false when the kernel refused.
 */
bool privilege_seal(GError **error);

#endif
