// SPDX-License-Identifier: GPL-2.0-or-later
/* session_select.c - whose packets a session wants, and what the kernel side is told of it */
#include "extcap/capture/session_state.h"

/* "Another process" without one would be everybody's packets, which nobody has asked for. */
bool session_open_selection(struct session *session, GError **error)
{
	guint32 pid = session->child.pid ? session->child.pid : session->source.pid;
	struct selection *selection = selection_new(session->options, pid);

	session->packets.selection = selection;
	if (session->source.kind == SOURCE_CONTAINER)
		options_add_word(&selection->container_ids, session->source.which);
	if (session->source.kind == SOURCE_POD)
		options_add_word(&selection->pods, session->source.which);
	if (session->source.kind != SOURCE_ANY_PROCESS || selection_by_process(selection) ||
	    selection->uids->len)
		return true;
	g_set_error(error, OPTIONS_ERROR, 0,
		    "nothing to capture: choose a process in the dialog, or give --pid, --pname, "
		    "--uid or --command.");
	return false;
}

/* A cgroup's processes become wanted when its container is, and are wanted no longer when it
 * turns out not to be. */
struct decision {
	struct session *session;
	const struct cgroup *cgroup;
};

static void select_at(const struct process *process, void *data)
{
	const struct decision *decision = data;
	struct kernel *kernel = decision->session->kernel;

	if (process_is_at(process, decision->cgroup))
		kernel_select(kernel, process->tgid, process->start, true);
}

static void on_cgroup_decided(const struct cgroup *cgroup, void *data)
{
	struct session *session = data;
	struct decision decision = {session, cgroup};

	kernel_select_cgroup(session->kernel, &cgroup->key, cgroup->wanted);
	if (cgroup->wanted && cgroup->population)
		processes_foreach(session->processes, select_at, &decision);
}

static void on_network_decided(guint32 netns, enum cgroup_wanted wanted, void *data)
{
	const struct session *session = data;

	kernel_select_network(session->kernel, netns, wanted);
}

static void select_one(const struct process *process, void *data)
{
	struct session *session = data;
	guint n = process->images->len;

	if (n && process_is_selected(process, g_ptr_array_index(process->images, n - 1)))
		kernel_select(session->kernel, process->tgid, process->start, true);
}

static void on_forgotten(const struct process *process, void *data)
{
	struct session *session = data;

	kernel_select(session->kernel, process->tgid, process->start, false);
}

void session_follow_selection(struct session *session)
{
	const struct selection *selection = session->packets.selection;

	processes_select(session->processes, selection, on_forgotten, session);
	if (selection_by_container(selection))
		containers_select(processes_containers(session->processes), selection,
				  on_cgroup_decided, on_network_decided, session);
}

/* Those that fork in between are told of by their records: hence twice. */
static void select_processes(struct session *session)
{
	processes_foreach(session->processes, select_one, session);
	events_drain(session->events);
	processes_foreach(session->processes, select_one, session);
}

/* The first digits of an id must mean one. */
static bool ids_are_unambiguous(const struct session *session, GError **error)
{
	char **prefix = session->packets.selection->container_ids;

	for (; prefix && *prefix; prefix++) {
		guint n = containers_matching(processes_containers(session->processes), *prefix);

		if (n <= 1)
			continue;
		g_set_error(error, OPTIONS_ERROR, 0,
			    "cannot capture container \"%s\": the ids of %u containers begin so; "
			    "give more digits.",
			    *prefix, n);
		return false;
	}
	return true;
}

/* A pid that is typed or stored may be anybody's by now: at least somebody has it. */
static bool pids_are_there(const struct session *session, GError **error)
{
	const GArray *pids = session->packets.selection->pids;

	for (guint i = 0; i < pids->len; i++) {
		guint32 pid = g_array_index(pids, guint32, i);

		if (processes_has_pid(session->processes, pid))
			continue;
		g_set_error(
			error, OPTIONS_ERROR, 0,
			"cannot capture process %u: there is none; \"tshark -D\" lists processes "
			"that use the network.",
			pid);
		return false;
	}
	return true;
}

bool session_select(struct session *session, GError **error)
{
	if (!pids_are_there(session, error) || !ids_are_unambiguous(session, error))
		return false;
	select_processes(session);
	return true;
}
