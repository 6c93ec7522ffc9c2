/* SPDX-License-Identifier: GPL-2.0-or-later */
/* compile.h - a capture filter's words become a classic program, by libpcap
 *
 * A handle without a device compiles for files: there a VLAN's tag is looked for in the
 * packet, where a live packet has it in metadata ("vlan" would match nothing). So Ethernet
 * gets a live handle, on the loopback device, asking for a protocol that nobody speaks. Other
 * link types compile the same either way: they have no tags.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_COMPILE_H
#define PTCPDUMP_EXTCAP_FILTER_COMPILE_H

#include <glib.h>
#include <linux/filter.h>
#include <stdbool.h>

struct classic {
	guint length;
	struct sock_filter code[];
};

/* Why there is no program. */
enum filter_error {
	FILTER_ERROR_WRONG, /* libpcap's words say what is wrong */
	FILTER_ERROR_LATE,  /* it took too long */
	FILTER_ERROR_NAMES, /* it names a host or network that is not known, or not asked for now */
};

#define FILTER_ERROR (filter_error_quark())
GQuark filter_error_quark(void);

struct compiler;

/** compiler_new() - for packets of a link type (LINKTYPE_*), as they stand in files */
struct compiler *compiler_new(guint16 link_type);

/**
 * compiler_new_live() - for Ethernet packets as they come by, tags in metadata
 *
 * Needs CAP_NET_RAW, and a loopback device that is up: libpcap opens no other.
 *
 * Return: NULL with libpcap's words in @error.
 */
struct compiler *compiler_new_live(GError **error);
void compiler_free(struct compiler *compiler);

/** netmask_of() - of the interface @name's first IPv4 address, 0 where it has none; NULL:
 *  NETMASK_UNKNOWN */
guint32 netmask_of(const char *name);

#define NETMASK_UNKNOWN G_MAXUINT32

/** compiler_set_netmask() - else "ip broadcast" is refused */
void compiler_set_netmask(struct compiler *compiler, guint32 netmask);

/**
 * compiler_run() - compile @expression
 * @optimise:	a shorter program, which also finds expressions that nothing can match. It
 *		takes time that grows with the square of the expression and worse: 50 hosts
 *		6 ms, 200 hosts 0.3 s, 1,000 hosts a minute.
 *
 * Return: to be freed with g_free(); NULL with libpcap's message in @error.
 */
struct classic *compiler_run(struct compiler *compiler, const char *expression, bool optimise,
			     GError **error);

#endif
