// SPDX-License-Identifier: GPL-2.0-or-later
/* finish.c - how a capture ends: everything that was seen is in the stream, or counted
 *
 * Theory of operation
 * The wire side is told to stop. Its programs are readers of RCU: after a grace period none is at
 * work any more, and every packet that was counted as seen is in a lane, or is counted as
 * what became of it. What is in the lanes is written as long as there is time and the reader takes
 * it, the rest is read and counted as cut. So is what stands in our own buffer: a packet of
 * which the reader has not all is none. Of a packet that it has begun the rest still comes,
 * then the statistics; a file ends behind its last whole block.
 *
 * The output is closed before anything is detached, which takes longer.
 */
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extcap/capture/session.h"
#include "extcap/capture/session_state.h"
#include "extcap/capture/stream.h"
#include "extcap/log.h"
#include "extcap/output/untaken.h"
#include "extcap/seal.h"

SEAL_NEEDS("membarrier nanosleep clock_nanosleep clock_nanosleep_time64");

#define STOP_NS	      200000000ULL /* for what is still in the lanes */
#define STOP_HOLD_NS  120000000ULL /* of which: to wait for owners */
#define STATISTICS_MS 40	   /* for the last blocks */

static void stop_wire(struct session *session)
{
	__atomic_store_n(&kernel_control(session->kernel)->capturing, 0, __ATOMIC_SEQ_CST);
	/* Refused where CPUs are kept from the kernel's own work (nohz_full). */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		g_usleep(10 * SETTLE_NS / 1000);
}

/* What is in the lanes goes out, as far as the reader takes it in the time that is left. */
static void drain(struct session *session)
{
	guint64 begin = clock_now(), now = begin;

	while (!session->failure && now < begin + STOP_NS) {
		enum drained drained;

		now = clock_now();
		drained = session_take_in(session, now, now > begin + STOP_HOLD_NS);
		if (session_has_enough(session) || records_empty(session->packets.records))
			break;
		if (drained != DRAINED_FULL || sink_waiting(session->sink))
			g_usleep(1000);
	}
	packets_discard(&session->packets);
}

/* The packets behind the first @whole bytes are none. */
static void cut(struct session *session, gsize whole)
{
	untaken_drop(sink_buffer(session->sink), whole, packets_cut, &session->packets);
}

static gsize begun(struct session *session)
{
	return untaken_begun(sink_buffer(session->sink), sink_taken(session->sink));
}

/* A file that takes no more ends behind a whole block again, and has perhaps room for the
 * statistics, which are smaller. Another reader still gets the rest of the block that it has
 * begun. */
static void make_way(struct session *session)
{
	gsize whole = begun(session);

	sink_take_back(session->sink, whole);
	cut(session, MAX(whole, sink_taken(session->sink)));
}

static void write_statistics(struct session *session)
{
	guint64 offset = session->clock.offset;

	stream_statistics(sink_buffer(session->sink), session->packets.links,
			  session->started + offset, clock_now() + offset);
	session_flush(session);
	for (int i = 0; i < STATISTICS_MS && sink_waiting(session->sink) && !session->failure;
	     i++) {
		g_usleep(1000);
		session_flush(session);
	}
}

/* Nothing more will be taken. */
static void give_up(struct session *session)
{
	gsize whole = begun(session);

	sink_take_back(session->sink, whole);
	cut(session, whole);
}

void session_finish(struct session *session)
{
	g_autofree char *summary = NULL;

	stop_wire(session);
	session_tell_losses(session);
	drain(session);
	if (sink_waiting(session->sink))
		make_way(session);
	write_statistics(session);
	if (sink_waiting(session->sink))
		give_up(session);
	g_clear_pointer(&session->sink, sink_free);
	summary = session_summary(session);
	log_info("%s", summary);
}
