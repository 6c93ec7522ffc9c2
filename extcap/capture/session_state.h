/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session_state.h - what a session consists of: for its own files alone */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_SESSION_STATE_H
#define PTCPDUMP_EXTCAP_CAPTURE_SESSION_STATE_H

#include "extcap/capture/child.h"
#include "extcap/capture/clock.h"
#include "extcap/capture/packets.h"
#include "extcap/capture/reentry.h"
#include "extcap/capture/runtimes.h"
#include "extcap/capture/scope.h"
#include "extcap/output/sink.h"

struct session {
	const struct options *options;
	struct source source;
	struct scope scope;
	struct child child; /* the command that is captured, if any */
	struct sink *sink;
	struct kernel *kernel;
	struct runtimes *runtimes; /* NULL: they are not asked */
	struct reentry *reentry;   /* NULL: it cannot be */
	struct processes *processes;
	struct viewer viewer;
	struct events *events;
	struct packets packets;
	char *btf; /* --kernel-btf, as it may be believed; NULL: the kernel's own */
	bool by_hand;

	/* The loop's */
	struct clock clock;
	int epoll, signals;
	guint64 started; /* CLOCK_MONOTONIC */
	guint64 forgot;	 /* when the dead were last forgotten */
	guint64 named;	 /* when addresses were last looked at that may be named */
	guint64 stop_at; /* 0: not yet */
	guint told;	 /* bits: refusals that were logged */
	guint64 lost;	 /* packets, when it was looked at last */
	bool losing;	 /* it was told that packets are being lost */
	guint looks;	 /* in vain, in a row */
	guint64 sleepy;	 /* since when the kernel side is to wake us; CLOCK_MONOTONIC ns */
	bool more;	 /* was left where it is for want of room in a batch */
	bool stop;
	int failure; /* negative errno of the output */
};

/** session_open_selection() - from the source and the options; a sentence where nobody is chosen */
bool session_open_selection(struct session *session, GError **error);

/** session_follow_selection() - from here on the kernel side is told of whoever becomes wanted */
void session_follow_selection(struct session *session);

/** session_select() - and of who is there; a sentence where who was chosen is not, or is two */
bool session_select(struct session *session, GError **error);

/* loop.c's */

/** session_take_in() - what the rings have up to @now goes into the stream, if the reader takes
 *  any; @last: nothing is waited for any more */
enum drained session_take_in(struct session *session, guint64 now, bool last);
void session_flush(struct session *session);
/** session_tell_losses() - to the log, when packets begin to be lost and when they are no more */
void session_tell_losses(struct session *session);
bool session_has_enough(const struct session *session);

/** session_finish() - finish.c: from the wish to stop to the stream's end */
void session_finish(struct session *session);

#endif
