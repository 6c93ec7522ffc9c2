// SPDX-License-Identifier: GPL-2.0-or-later
/* docker.c - Docker */
#include "extcap/names/runtimes/engine_api.h"
#include "extcap/names/runtimes/disk.h"
#include "extcap/names/runtimes/kinds.h"

/* {"type":["container","network"],"event":["create",...]}: the health checks of a hundred
 * containers, each with all labels, stay where they are. */
#define FILTERS                                                                                    \
	"%7B%22type%22%3A%5B%22container%22%2C%22network%22%5D%2C%22event%22%3A%5B%22create%22%2C" \
	"%22start%22%2C%22die%22%2C%22destroy%22%2C%22rename%22%2C%22update%22%2C%22connect%22%2C" \
	"%22disconnect%22%5D%7D"

static void watch(struct runtime *runtime)
{
	engine_api_watch(runtime, FILTERS);
}

const struct runtime_kind docker_kind = {
	.id = NAMES_DOCKER,
	.title = "Docker",
	.places = (const char *const[]){"/var/run/docker.sock", NULL},
	.remedy = "members of the group docker may ask it (sudo adduser $USER docker, then log in "
		  "again), who have root's power by that; or enable ptcpdump-names.socket",
	.watch = watch,
	.list = engine_api_list,
	.describe = engine_api_describe,
	.close = engine_api_close,
	.read_disk = docker_read_disk,
};
