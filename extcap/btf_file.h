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

/* The running kernel's own; a module's stand beside it. */
#define BTF_OF_KERNEL "/sys/kernel/btf/vmlinux"

/**
 * btf_file_trusted() - the file that may be believed
 *
 * Return: its path without symbolic links, to be opened in place of @path, for a link may point
 *         elsewhere by then: every part of it is root's, so it stays what it is. To be freed;
 *         NULL with one sentence for the user in @error.
 */
char *btf_file_trusted(const char *path, GError **error);

#endif
