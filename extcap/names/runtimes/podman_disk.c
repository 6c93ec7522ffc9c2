// SPDX-License-Identifier: GPL-2.0-or-later
/* podman_disk.c - containers.json of its storage: names, and the image's name
 *
 * Labels are in a database that we do not read.
 */
#include "extcap/names/runtimes/disk.h"

#include <string.h>
#include <unistd.h>

#include "extcap/names/json.h"

#define BELOW "overlay-containers/containers.json"

/* What it wrote about the container is JSON again, in a string. */
static void take_metadata(struct container *container, const char *text)
{
	json_t *metadata = text ? json_loads(text, 0, NULL) : NULL;

	container_text(&container->says.image, json_text(metadata, "image-name", NULL));
	json_decref(metadata);
}

static void take(struct runtime *runtime, const char *file, const json_t *object)
{
	struct container *container = container_new(json_text(object, "id", NULL));

	if (!container)
		return;
	container_text(&container->says.name,
		       json_string_of(json_array_get(json_below(object, "names", NULL), 0)));
	take_metadata(container, json_text(object, "metadata", NULL));
	runtime_container_on_disk(runtime, container);
}

/* The socket tells whose storage is meant. */
void podman_read_disk(struct runtime *runtime)
{
	g_autofree char *own = NULL;

	if (g_str_has_prefix(runtime_path(runtime), "/run/user/"))
		own = g_build_filename(g_get_home_dir(), ".local/share/containers/storage", BELOW,
				       NULL);
	disk_objects(runtime, own ? own : "/var/lib/containers/storage/" BELOW, NULL, take);
}
