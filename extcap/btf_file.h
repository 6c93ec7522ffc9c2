/* SPDX-License-Identifier: GPL-2.0-or-later */
/* btf_file.h - may a file given with --kernel-btf describe the kernel?
 *
 * The offsets in it decide which kernel memory is read: one that was moved has made the
 * loader report a stack canary as its pid. Only what root alone can write is believed.
 */
#ifndef PTCPDUMP_EXTCAP_BTF_FILE_H
#define PTCPDUMP_EXTCAP_BTF_FILE_H

#include <glib.h>
#include <stdbool.h>

/** btf_file_is_trusted() - false with one sentence for the user in @error */
bool btf_file_is_trusted(const char *path, GError **error);

#endif
