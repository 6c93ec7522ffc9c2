/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ask.h - the front asks the engine for an answer that it would know less of itself */
#ifndef PTCPDUMP_EXTCAP_ASK_H
#define PTCPDUMP_EXTCAP_ASK_H

#include <glib.h>

/**
 * ask_engine() - what the engine answers to the command line that the front got
 * @argv:	as main() got it
 *
 * Return: all that it says on stdout, to be freed; NULL when it cannot be started, fails,
 *         or takes too long for somebody who waits for a list.
 */
char *ask_engine(char **argv);

#endif
