/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container.h - containers and pods as the dialog offers them
 *
 * What is offered is a container's whole id, and a pod's "NAME.NAMESPACE".
 */
#ifndef PTCPDUMP_EXTCAP_SOURCES_CONTAINER_H
#define PTCPDUMP_EXTCAP_SOURCES_CONTAINER_H

#include "extcap/sources/process.h"

/* container_offer(), pod_offer() - tell of those that run, at most ten, the youngest first. They
 * wait for no daemon: what one said last does. */
void container_offer(process_found found, void *data);
void pod_offer(process_found found, void *data);

#endif
