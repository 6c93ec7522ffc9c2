/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roots.h - can nobody but root have written a file? */
#ifndef PTCPDUMP_EXTCAP_ROOTS_H
#define PTCPDUMP_EXTCAP_ROOTS_H

#include <stdbool.h>

/**
 * roots_alone() - a file, and every folder above it
 * @path:	as realpath() gives it, without symbolic links: where it is root's alone it stays
 *		what it is, and may be opened afterwards
 */
bool roots_alone(const char *path);

#endif
