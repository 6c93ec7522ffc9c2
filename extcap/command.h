/* SPDX-License-Identifier: GPL-2.0-or-later */
/* command.h - the program that --command names, started by the front
 *
 * Not by the engine: a child of a privileged program has lost half of the user's
 * environment, and run by root it would have had everything. So the front starts it
 * before it becomes the engine, and hands over its pid, a pidfd, and the end of a pipe.
 * The child waits for one byte from there, which the engine writes when it captures: so
 * not even its first packet is missed.
 */
#ifndef PTCPDUMP_EXTCAP_COMMAND_H
#define PTCPDUMP_EXTCAP_COMMAND_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct command {
	pid_t pid;
	int pidfd;
	int go; /* one byte lets it run; closed without one it ends */
};

/**
 * command_start() - make the process that will run @line
 * @line:	words as a shell would split them, with quotes, without anything else of it
 * @log_file:	where what it prints goes; NULL: nowhere. Never to us: Wireshark waits for
 *		whoever holds its pipes, and takes a word on stderr for an error.
 *
 * It gets the user's own environment; under sudo the user's own rights as well. It and
 * what it has started are ended when whoever called this ends, whatever that has become
 * by then.
 *
 * Return: false with one sentence for the user in @error.
 */
bool command_start(struct command *command, const char *line, const char *log_file, GError **error);

/** command_argument() - "--command-child=PID:PIDFD:GOFD", for the engine; free it. Both
 *  descriptors are kept by an exec from now on. */
char *command_argument(const struct command *command);

/** command_cancel() - end it before it has run */
void command_cancel(struct command *command);

#endif
