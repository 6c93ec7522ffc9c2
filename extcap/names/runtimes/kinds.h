/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kinds.h - every kind of runtime there is */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIMES_KINDS_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIMES_KINDS_H

#include "extcap/names/runtime.h"

extern const struct runtime_kind docker_kind;
extern const struct runtime_kind podman_kind;
extern const struct runtime_kind cri_kind;
extern const struct runtime_kind containerd_kind;

#endif
