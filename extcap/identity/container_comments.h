/* SPDX-License-Identifier: GPL-2.0-or-later */
/* container_comments.h - the comments of a packet's container and pod, encoded once
 *
 * They are kept with the container until something new is known of it.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CONTAINER_COMMENTS_H
#define PTCPDUMP_EXTCAP_IDENTITY_CONTAINER_COMMENTS_H

#include "extcap/identity/containers.h"

/**
 * container_comments() - pcapng options for a packet of @container
 * @context:	CONTEXT_* bits: of them CONTEXT_CONTAINER and CONTEXT_POD
 * @by_network:	it is named after the network namespace that the packet is in
 *
 * Return: borrowed until the next containers_learn(); of no bytes where nothing is wanted.
 */
const GByteArray *container_comments(struct container *container, guint32 context, bool by_network);

#endif
