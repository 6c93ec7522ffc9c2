/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - what the program says of itself, into --log-file
 *
 * Under Wireshark a byte on standard error opens an error dialog, so nothing here
 * goes there. Without a log file the log is nowhere.
 */
#ifndef PTCPDUMP_EXTCAP_LOG_H
#define PTCPDUMP_EXTCAP_LOG_H

#include <glib.h>
#include <stdbool.h>

#include "extcap/options.h"

/**
 * log_open() - from here on log what is at least as grave as @level
 * @path:	appended to; made with mode 0600; NULL: no log. A symbolic link is refused.
 *
 * Call it with the user's own rights only.
 */
bool log_open(const char *path, enum log_level level, GError **error);

/** log_message() - one line; control characters in it become blanks */
void log_message(enum log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define log_warning(...) log_message(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	 log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
