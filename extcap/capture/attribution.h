/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attribution.h - whose packet a record is, and who is at its other end
 *
 * Theory of operation
 * A packet has two ends. Its sender stands in its record: in an outgoing one as owner, in an
 * incoming one as peer, where it is on this machine. The owner is the process at the near
 * end, who sends what goes out and receives what comes in; the peer is the other.
 * On loopback a packet is shown once, for its sender, or for its receiver where the kernel
 * itself sends (an echo reply, the RST of a closed port). What merely passes through has no
 * near end here: it is named for the process that it comes from or goes to, on whichever
 * side that is.
 *
 * Which socket takes an incoming packet is decided after its record was made, and stands in the
 * late table; who reads from that socket may be decided later still. So an incoming packet may have
 * to wait where it is, for HOLD_NS:
 *
 *   no socket yet       until one has taken it, in whatever namespace; none does: the flow
 *                       table's answer, or nobody (closed port)
 *   several receivers   nobody's
 *   a later fragment    until the first one has its owner
 *   data for a socket that several processes hold, or may hold: one that nobody has used
 *                       yet (just accepted, or made and handed on), that several have used,
 *                       or whose owner has children: until somebody has read it (reads.h).
 *                       Nobody does in time: its owner, if no other process is known to
 *                       hold it; else nobody, for a wrong owner is worse than none. A busy
 *                       server that forks a worker for each connection may take longer to
 *                       start it (150 ms were seen): for those the wait is HOLD_ACCEPTED_NS,
 *                       as long as there is room enough
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_ATTRIBUTION_H
#define PTCPDUMP_EXTCAP_CAPTURE_ATTRIBUTION_H

#include "extcap/capture/events.h"
#include "extcap/capture/flows.h"
#include "extcap/capture/fragments.h"
#include "extcap/capture/kernel.h"
#include "extcap/identity/processes.h"

/* No packet is looked at earlier: by then the softirq that brought it is over, every socket
 * that takes it has had its turn, and no older record is on its way. */
#define SETTLE_NS	 2000000ULL
#define HOLD_NS		 20000000ULL
#define HOLD_ACCEPTED_NS 200000000ULL

struct attribution {
	struct kernel *kernel;
	struct events *events;
	struct processes *processes;
	struct fragments *fragments;
	struct flows *flows;
	bool sees_forks; /* else anybody may have children */
	bool crowded;	 /* there is little room: no long waits */
};

struct attributed {
	bool has_owner, has_peer;
	struct owner owner;
	struct owner peer;
	enum direction direction; /* seen from the owner: it has sent it, or it receives it */
};

/**
 * attribute() - find the owner of a packet
 * @now:	CLOCK_MONOTONIC ns
 *
 * Return: false when the packet has to wait: ask again later.
 */
bool attribute(const struct attribution *attribution, const struct packet_record *record,
	       guint64 now, struct attributed *out);

#endif
