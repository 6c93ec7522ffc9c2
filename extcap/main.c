// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - the front: the program that Wireshark finds in its extcap folder
 *
 * It has no privilege and links no more than glib, because Wireshark starts it for
 * every source again and again: dialogs it answers by itself, in about a millisecond.
 * What there is to list it asks the engine, and tells what it sees itself where that
 * fails. For what needs to look at packets or filters it becomes the engine, with the
 * command line as it stands.
 *
 * What it says on stderr opens an error dialog in Wireshark, which keeps about 1 KiB:
 * nothing, or one sentence with what to do about it.
 */
#define _GNU_SOURCE /* close_range() */
#include "extcap/ask.h"
#include "extcap/asker.h"
#include "extcap/command.h"
#include "extcap/descriptors.h"
#include "extcap/options_table.h"
#include "extcap/protocol.h"
#include "extcap/remember.h"
#include "extcap/sources/source.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The filter check: Wireshark colours the field yellow, "unable to check". */
#define CANNOT_TELL EXIT_FAILURE

static int fail(const struct options *options, const char *sentence)
{
	fprintf(stderr, "ptcpdump: %s\n", sentence);
	if (options->face == FACE_CAPTURE && options->fifo)
		protocol_end_fifo(options->fifo);
	return EXIT_FAILURE;
}

/* The group that may run the engine: the file's own, if it can be seen. */
static const char *engine_group(void)
{
	struct stat engine;
	struct group *group = NULL;

	if (stat(PTCPDUMP_ENGINE, &engine) == 0 && engine.st_gid != 0)
		group = getgrgid(engine.st_gid);
	return group ? group->gr_name : "wireshark";
}

static char *why_no_engine(int reason)
{
	const char *group;

	switch (reason) {
	case EACCES:
		group = engine_group();
		return g_strdup_printf(
			"cannot capture: only members of the group %s may run " PTCPDUMP_ENGINE
			"; to become one: sudo adduser $USER %s, then log out and in again.",
			group, group);
	case EPERM:
		return g_strdup("cannot capture: this container or service lacks capabilities "
				"that " PTCPDUMP_ENGINE
				" needs; start it with BPF, PERFMON and NET_ADMIN (docker run "
				"--cap-add), or capture on the host.");
	case ENOENT:
		return g_strdup("cannot capture: " PTCPDUMP_ENGINE " is missing, the part that "
				"captures; install ptcpdump again.");
	default:
		return g_strdup_printf("cannot capture: starting " PTCPDUMP_ENGINE " failed: %s.",
				       g_strerror(reason));
	}
}

/* Nothing of Wireshark's may stay open in a capture: it waits for the last holder of
 * a pipe's end. Kernels before 5.11 do not know the call, and keep what they have. */
static void close_inherited(void)
{
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Whatever is needed to know is in the command line, as it stands. */
static int become_engine(const struct options *options, char **argv)
{
	g_autofree char *sentence = NULL;

	execv(PTCPDUMP_ENGINE, argv);
	if (options->face == FACE_CHECK_FILTER)
		return CANNOT_TELL;
	sentence = why_no_engine(errno);
	return fail(options, sentence);
}

/* The command line with the command's process added. Shallow: free the array alone. */
static char **add_argument(int argc, char **argv, char *argument)
{
	char **longer = g_new0(char *, argc + 2);

	memcpy(longer, argv, argc * sizeof(*argv));
	longer[argc] = argument;
	return longer;
}

static int capture_command(const struct options *options, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *argument = NULL;
	g_autofree char **longer = NULL;
	struct command command;
	int status;

	close_inherited();
	if (!command_start(&command, options->command, options->log_file, &error))
		return fail(options, error->message);
	argument = command_argument(&command);
	longer = add_argument(argc, argv, argument);
	status = become_engine(options, longer);
	command_cancel(&command);
	return status;
}

/* Some answers the engine knows more of: it sees other users' processes. Each has a name to be
 * remembered by. NULL: the front knows as much. */
static const char *engine_knows_more(const struct options *options)
{
	if (options->face == FACE_INTERFACES)
		return "sources";
	if (options->face != FACE_CONFIG)
		return NULL;
	switch (source_kind_of(options->source, NULL)) {
	case SOURCE_ANY_PROCESS:
		return "dialog";
	case SOURCE_ANY_CONTAINER:
		return "dialog-of-containers";
	case SOURCE_ANY_POD:
		return "dialog-of-pods";
	default:
		return NULL;
	}
}

/* Wireshark itself asks in rounds; who clicks on "List them anew" wants it new. */
static bool answer_again(const struct options *options, const char *name)
{
	g_autofree char *told = options->reload ? NULL : remembered(name);

	if (!told)
		return false;
	if (options->face == FACE_INTERFACES)
		protocol_list(stdout, told);
	else
		fputs(told, stdout);
	return true;
}

/* The engine's parent is not Wireshark, so it is told what we have seen. */
static char *ask(const struct options *options, int argc, char **argv)
{
	g_autofree char *names =
		options->asker_names ? g_strjoinv(",", options->asker_names) : NULL;
	g_autofree char *named = g_strconcat("--asker-names=", names, NULL);
	g_autofree char **longer = add_argument(argc, argv, named);

	return ask_engine(names ? longer : argv);
}

static int answer(const struct options *options, int argc, char **argv)
{
	const char *name = engine_knows_more(options);
	g_autofree char *engine = NULL;
	g_autoptr(GError) error = NULL;

	if (name && answer_again(options, name))
		return EXIT_SUCCESS;
	engine = name ? ask(options, argc, argv) : NULL;
	if (engine && *engine) {
		fputs(engine, stdout);
		if (!options->reload)
			remember(name, engine);
	} else if (!protocol_answer(stdout, options, "ptcpdump", &error)) {
		return fail(options, error->message);
	}
	return EXIT_SUCCESS;
}

/* Of what nobody may set for another. */
static void see_asker(struct options *options)
{
	for (gsize i = 0; i < option_count; i++)
		if (option_table[i].guarded && asker_names(options->source, option_table[i].name))
			options_add_word(&options->asker_names, option_table[i].name);
}

int main(int argc, char **argv)
{
	g_auto(options_t) options;
	g_autoptr(GError) error = NULL;

	streams_open_missing();
	if (!options_parse(&options, argc, argv, &error))
		return options.face == FACE_CHECK_FILTER ? CANNOT_TELL
							 : fail(&options, error->message);
	if (options.face == FACE_CAPTURE && options.command)
		return capture_command(&options, argc, argv);
	if (options.face == FACE_CHECK_FILTER || options.face == FACE_CAPTURE ||
	    options.face == FACE_SELF_TEST) {
		close_inherited();
		return become_engine(&options, argv);
	}
	if (options.face == FACE_CONFIG)
		see_asker(&options);
	return answer(&options, argc, argv);
}
