/* SPDX-License-Identifier: GPL-2.0-or-later */
/* child.h - the command that is captured (--command), as the engine sees it
 *
 * The front has started it, as the user and in the user's environment, and has become
 * the engine, whose child it therefore is. It waits on a pipe until it is captured; its
 * end ends the capture, and it dies with the engine.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_CHILD_H
#define PTCPDUMP_EXTCAP_CAPTURE_CHILD_H

#include <glib.h>
#include <stdbool.h>

struct child {
	guint32 pid; /* 0: there is none */
	int pidfd;   /* readable when it has ended */
	int go;	     /* the pipe's end: a byte lets it run */
};

/**
 * child_open() - take over what the front has started
 * @text:	"PID:PIDFD:GOFD" (--command-child); NULL: nothing
 */
bool child_open(struct child *child, const char *text, GError **error);

/** child_go() - it may run: the capture has begun */
void child_go(struct child *child);

/** child_ended() - it has ended: tell how, in the log, and take it off the table */
void child_ended(struct child *child);

/** child_close() - end it, if it still runs */
void child_close(struct child *child);

#endif
