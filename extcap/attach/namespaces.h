/* SPDX-License-Identifier: GPL-2.0-or-later */
/* namespaces.h - the network namespaces that there are, and how to be in one for a moment */
#ifndef PTCPDUMP_EXTCAP_ATTACH_NAMESPACES_H
#define PTCPDUMP_EXTCAP_ATTACH_NAMESPACES_H

#include <stdint.h>
#include <sys/types.h>

struct namespaces {
	uint32_t own; /* inode number of the one that we are in */
	int own_fd;
	dev_t device; /* that all namespaces have in common */
};

/* Called for each namespace found, with a descriptor that is closed afterwards. Return: 0 to
 * go on. */
typedef int (*namespace_found)(uint32_t netns, int fd, void *data);

int namespaces_open(struct namespaces *namespaces);

/** namespaces_find() - those that have a name or a process in them
 *  @netns:	only this one; 0: each of them once, without our own */
void namespaces_find(const struct namespaces *namespaces, uint32_t netns, namespace_found found,
		     void *data);

/** namespaces_enter() - CAP_SYS_ADMIN. Return: 0, or a negative errno. */
int namespaces_enter(int fd);

/** namespaces_return() - to our own; where that fails we are of no more use */
void namespaces_return(const struct namespaces *namespaces);

#endif
