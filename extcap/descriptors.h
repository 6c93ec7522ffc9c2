/* SPDX-License-Identifier: GPL-2.0-or-later */
/* descriptors.h - the first three of them, and how many there may be */
#ifndef PTCPDUMP_EXTCAP_DESCRIPTORS_H
#define PTCPDUMP_EXTCAP_DESCRIPTORS_H

#include <glib.h>
#include <stdbool.h>

/**
 * streams_open_missing() - /dev/null where standard input, output or error is not open
 *
 * Else what is opened next gets its number, and a capture our words. The C library does so only for
 * programs that gain privileges.
 */
void streams_open_missing(void);

/**
 * descriptors_suffice() - that an engine may open what it needs, whatever limit it was started with
 *
 * A hundred are enough for most captures: programs, links and maps take one each. The soft limit
 * (getrlimit(2)) is ours to raise; a hard one that is too low is refused here, so that no part of
 * a capture is missing for it. To be asked when the output is open, for whose end Wireshark waits.
 */
bool descriptors_suffice(GError **error);

#endif
