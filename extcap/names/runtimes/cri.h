/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cri.h - what the Kubernetes runtime's answers mean, by itself for tests */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIMES_CRI_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIMES_CRI_H

#include "cri.pb-c.h"
#include "extcap/names/runtime.h"

/** cri_pause() - the container that holds a pod; addresses: as it has them, or NULL */
struct container *cri_pause(const Cri__Pod *pod, char *const *addresses);

/** cri_container() - one of a pod's; @pod: NULL where it is not known */
struct container *cri_container(const Cri__Container *said, const Cri__Pod *pod,
				char *const *addresses);

/**
 * cri_addresses() - of a pod, from the answer about its status
 *
 * Return: a list, empty where it has none of its own; NULL when that is no answer.
 */
char **cri_addresses(const guint8 *bytes, gsize len);

#endif
