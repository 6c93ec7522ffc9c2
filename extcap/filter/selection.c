// SPDX-License-Identifier: GPL-2.0-or-later
/* selection.c - whose packets are wanted */
#include "extcap/filter/selection.h"

#include <string.h>

#include "shared/record.h"

struct selection *selection_new(const struct options *options, guint32 pid)
{
	struct selection *selection = g_new0(struct selection, 1);

	selection->pids = g_array_new(FALSE, FALSE, sizeof(guint32));
	selection->uids = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (options->pids)
		g_array_append_vals(selection->pids, options->pids->data, options->pids->len);
	if (pid)
		g_array_append_val(selection->pids, pid);
	if (options->uids)
		g_array_append_vals(selection->uids, options->uids->data, options->uids->len);
	selection->names = g_strdupv(options->pnames);
	selection->container_ids = g_strdupv(options->container_ids);
	selection->container_names = g_strdupv(options->container_names);
	selection->pods = g_strdupv(options->pods);
	/* A command is what it starts, too. */
	selection->follow_forks = options->follow_forks || options->command_child;
	return selection;
}

void selection_free(struct selection *selection)
{
	if (!selection)
		return;
	g_array_unref(selection->pids);
	g_array_unref(selection->uids);
	g_strfreev(selection->names);
	g_strfreev(selection->container_ids);
	g_strfreev(selection->container_names);
	g_strfreev(selection->pods);
	g_free(selection);
}

static bool has_words(char *const *words)
{
	return words && words[0];
}

bool selection_by_process(const struct selection *selection)
{
	return selection->pids->len || has_words(selection->names) ||
	       selection_by_container(selection);
}

bool selection_by_container(const struct selection *selection)
{
	return has_words(selection->container_ids) || selection_by_container_name(selection);
}

bool selection_by_container_name(const struct selection *selection)
{
	return has_words(selection->container_names) || has_words(selection->pods);
}

bool selection_has_container_id(const struct selection *selection, const char *id)
{
	for (char **prefix = selection->container_ids; prefix && *prefix; prefix++)
		if (g_str_has_prefix(id, *prefix))
			return true;
	return false;
}

bool selection_has_container(const struct selection *selection, const char *name,
			     const char *pod_name, const char *pod_namespace)
{
	g_autofree char *pod =
		pod_name && pod_namespace ? g_strconcat(pod_name, ".", pod_namespace, NULL) : NULL;

	return (name && selection->container_names &&
		g_strv_contains((const char *const *)selection->container_names, name)) ||
	       (pod && selection->pods &&
		g_strv_contains((const char *const *)selection->pods, pod));
}

static bool has_number(const GArray *numbers, guint32 number)
{
	for (guint i = 0; i < numbers->len; i++)
		if (g_array_index(numbers, guint32, i) == number)
			return true;
	return false;
}

bool selection_has_pid(const struct selection *selection, guint32 pid)
{
	return has_number(selection->pids, pid);
}

bool selection_has_uid(const struct selection *selection, guint32 uid)
{
	return !selection->uids->len || has_number(selection->uids, uid);
}

bool selection_has_name(const struct selection *selection, const char *comm, const char *exe)
{
	const char *slash = strrchr(exe, '/');
	const char *file = slash ? slash + 1 : exe;

	for (char **name = selection->names; name && *name; name++) {
		/* The kernel keeps 15 characters of a name. */
		if (strncmp(*name, comm, COMM_LENGTH - 1) == 0 || strcmp(*name, file) == 0)
			return true;
	}
	return false;
}
