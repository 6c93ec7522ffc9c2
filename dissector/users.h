/* SPDX-License-Identifier: GPL-2.0-or-later */
/* users.h - names of user ids */
#ifndef PTCPDUMP_DISSECTOR_USERS_H
#define PTCPDUMP_DISSECTOR_USERS_H

#include <glib.h>

/**
 * user_name() - the account behind a user id, on the machine that reads the capture
 *
 * It may not be the machine that wrote it, nor the owner's container: a hint.
 *
 * Return: borrowed for ever, printable; NULL when there is none.
 */
const char *user_name(guint32 uid);

#endif
