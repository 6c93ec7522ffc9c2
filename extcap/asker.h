/* SPDX-License-Identifier: GPL-2.0-or-later */
/* asker.h - what the command line of who started us, Wireshark or tshark, says */
#ifndef PTCPDUMP_EXTCAP_ASKER_H
#define PTCPDUMP_EXTCAP_ASKER_H

#include <glib.h>
#include <stdbool.h>

/**
 * asker_names() - does it set an option of ours by hand: "-o extcap.ptcpdump_any.logfile:…"?
 * @source:	"ptcpdump.any"
 * @option:	"log-file"
 *
 * A preference of that name in a file (a profile that somebody sent) does not count.
 */
bool asker_names(const char *source, const char *option);

/** asker_line_names() - the same of a command line: @length bytes, words that end in NUL, and one
 *  behind them */
bool asker_line_names(const char *line, gsize length, const char *source, const char *option);

#endif
