/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selection.h - whose packets are wanted
 *
 * Theory of operation
 * Pids, names, containers, pods and a command select processes: any of them; users narrow that.
 * Nothing given selects everybody. A packet is wanted when its owner is, or the process at its
 * other end; one that nobody owns belongs to no selection.
 *
 * The decision is made here, from the process records in their order, so that a packet
 * meets the process as it was then. The kernel side drops what it knows to be unwanted
 * before it is copied (bpf/select.h); it is told the same and never drops more.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_SELECTION_H
#define PTCPDUMP_EXTCAP_FILTER_SELECTION_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/options.h"

struct selection {
	GArray *pids; /* guint32 */
	char **names;
	GArray *uids;	      /* guint32 */
	char **container_ids; /* prefixes */
	char **container_names;
	char **pods; /* NAME.NAMESPACE */
	bool follow_forks;
};

/**
 * selection_new() - what the options ask for
 * @pid:	of the source or of the command; 0: none
 */
struct selection *selection_new(const struct options *options, guint32 pid);
void selection_free(struct selection *selection);

/** selection_by_process() - are processes selected, by whatever? */
bool selection_by_process(const struct selection *selection);

bool selection_has_pid(const struct selection *selection, guint32 pid);

/** selection_has_name() - is a process called @comm, with the executable @exe (a path), named? */
bool selection_has_name(const struct selection *selection, const char *comm, const char *exe);

/** selection_by_container() - are containers or pods selected? */
bool selection_by_container(const struct selection *selection);

/** selection_by_container_name() - by what only their runtime can tell? */
bool selection_by_container_name(const struct selection *selection);

/** selection_has_container_id() - does a container's id begin as one that is wanted? */
bool selection_has_container_id(const struct selection *selection, const char *id);

/** selection_has_container() - is it called so? Names that are not known are NULL. */
bool selection_has_container(const struct selection *selection, const char *name,
			     const char *pod_name, const char *pod_namespace);

bool selection_has_uid(const struct selection *selection, guint32 uid);

#endif
