// SPDX-License-Identifier: GPL-2.0-or-later
/* docker_disk.c - config.v2.json of each container, which has all that the API tells */
#include "extcap/names/runtimes/disk.h"

#include "extcap/names/json.h"

#define CONTAINERS "/var/lib/docker/containers"

static void take(struct runtime *runtime, const char *name, const json_t *object)
{
	struct container *container = container_new(json_text(object, "ID", NULL));
	const char *own = json_text(object, "Name", NULL);

	if (!container)
		return;
	container_text(&container->says.name, own && *own == '/' ? own + 1 : own);
	container_text(&container->says.image, json_text(object, "Config", "Image", NULL));
	json_labels(&container->labels, json_below(object, "Config", "Labels", NULL));
	runtime_container_on_disk(runtime, container);
}

void docker_read_disk(struct runtime *runtime)
{
	disk_each_file(runtime, CONTAINERS, "config.v2.json", take);
}
