/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disk.h - what the runtimes leave in files, for when nobody answers
 *
 * Only what is there: a name, an image, sometimes labels. Whether a container runs these files
 * do not say reliably. Where the data are kept elsewhere than usual, nothing is found.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIMES_DISK_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIMES_DISK_H

#include <jansson.h>

#include "extcap/names/runtime.h"

void docker_read_disk(struct runtime *runtime);
void podman_read_disk(struct runtime *runtime);
void containerd_read_disk(struct runtime *runtime);

/* --- for each of them --- */

typedef void (*disk_each)(struct runtime *runtime, const char *name, const json_t *object);

/**
 * disk_each_file() - the JSON objects in a folder's folders
 * @folder:	each folder in it, called @name then, is looked into,
 * @file:	for this file; it may hold an object, or a list of them
 */
void disk_each_file(struct runtime *runtime, const char *folder, const char *file, disk_each each);

/** disk_objects() - those of one file */
void disk_objects(struct runtime *runtime, const char *path, const char *name, disk_each each);

#endif
