// SPDX-License-Identifier: GPL-2.0-or-later
/* loop.c - a capture while it runs
 *
 * Theory of operation
 * One thread, one loop. While packets come it looks at the rings every two
 * milliseconds, at once where it could not take all, and no packet wakes it: a wake-up for
 * each would cost the sender more than all the rest. When nothing has come for a while it says so
 * in the shared memory, looks once more, and sleeps; the next record wakes it.
 *
 * Processes are followed always, packets only while the reader takes them: what it does
 * not take stays in the lanes, and what no longer fits there is counted by the kernel side.
 * How it ends is finish.c's.
 */
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "extcap/capture/session.h"
#include "extcap/capture/session_state.h"
#include "extcap/capture/stream.h"
#include "extcap/log.h"
#include "extcap/seal.h"

SEAL_NEEDS("epoll_create1 epoll_ctl epoll_wait epoll_pwait signalfd4 rt_sigaction rt_sigprocmask");

#define LOOK_MS	    2	 /* between two looks at the rings while packets come */
#define IDLE_LOOKS  5	 /* looks in vain before we sleep */
#define STUCK_MS    10	 /* between two while the reader takes nothing: a full pipe lasts longer */
#define SLEEP_MS    1000 /* at most: there are things to forget */
#define OUTPUT_ROOM (1 << 17)	 /* stays in the CPU's cache until it is written */
#define CHILD_NS    200000000ULL /* for the last packets of a command that has ended */
#define FORGET_NS   5000000000ULL
#define NAME_NS	    1000000000ULL

