/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - one capture, from opened to closed
 *
 * States, and what is legal in each:
 *
 *   new        session_new()
 *   opened     session_open(): the output and the log are open with the user's own rights,
 *              the filter is compiled; nothing is loaded
 *   loaded     session_load(), with capabilities raised: programs and maps are loaded and
 *              attached, what was there before is known; no packet is captured yet
 *   running    session_run(), with all capabilities gone for good
 *   closed     session_run() has returned: the stream is complete, the output is closed
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_SESSION_H
#define PTCPDUMP_EXTCAP_CAPTURE_SESSION_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/options.h"

struct session;

/** session_new() - a capture that @options (borrowed) asks for */
struct session *session_new(const struct options *options);

/* Each returns false with one sentence for the user in @error. Whatever happened, the
 * output stays open until session_run() has returned true or session_free(): dumpcap must
 * not see its end before a sentence about a failure is out on stderr. */
bool session_open(struct session *session, GError **error);
bool session_load(struct session *session, GError **error);

/**
 * session_run() - capture until a signal, a limit or the reader ends it
 *
 * Return: false with one sentence for the user in @error when it ended otherwise than by
 *         the user's wish (a full disk); that the reader has gone is such a wish.
 */
bool session_run(struct session *session, GError **error);

/** session_summary() - one line of counts, for people; to be freed */
char *session_summary(const struct session *session);

/** session_by_hand() - is there a person to read the summary? */
bool session_by_hand(const struct session *session);

void session_free(struct session *session);
typedef struct session session_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(session_t, session_free)

#endif
