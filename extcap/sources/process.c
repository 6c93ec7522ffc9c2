// SPDX-License-Identifier: GPL-2.0-or-later
/* process.c - the sources "ptcpdump.pid.PID" and "ptcpdump.process", which is any other */
#include "extcap/sources/process.h"

#include "extcap/life.h"
#include "extcap/sentence.h"
#include "extcap/sources/sockets.h"
#include "extcap/sources/source.h"
#include "extcap/sources/talkers.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "ptcpdump.pid."

/* PID_MAX_LIMIT of the kernel's. */
#define PID_MOST (4U << 20)

#define FIND_OUT "\"tshark -D\" and the dialog of ptcpdump.process list those that run"

bool process_life(guint32 pid, guint64 *start, char *comm, gsize size)
{
	struct life life;

	if (!life_read(pid, &life) || life.state == 'Z' || life.state == 'X')
		return false;
	*start = life.start * (G_USEC_PER_SEC * 1000 / (guint64)sysconf(_SC_CLK_TCK));
	g_strlcpy(comm, life.comm, size);
	return true;
}

/* /proc may hide other users' processes (hidepid); signal 0 tells of all. */
static bool is_there(guint32 pid)
{
	return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

static bool refuse(guint32 pid, const char *name, const char *why, GError **error)
{
	g_autofree char *seen = name && *name ? sentence_printable(name, 40) : NULL;

	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture the packets of process %u%s%s%s: %s; " FIND_OUT ".", pid,
		    seen ? " (" : "", seen ? seen : "", seen ? ")" : "", why);
	return false;
}

/* @start: 0 when it is not known. */
static bool check_alive(guint32 pid, guint64 start, const char *name, GError **error)
{
	g_autofree char *now = NULL, *why = NULL;
	struct life life;

	if (!is_there(pid))
		return refuse(pid, name, start ? "it has ended" : "there is no such process",
			      error);
	if (!life_read(pid, &life))
		return true;
	if (life.state == 'Z' || life.state == 'X')
		return refuse(pid, *life.comm ? life.comm : name, "it has ended", error);
	if (!start || life.start == start)
		return true;
	now = sentence_printable(life.comm, 40);
	why = g_strdup_printf("it has ended, and %u is another process now (%s)", pid, now);
	return refuse(pid, name, why, error);
}

static bool no_process(const char *value, GError **error)
{
	g_autofree char *seen = sentence_printable(value, 60);

	g_set_error(error, SOURCE_ERROR, 0,
		    "cannot capture the packets of \"%s\": that is no process id; " FIND_OUT ".",
		    seen);
	return false;
}

bool process_check(const char *value, guint32 *pid, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(value, "@", 3);
	guint length = g_strv_length(parts);
	guint64 number, start = 0;

	if (length < 1 || !g_ascii_string_to_unsigned(parts[0], 10, 1, PID_MOST, &number, NULL) ||
	    (length > 1 && !g_ascii_string_to_unsigned(parts[1], 10, 0, G_MAXUINT64, &start, NULL)))
		return no_process(value, error);
	*pid = (guint32)number;
	return check_alive(*pid, start, length > 2 ? parts[2] : NULL, error);
}

static void add_socket(const struct socket_record *record, void *data)
{
	talkers_add(data, record);
}

static GHashTable *find_talkers(void)
{
	GHashTable *talkers = talkers_new();

	sockets_each(add_socket, talkers);
	return talkers;
}

void process_offer(process_found found, void *data)
{
	g_autoptr(GHashTable) talkers = find_talkers();
	g_autoptr(GPtrArray) ranked = talkers_ranked(talkers);

	for (guint i = 0; i < ranked->len; i++) {
		g_autofree char *value = talker_value(g_ptr_array_index(ranked, i));
		g_autofree char *display = talker_display(g_ptr_array_index(ranked, i));

		found(value, display, data);
	}
}

static void process_list(source_found found, void *data)
{
	g_autoptr(GHashTable) talkers = find_talkers();
	g_autoptr(GPtrArray) ranked = talkers_ranked(talkers);

	for (guint i = 0; i < ranked->len; i++) {
		const struct talker *talker = g_ptr_array_index(ranked, i);
		g_autofree char *name = g_strdup_printf(PREFIX "%u", talker->pid);
		g_autofree char *display = talker_display(talker);

		found(name, display, data);
	}
}

static void any_process_list(source_found found, void *data)
{
	found("ptcpdump.process", "Another process", data);
}

static bool process_parse(const char *which, struct source *source, GError **error)
{
	if (strchr(which, '@'))
		return no_process(which, error);
	return process_check(which, &source->pid, error);
}

static bool any_process_parse(const char *which, struct source *source, GError **error)
{
	return true;
}

static int process_link_type(const char *which)
{
	return DLT_EN10MB; /* of most; the others say so in their interface block */
}

const struct source_class source_process = {
	.name = PREFIX,
	.parse = process_parse,
	.list = process_list,
	.list_is_slow = true,
	.link_type = process_link_type,
};

const struct source_class source_any_process = {
	.name = "ptcpdump.process",
	.lasting = true,
	.parse = any_process_parse,
	.list = any_process_list,
	.link_type = process_link_type,
};
