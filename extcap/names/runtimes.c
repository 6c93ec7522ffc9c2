// SPDX-License-Identifier: GPL-2.0-or-later
/* runtimes.c - the table of them: a further one is a file in runtimes/ and a line here */
#include "extcap/names/runtimes/kinds.h"

const struct runtime_kind *const runtime_kinds[NAMES_RUNTIMES] = {
	[NAMES_DOCKER] = &docker_kind,
	[NAMES_PODMAN] = &podman_kind,
	[NAMES_CRI] = &cri_kind,
	[NAMES_CONTAINERD] = &containerd_kind,
};