static int watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool watch(struct session *session, int fd, guint32 what)
{
	struct epoll_event event = {.events = what, .data.fd = fd};

	return epoll_ctl(session->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* What is not there has no descriptor. */
static bool watch_if(struct session *session, int fd, guint32 what)
{
	return fd < 0 || watch(session, fd, what);
}

/* Edge-triggered where there is more than we want to read at once: the rings tell of a
 * wake-up, not of each record, and the output of room that was not there before. A reader that
 * has gone is told of in any case. */
static bool watch_all(struct session *session, GError **error)
{
	guint32 room = sink_is_deep(session->sink) ? 0 : EPOLLOUT | EPOLLET;

	session->epoll = epoll_create1(EPOLL_CLOEXEC);
	session->signals = watch_signals();
	if (session->epoll >= 0 && session->signals >= 0 &&
	    watch(session, session->signals, EPOLLIN) &&
	    watch_if(session, session->clock.fd, EPOLLIN) &&
	    watch_if(session, session->child.pidfd, EPOLLIN) &&
	    watch_if(session, runtimes_fd(session->runtimes), EPOLLIN) &&
	    watch(session, links_fd(session->packets.links), EPOLLIN) &&
	    watch_if(session, reentry_fd(session->reentry), EPOLLIN) &&
	    watch_if(session, sink_fd(session->sink), room) &&
	    watch(session, kernel_map(session->kernel, "events"), EPOLLIN | EPOLLET))
		return true;
	g_set_error(error, OPTIONS_ERROR, errno,
		    "cannot wait for packets: %s; the limit on epoll watches is too low "
		    "(/proc/sys/fs/epoll/max_user_watches).",
		    g_strerror(errno));
	return false;
}

static void end_with(struct session *session, const char *why)
{
	if (!session->stop)
		log_info("ending: %s", why);
	session->stop = true;
}

static void handle(struct session *session, const struct epoll_event *event)
{
	struct signalfd_siginfo signal_info;

	if (event->data.fd == session->signals) {
		if (read(session->signals, &signal_info, sizeof(signal_info)) > 0)
			end_with(session, "asked to by a signal");
	} else if (event->data.fd == session->clock.fd) {
		clock_reset(&session->clock);
		session->packets.offset = session->clock.offset;
	} else if (event->data.fd == session->child.pidfd) {
		epoll_ctl(session->epoll, EPOLL_CTL_DEL, session->child.pidfd, NULL);
		child_ended(&session->child);
		session->stop_at = clock_now() + CHILD_NS;
	} else if (event->data.fd == runtimes_fd(session->runtimes)) {
		/* When the other end is gone its descriptor is closed, and watched no more. */
		runtimes_read(session->runtimes);
	} else if (event->data.fd == links_fd(session->packets.links)) {
		links_read(session->packets.links);
	} else if (event->data.fd == reentry_fd(session->reentry)) {
		reentry_read(session->reentry);
	} else if (event->data.fd == sink_fd(session->sink) &&
		   event->events & (EPOLLERR | EPOLLHUP)) {
		session->failure = -EPIPE;
		end_with(session, "the reader has gone");
	}
}

void session_flush(struct session *session)
{
	int err = sink_flush(session->sink);

	if (err && !session->failure) {
		session->failure = err;
		end_with(session, err == -EPIPE ? "the reader has gone" : g_strerror(-err));
	}
}

/* How long we may sleep: for long where the kernel wakes us, else until the next look. The programs
 * look at the flag when their record is written, but need not see it at once, nor we their record:
 * for that their CPU would have to wait for its memory at each packet. So we look once more, an age
 * later, before we sleep for long. */
static int sleep_time(struct session *session)
{
	struct control *control = kernel_control(session->kernel);
	gint64 left;

	if (session->more)
		return 0;
	if (session->looks < IDLE_LOOKS || !records_wake(session->packets.records))
		return LOOK_MS;
	if (sink_waiting(session->sink))
		return STUCK_MS;
	if (!control->sleeping) {
		__atomic_store_n(&control->sleeping, 1, __ATOMIC_SEQ_CST);
		session->sleepy = clock_now();
	}
	if (clock_now() < session->sleepy + LOOK_MS * 1000000ULL)
		return LOOK_MS;
	if (!records_empty(session->packets.records) || !events_empty(session->events))
		return LOOK_MS;
	if (!session->stop_at)
		return SLEEP_MS;
	left = (gint64)(session->stop_at - clock_now()) / 1000000;
	return CLAMP(left, 0, SLEEP_MS) + 1;
}

static void wait_for_something(struct session *session)
{
	struct epoll_event events[16];
	int n = epoll_wait(session->epoll, events, G_N_ELEMENTS(events), sleep_time(session));

	for (int i = 0; i < n; i++)
		handle(session, &events[i]);
}

/* What only the kernel side can have noticed is told once, when it first happens. */
static void tell_refusals(struct session *session)
{
	const struct control *control = kernel_control(session->kernel);
	const struct {
		guint64 count;
		const char *what;
	} refusals[] = {
		{control->flows_refused, "the flow table is full: late packets of connections "
					 "that have ended may have no owner"},
		{control->devices_refused, "there are too many interfaces: the packets of some "
					   "are not captured"},
		{control->selected_refused, "too many processes are selected: packets of some are "
					    "missing"},
		{control->records_unread, "the bytes of some packets could not be read: they are "
					  "counted as lost"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
		if (!refusals[i].count || session->told & 1U << i)
			continue;
		log_warning("%s", refusals[i].what);
		session->told |= 1U << i;
	}
}

/* When packets begin to be lost, and when they are no more. */
void session_tell_losses(struct session *session)
{
	guint64 lost = stream_counts(session->packets.links).lost;
	bool losing = lost != session->lost;

	if (losing && !session->losing)
		log_warning("packets are being lost: there is no room in the buffer of %u MiB, %s "
			    "(%" G_GUINT64_FORMAT " so far); --buffer-size makes it larger",
			    session->options->buffer_size,
			    sink_waiting(session->sink) ? "the reader takes too little"
							: "they come too fast",
			    lost);
	else if (!losing && session->losing)
		log_info("no more packets are lost: %" G_GUINT64_FORMAT " were", lost);
	session->lost = lost;
	session->losing = losing;
}

/* Now and then the dead are forgotten, and the flows of connections that have ended, and we
 * look for what nobody tells of. */
static void forget(struct session *session, guint64 now)
{
	guint64 oldest;

	if (now < session->forgot + FORGET_NS)
		return;
	session->forgot = now;
	/* A reader that stands still has packets before it that are older. */
	oldest = packets_oldest(&session->packets, now);
	processes_expire(session->processes, oldest);
	containers_expire(processes_containers(session->processes));
	flows_age(session->packets.attribution.flows, oldest);
	links_forget(session->packets.links, now);
	reentry_look_around(session->reentry);
	tell_refusals(session);
	session_tell_losses(session);
}

bool session_has_enough(const struct session *session)
{
	guint64 count = session->options->count;

	return count && session->packets.written >= count;
}

static void check_limits(struct session *session, guint64 now)
{
	if (session_has_enough(session))
		end_with(session, "enough packets (--count)");
	if (session->stop_at && now >= session->stop_at)
		end_with(session, "time is up, or the command has ended");
}

/* All events up to @now first, then packets up to then: what a packet's process was is known
 * when the packet is looked at. */
enum drained session_take_in(struct session *session, guint64 now, bool last)
{
	enum drained drained = DRAINED_WAITS;

	if (events_drain(session->events) && !sink_waiting(session->sink))
		drained = packets_drain(&session->packets, OUTPUT_ROOM, now, last);
	session_flush(session);
	return drained;
}

/* A gap stands before the next packet, whichever CPU brings that: it need not be the one that lost
 * some. As long as there is more in the lanes, the gap is not reached yet. */
static void find_lost(struct session *session, enum drained drained)
{
	struct control *control = kernel_control(session->kernel);

	if (!control->has_lost || drained == DRAINED_FULL || sink_waiting(session->sink))
		return;
	__atomic_store_n(&control->has_lost, 0, __ATOMIC_SEQ_CST);
	packets_find_lost(&session->packets);
}

/* Between packets, and for those that come next. */
static void name_addresses(struct session *session, guint64 now)
{
	struct packets *packets = &session->packets;
	guint n;

	if (!packets->host_names || now < session->named + NAME_NS || sink_waiting(session->sink))
		return;
	session->named = now;
	n = host_names_write(packets->host_names, packets->addresses, clock_boot(), packets->out);
	if (n)
		log_info("%u addresses have a name from now on", n);
}

static void look(struct session *session)
{
	guint64 before = session->packets.written;
	gsize taken = sink_taken(session->sink);
	guint64 now = clock_now();
	enum drained drained;
	bool stuck, idle;

	name_addresses(session, now);
	drained = session_take_in(session, now, false);
	stuck = sink_waiting(session->sink) && sink_taken(session->sink) == taken;
	idle = (drained == DRAINED_ALL || stuck) && session->packets.written == before;
	find_lost(session, drained);
	forget(session, now);
	check_limits(session, now);
	session->looks = idle ? session->looks + 1 : 0;
	if (!idle)
		kernel_control(session->kernel)->sleeping = 0;
	session->more = drained == DRAINED_FULL && !sink_waiting(session->sink);
}

bool session_run(struct session *session, GError **error)
{
	clock_open(&session->clock);
	session->packets.offset = session->clock.offset;
	if (!watch_all(session, error))
		return false;
	session_flush(session);
	session->started = clock_now();
	if (session->options->duration > 0)
		session->stop_at = session->started + session->options->duration * 1e9;
	kernel_control(session->kernel)->capturing = 1;
	log_info("capturing on %s", session->options->source);
	child_go(&session->child);
	while (!session->stop) {
		wait_for_something(session);
		look(session);
	}
	session_finish(session);
	if (!session->failure || session->failure == -EPIPE)
		return true;
	g_set_error(error, OPTIONS_ERROR, -session->failure,
		    "cannot write packets to \"%s\": %s; what was written until then is complete.",
		    session->options->fifo, g_strerror(-session->failure));
	return false;
}
