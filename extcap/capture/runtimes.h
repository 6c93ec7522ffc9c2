/* SPDX-License-Identifier: GPL-2.0-or-later */
/* runtimes.h - what container runtimes say, for a capture
 *
 * ptcpdump-names asks them (names/client.h), and is told of containers that appear and that no
 * runtime has told of. Nothing waits for it, but a start that selects by what only they can
 * tell.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_RUNTIMES_H
#define PTCPDUMP_EXTCAP_CAPTURE_RUNTIMES_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/identity/addresses.h"
#include "extcap/identity/containers.h"
#include "extcap/names/client.h"
#include "extcap/options.h"

struct runtimes;

/** runtimes_asked() - where the options say that they are asked; strings stay theirs */
struct names_options runtimes_asked(const struct options *options);

/**
 * runtimes_open() - ask from now on; with the user's own rights
 *
 * Return: NULL where that cannot be, with one sentence for the user in @error.
 */
struct runtimes *runtimes_open(const struct options *options, GError **error);

/** runtimes_tell() - tell these (borrowed) from now on, first what has come already */
void runtimes_tell(struct runtimes *runtimes, struct containers *containers,
		   struct addresses *addresses);

/**
 * runtimes_wait() - until all have told what they have, for a moment at most
 *
 * Return: false where they will tell nothing, with one sentence for the user in @error.
 */
bool runtimes_wait(struct runtimes *runtimes, GError **error);

/** runtimes_fd() - readable when there is something to read; -1: never (also for NULL) */
int runtimes_fd(const struct runtimes *runtimes);

/** runtimes_read() - take in what has come; never waits */
void runtimes_read(struct runtimes *runtimes);

void runtimes_close(struct runtimes *runtimes);

#endif
