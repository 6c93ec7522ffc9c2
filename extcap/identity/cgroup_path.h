/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup_path.h - which container a cgroup's path may be of
 *
 * Theory of operation
 * Every runtime puts a container into a cgroup whose name holds the container's id, each in
 * its own words (what is <id> here has 64 hex digits):
 *
 *   /docker/<id>                                        Docker, cgroupfs
 *   /system.slice/docker-<id>.scope                     Docker, systemd
 *   /kubepods/burstable/pod<uid>/<id>                   Kubernetes, cgroupfs
 *   /kubepods.slice/…-pod<uid_with_underscores>.slice/cri-containerd-<id>.scope, crio-<id>.scope
 *   /system.slice/…-pod<uid>.slice:cri-containerd:<id>  containerd told of the other driver
 *   /libpod_parent/libpod-<id>                          Podman, cgroupfs
 *   /machine.slice/libpod-<id>.scope/container          Podman, systemd; …-conmon-<id> is its
 * monitor /user.slice/…/user@1000.service/user.slice/…        any of them, rootless
 *   /<namespace>/<name>                                 containerd's own; any name
 *
 * They nest: in a container another runtime, or an init that makes cgroups of its own. The
 * deepest component that a runtime confirms is the container; of those that none does the
 * deepest that looks like one. What looks like one is an id of 64 hex digits, alone or behind
 * a word and a dash: 32 are other people's.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_CGROUP_PATH_H
#define PTCPDUMP_EXTCAP_IDENTITY_CGROUP_PATH_H

#include <glib.h>
#include <stdbool.h>

#define CONTAINER_ID_LENGTH 64
#define POD_UID_LENGTH	    36

/* A component that may be a container's. */
struct cgroup_candidate {
	const char *id; /* borrowed from the path, not terminated */
	gsize length;
	const char *parent; /* the component that it is in, likewise; "" at the top */
	gsize parent_length;
	bool well_formed;	      /* else only a runtime can say so */
	const char *runtime;	      /* "docker"; NULL: the path does not say */
	char pod[POD_UID_LENGTH + 1]; /* uid of the pod that it is in; "" where it is in none */
};

/* More than a path has that the kernel side tells of. */
#define CGROUP_CANDIDATES 24

/**
 * cgroup_path_parse() - the components of a path that may be a container's
 * @path:	below the hierarchy's root, "/docker/36f0…"; any bytes
 * @out:	filled, the deepest first
 *
 * A monitor's cgroup (conmon) and what is below it has no candidates.
 *
 * Return: how many.
 */
guint cgroup_path_parse(const char *path, struct cgroup_candidate out[CGROUP_CANDIDATES]);

#endif
