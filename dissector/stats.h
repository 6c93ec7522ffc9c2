/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stats.h - statistics over owners: -z ptcpdump,tree */
#ifndef PTCPDUMP_DISSECTOR_STATS_H
#define PTCPDUMP_DISSECTOR_STATS_H

#include "dissector/notes.h"

void stats_register(void);

/* Whether anybody counts: then every packet is to be reported. */
gboolean stats_wanted(void);

/* Report a packet; @notes NULL when nothing is known of it. */
void stats_packet(packet_info *pinfo, const struct notes *notes);

#endif
