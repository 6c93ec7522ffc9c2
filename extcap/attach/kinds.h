/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - the devices that receive below the tracepoint */
#ifndef PTCPDUMP_EXTCAP_ATTACH_KINDS_H
#define PTCPDUMP_EXTCAP_ATTACH_KINDS_H

#include <stdbool.h>
#include <stdint.h>

typedef void (*device_found)(uint32_t ifindex, const char *name, void *data);

/**
 * devices_find() - those of such a kind in the namespace that we are in
 * @ifindex:	only this one; 0: all
 *
 * Return: 0, or a negative errno.
 */
int devices_find(uint32_t ifindex, device_found found, void *data);

#endif
