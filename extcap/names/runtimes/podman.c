// SPDX-License-Identifier: GPL-2.0-or-later
/* podman.c - Podman, root's and each user's own */
#include "extcap/names/runtimes/engine_api.h"
#include "extcap/names/runtimes/disk.h"
#include "extcap/names/runtimes/kinds.h"

/* {"type":["container"]}: which events there are differs from Docker's. */
#define FILTERS "%7B%22type%22%3A%5B%22container%22%5D%7D"

static void watch(struct runtime *runtime)
{
	engine_api_watch(runtime, FILTERS);
}

const struct runtime_kind podman_kind = {
	.id = NAMES_PODMAN,
	.title = "Podman",
	.places = (const char *const[]){"/run/podman/podman.sock",
					"/run/user/%u/podman/podman.sock", NULL},
	.remedy = "only root may ask root's Podman; or enable ptcpdump-names.socket",
	.watch = watch,
	.list = engine_api_list,
	.describe = engine_api_describe,
	.close = engine_api_close,
	.read_disk = podman_read_disk,
};
