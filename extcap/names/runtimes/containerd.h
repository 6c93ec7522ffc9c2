/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containerd.h - what containerd's answers mean, by itself for tests */
#ifndef PTCPDUMP_EXTCAP_NAMES_RUNTIMES_CONTAINERD_H
#define PTCPDUMP_EXTCAP_NAMES_RUNTIMES_CONTAINERD_H

#include "extcap/names/runtime.h"

struct containerd_task {
	enum names_state state;
	pid_t pid;
};

/** containerd_containers() - those of a list, added to @out; false: it is no list */
bool containerd_containers(const guint8 *bytes, gsize len, GPtrArray *out);

/** containerd_container() - the answer about one */
struct container *containerd_container(const guint8 *bytes, gsize len);

/** containerd_tasks() - what runs in containers: id → struct containerd_task */
bool containerd_tasks(const guint8 *bytes, gsize len, GHashTable *out);

struct containerd_event {
	enum {
		CONTAINERD_NOTHING, /* that concerns us */
		CONTAINERD_CHANGED, /* has to be asked for */
		CONTAINERD_REMOVED,
		CONTAINERD_STATE,
	} what;
	char *name_space, *id;
	enum names_state state;
	pid_t pid;
};
struct containerd_event containerd_event(const guint8 *bytes, gsize len);
void containerd_event_clear(struct containerd_event *event);

#endif
