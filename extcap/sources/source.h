/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source.h - what can be captured: the entries in Wireshark's list
 *
 * Each kind of source is one file in this folder and one line of the table in
 * source.c. A new kind adds its enum, its file, its line, and what it needs to
 * struct source; nothing else changes.
 *
 * Wireshark names a source back to us as we named it: "ptcpdump.any",
 * "ptcpdump.if.eth0". An interface whose name has other characters than
 * "letters digits _ . - @", or begins with @, goes by its index instead:
 * "ptcpdump.if.@7". So @7 never is a name, and a name never is @7. A namespace
 * without a name, or with one of other characters or of digits alone, goes by its
 * inode number: "ptcpdump.netns.4026532001".
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_SOURCE_H
#define PTCPDUMP_EXTCAP_SOURCES_SOURCE_H

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>

enum source_kind {
	SOURCE_ANY,	      /* every interface of our own namespace, or of those of --netns */
	SOURCE_INTERFACE,     /* one interface of our own namespace */
	SOURCE_NETNS,	      /* every interface of another namespace */
	SOURCE_PROCESS,	      /* one process, in whatever namespace */
	SOURCE_ANY_PROCESS,   /* those that the dialog or --pid names, in whatever namespace */
	SOURCE_CONTAINER,     /* one container, and its network */
	SOURCE_ANY_CONTAINER, /* those that the dialog or --container-id names */
	SOURCE_POD,	      /* all containers of one pod, and their network */
	SOURCE_ANY_POD,	      /* those that the dialog or --pod-name names */
	SOURCE_KINDS,
};

struct source {
	enum source_kind kind;

	/* SOURCE_INTERFACE */
	unsigned int ifindex;
	char ifname[IF_NAMESIZE];

	/* SOURCE_NETNS */
	guint32 netns; /* inode number */

	/* SOURCE_PROCESS */
	guint32 pid;

	/* SOURCE_CONTAINER: how its id begins; SOURCE_POD: NAME.NAMESPACE */
	char which[320];
};

/* Takes one source that is there now; @display is for people, any bytes. */
typedef void (*source_found)(const char *name, const char *display, void *data);

/* What all kinds have. */
struct source_class {
	/* The name; one that ends in a dot is followed by which one. */
	const char *name;

	/* The same name means the same tomorrow, so Wireshark may keep under it whose
	 * packets were wanted. A pid comes back as another process's. */
	bool lasting;

	/* Looks up which one (what follows @name; "" where nothing does). */
	bool (*parse)(const char *which, struct source *source, GError **error);

	/* Tells of those that are there now. A few, and in no time: Wireshark asks
	 * for all sources, and for each one's dialog, whenever an interface comes or
	 * goes. */
	void (*list)(source_found found, void *data);

	/* To list them every process is looked at: Wireshark, which asks several times in
	 * a row, gets the same answer for a moment (remember.h). */
	bool list_is_slow;

	/* The link type of its packets, for Wireshark's list only: each interface
	 * block of the capture says its own. */
	int (*link_type)(const char *which);
};

extern const struct source_class source_any;
extern const struct source_class source_interface;
extern const struct source_class source_netns;
extern const struct source_class source_process;
extern const struct source_class source_any_process;
extern const struct source_class source_container;
extern const struct source_class source_any_container;
extern const struct source_class source_pod;
extern const struct source_class source_any_pod;

#define SOURCE_ERROR (source_error_quark())
GQuark source_error_quark(void);

/**
 * source_parse() - find the source of a name
 * @name:	as Wireshark gives it: "ptcpdump.if.eth0"
 * @source:	filled when it is there
 *
 * Return: false with one sentence for the user in @error when the name is none of
 *         ours, or what it names is not there now.
 */
bool source_parse(const char *name, struct source *source, GError **error);

/**
 * source_kind_of() - the kind of a name, without looking whether it is there
 * @which:	if not NULL, set to the part of @name that says which one of its kind
 *
 * Wireshark asks for the dialogs of sources that went away a moment ago.
 *
 * Return: the kind; SOURCE_KINDS when it is none of ours.
 */
enum source_kind source_kind_of(const char *name, const char **which);

/** source_class() - what the sources of @kind have in common */
const struct source_class *source_class(enum source_kind kind);

#endif
