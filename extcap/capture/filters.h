/* SPDX-License-Identifier: GPL-2.0-or-later */
/* filters.h - the capture filter of a session, from what the options say
 *
 * There are two: Wireshark's field, or tshark's -f, for this capture, and one in the dialog, which
 * stays. Where both are given, packets must match both.
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_FILTERS_H
#define PTCPDUMP_EXTCAP_CAPTURE_FILTERS_H

#include "extcap/filter/classic.h"
#include "extcap/options.h"
#include "extcap/sources/source.h"

/**
 * filters_open() - compile it; raises the privilege for that, where it takes one
 * @filter:	the caller's; NULL where no filter is given
 *
 * Return: false with a sentence in @error: it is wrong, or it can capture nothing on the one
 *         interface that the source is.
 */
bool filters_open(struct filter **filter, const struct source *source,
		  const struct options *options, GError **error);

#endif
