// SPDX-License-Identifier: GPL-2.0-or-later
/* containerd_disk.c - config.json of each container's bundle: what the Kubernetes runtime noted
 *
 * Names, image, the pod and its uid; no labels. A container of ctr's has no more than its id.
 */
#include "extcap/names/runtimes/disk.h"

#include <string.h>

#include "extcap/names/json.h"

#define BUNDLES	  "/run/containerd/io.containerd.runtime.v2.task/k8s.io"
#define NOTE(key) json_text(notes, "io.kubernetes.cri." key, NULL)

static void take(struct runtime *runtime, const char *name, const json_t *object)
{
	const json_t *notes = json_below(object, "annotations", NULL);
	struct container *container = notes ? container_new(name) : NULL;
	const char *kind;

	if (!container)
		return;
	kind = NOTE("container-type");
	container_text(&container->says.name, NOTE("container-name"));
	container_text(&container->says.image, NOTE("image-name"));
	container_text(&container->says.pod_name, NOTE("sandbox-name"));
	container_text(&container->says.pod_namespace, NOTE("sandbox-namespace"));
	container_text(&container->says.pod_uid, NOTE("sandbox-uid"));
	container_text(&container->says.pod_id, NOTE("sandbox-id"));
	container->says.pause = kind && strcmp(kind, "sandbox") == 0;
	runtime_container_on_disk(runtime, container);
}

void containerd_read_disk(struct runtime *runtime)
{
	disk_each_file(runtime, BUNDLES, "config.json", take);
}
