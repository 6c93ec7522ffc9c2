/* SPDX-License-Identifier: GPL-2.0-or-later */
/* streams.h - standard input, output and error */
#ifndef PTCPDUMP_EXTCAP_STREAMS_H
#define PTCPDUMP_EXTCAP_STREAMS_H

/**
 * streams_open_missing() - /dev/null where one of them is not open
 *
 * Else what is opened next gets its number, and a capture our words. The C library does so only for
 * programs that gain privileges.
 */
void streams_open_missing(void);

#endif
