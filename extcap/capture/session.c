// SPDX-License-Identifier: GPL-2.0-or-later
/* session.c - one capture, from opened to closed
 *
 * Theory of operation
 * One thread, one loop. While packets come it looks at the rings every two
 * milliseconds and no packet wakes it: a wake-up for each would cost the sender more than
 * all the rest. When nothing has come for a while it says so in the shared memory and
 * sleeps; the next record wakes it.
 *
 * Processes are followed always, packets only while the reader takes them: what it does
 * not take stays in the ring, and what no longer fits there is counted by the kernel side.
 *
 * At the end the hooks are told to stop, what is in the ring is written, then the
 * statistics; the output is closed before anything is detached, which takes longer.
 */
#include "extcap/capture/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extcap/btf_file.h"
#include "extcap/capture/clock.h"
#include "extcap/capture/flows.h"
#include "extcap/capture/packets.h"
#include "extcap/capture/stream.h"
#include "extcap/log.h"
#include "extcap/output/sink.h"
#include "extcap/sources/source.h"

#define LOOK_MS	      2	 /* between two looks at the rings while packets come */
#define IDLE_LOOKS    25 /* looks in vain before we sleep */
#define OUTPUT_ROOM   (1 << 20)
#define STOP_NS	      250000000ULL /* for what is still in the ring at the end */
#define STOP_HOLD_NS  150000000ULL /* of which: to wait for owners */
#define FORGET_NS     5000000000ULL
#define STATISTICS_MS 50 /* for the last blocks */

struct session {
	const struct options *options;
	struct source source;
	struct sink *sink;
	struct kernel *kernel;
	struct processes *processes;
	struct events *events;
	struct packets packets;
	struct clock clock;
	int epoll, signals;
	guint64 started; /* CLOCK_MONOTONIC */
	guint64 forgot;	 /* when the dead were last forgotten */
	guint told;	 /* bits: refusals that were logged */
	guint looks;	 /* in vain, in a row */
	bool by_hand;
	bool stop;
	int failure; /* negative errno of the output */
};

static int watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/* The output comes first: where something else is wrong, Wireshark waits for its end. */
static bool open_outputs(struct session *session, GError **error)
{
	const struct options *options = session->options;

	if (!options->source || !options->fifo) {
		g_set_error(error, OPTIONS_ERROR, 0, "nothing to capture: %s is missing.",
			    options->source ? "--fifo (a file, a FIFO, or - for standard output)"
					    : "--extcap-interface (ptcpdump.any, say)");
		return false;
	}
	session->sink = sink_open(options->fifo, error);
	if (!session->sink)
		return false;
	session->by_hand = sink_by_hand(session->sink);
	return log_open(options->log_file, options->log_level, error);
}

struct session *session_new(const struct options *options)
{
	struct session *session = g_new0(struct session, 1);

	session->options = options;
	session->epoll = session->signals = session->clock.fd = -1;
	return session;
}

bool session_open(struct session *session, GError **error)
{
	const struct options *options = session->options;

	if (!open_outputs(session, error))
		return false;
	if (options->kernel_btf && !btf_file_is_trusted(options->kernel_btf, error))
		return false;
	if (!source_parse(options->source, &session->source, error))
		return false;
	if (!options->filter)
		return true;
	session->packets.filter = filter_compile(options->filter, error);
	return session->packets.filter;
}

/* dumpcap takes interface blocks at any time. */
static void on_link(struct link *link, void *data)
{
	struct session *session = data;

	stream_interface(sink_buffer(session->sink), link, session->options);
	log_debug("interface %s is number %u in the stream", link->name, link->interface);
}

static void apply_found(struct session *session, const GByteArray *found)
{
	gsize at = 0;

	while (at + sizeof(struct process_event) <= found->len) {
		const struct process_event *event = (const void *)(found->data + at);

		processes_apply(session->processes, event, found->len - at);
		at += sizeof(*event) + event->path_length;
	}
}

/* All that was there when the capture began, in the form of records: twice, since a parent
 * may come after its child. */
static void learn_processes(struct session *session)
{
	const GByteArray *found = kernel_found_processes(session->kernel);

	apply_found(session, found);
	apply_found(session, found);
	processes_read_arguments(session->processes);
	log_info("%u processes are known", processes_count(session->processes));
}

static guint32 own_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

static bool open_inputs(struct session *session, guint32 netns, gsize ring_size, GError **error)
{
	struct packets *packets = &session->packets;

	session->processes = processes_new();
	session->events = events_open(session->kernel, session->processes, error);
	if (!session->events)
		return false;
	packets->records = records_open(session->kernel, ring_size, error);
	if (!packets->records)
		return false;
	stream_section(sink_buffer(session->sink));
	packets->links =
		links_open(netns, session->source.ifindex, kernel_map(session->kernel, "devices"),
			   on_link, session, error);
	return packets->links;
}

bool session_load(struct session *session, GError **error)
{
	const struct options *options = session->options;
	struct packets *packets = &session->packets;
	struct kernel_options kernel = {
		.netns = own_netns(),
		.ifindex = session->source.ifindex,
		.snapshot_length = options->snapshot_length,
		.ring_size = (gsize)options->buffer_size << 20,
		.btf = options->kernel_btf,
		.without = options->without,
	};

	session->kernel = kernel_load(&kernel, error);
	if (!session->kernel || !open_inputs(session, kernel.netns, kernel.ring_size, error))
		return false;
	packets->attribution = (struct attribution){
		.kernel = session->kernel,
		.events = session->events,
		.processes = session->processes,
	};
	packets->out = sink_buffer(session->sink);
	packets->snapshot_length = options->snapshot_length;
	packets->context = options->context;
	packets->count = options->count;
	learn_processes(session);
	return kernel_attach_wire(session->kernel, error);
}

static void watch(struct session *session, int fd, guint32 what)
{
	struct epoll_event event = {.events = what, .data.fd = fd};

	if (fd >= 0)
		epoll_ctl(session->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Edge-triggered where there is more than we want to read at once: the rings tell of a
 * wake-up, not of each record, and the output of room that was not there before. */
static void watch_all(struct session *session)
{
	session->epoll = epoll_create1(EPOLL_CLOEXEC);
	session->signals = watch_signals();
	watch(session, session->signals, EPOLLIN);
	watch(session, session->clock.fd, EPOLLIN);
	watch(session, links_fd(session->packets.links), EPOLLIN);
	watch(session, sink_fd(session->sink), EPOLLOUT | EPOLLET);
	watch(session, kernel_map(session->kernel, "packets"), EPOLLIN | EPOLLET);
	watch(session, kernel_map(session->kernel, "events"), EPOLLIN | EPOLLET);
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
	} else if (event->data.fd == links_fd(session->packets.links)) {
		links_read(session->packets.links);
	} else if (event->data.fd == sink_fd(session->sink) &&
		   event->events & (EPOLLERR | EPOLLHUP)) {
		session->failure = -EPIPE;
		end_with(session, "the reader has gone");
	}
}

static void flush(struct session *session)
{
	int err = sink_flush(session->sink);

	if (err && !session->failure) {
		session->failure = err;
		end_with(session, err == -EPIPE ? "the reader has gone" : g_strerror(-err));
	}
}

/* Until when we may sleep: for good where the kernel wakes us, else for one look. The flag
 * is set before the rings are looked at once more, as the programs look at it after they
 * have taken their place in a ring: one of us sees the other. */
static int sleep_time(struct session *session)
{
	struct control *control = kernel_control(session->kernel);
	gint64 left = -1;

	if (session->looks < IDLE_LOOKS || !records_wake(session->packets.records))
		return LOOK_MS;
	__atomic_store_n(&control->sleeping, 1, __ATOMIC_SEQ_CST);
	if (!records_empty(session->packets.records) || !events_empty(session->events)) {
		control->sleeping = 0;
		return LOOK_MS;
	}
	if (session->options->duration > 0) {
		left = session->options->duration * 1000 -
		       (gint64)(clock_now() - session->started) / 1000000;
		left = MAX(left, 0) + 1;
	}
	return MIN(left, G_MAXINT);
}

static void wait_for_something(struct session *session)
{
	struct epoll_event events[16];
	int n = epoll_wait(session->epoll, events, G_N_ELEMENTS(events), sleep_time(session));

	kernel_control(session->kernel)->sleeping = 0;
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

/* Now and then the dead are forgotten, and the flows of connections that have ended. */
static void forget(struct session *session, guint64 now)
{
	if (now < session->forgot + FORGET_NS)
		return;
	session->forgot = now;
	processes_expire(session->processes, now);
	flows_age(kernel_map(session->kernel, "flows"), now);
	tell_refusals(session);
}

static void check_limits(struct session *session, guint64 now)
{
	const struct options *options = session->options;

	if (options->count && session->packets.written >= options->count)
		end_with(session, "enough packets (--count)");
	if (options->duration > 0 && now - session->started >= options->duration * 1e9)
		end_with(session, "time is up (--duration)");
}

/* All events up to @now first, then packets up to then: what a packet's process was is known
 * when the packet is looked at. Returns true when packets were left in the ring. */
static bool take_in(struct session *session, guint64 now, bool last)
{
	bool left = true;

	if (events_drain(session->events) && !sink_waiting(session->sink))
		left = packets_drain(&session->packets, OUTPUT_ROOM, now, last);
	flush(session);
	return left;
}

static void look(struct session *session)
{
	guint64 before = session->packets.written;
	guint64 now = clock_now();
	bool waiting = take_in(session, now, false);

	forget(session, now);
	check_limits(session, now);
	session->looks = waiting || session->packets.written != before ? 0 : session->looks + 1;
}

/* What is in the ring goes out, as far as the reader takes it in the time that is left. */
static void drain(struct session *session)
{
	guint64 begin = clock_now(), now = begin;

	kernel_control(session->kernel)->capturing = 0;
	while (!session->failure && now < begin + STOP_NS) {
		now = clock_now();
		take_in(session, now, now > begin + STOP_HOLD_NS);
		if (records_empty(session->packets.records))
			break;
		g_usleep(1000);
	}
	packets_discard(&session->packets);
}

static void write_statistics(struct session *session)
{
	guint64 offset = session->clock.offset;

	stream_statistics(sink_buffer(session->sink), session->packets.links,
			  session->started + offset, clock_now() + offset);
	flush(session);
	for (int i = 0; i < STATISTICS_MS && sink_waiting(session->sink) && !session->failure;
	     i++) {
		g_usleep(1000);
		flush(session);
	}
}

bool session_run(struct session *session, GError **error)
{
	clock_open(&session->clock);
	session->packets.offset = session->clock.offset;
	watch_all(session);
	flush(session);
	session->started = clock_now();
	kernel_control(session->kernel)->capturing = 1;
	log_info("capturing on %s", session->options->source);
	while (!session->stop) {
		wait_for_something(session);
		look(session);
	}
	drain(session);
	write_statistics(session);
	g_clear_pointer(&session->sink, sink_free);
	if (!session->failure || session->failure == -EPIPE)
		return true;
	g_set_error(error, OPTIONS_ERROR, -session->failure,
		    "cannot write packets to \"%s\": %s; what was written until then is complete.",
		    session->options->fifo, g_strerror(-session->failure));
	return false;
}

char *session_summary(const struct session *session)
{
	const struct counts counts = stream_counts(session->packets.links);

	return g_strdup_printf("%" G_GUINT64_FORMAT " packets captured, %" G_GUINT64_FORMAT
			       " of them with an owner; %" G_GUINT64_FORMAT
			       " seen, %" G_GUINT64_FORMAT
			       " rejected by the filter, %" G_GUINT64_FORMAT
			       " lost for want of room, %" G_GUINT64_FORMAT " cut at the end",
			       counts.written, session->packets.owned, counts.seen, counts.rejected,
			       counts.lost, counts.cut);
}

bool session_by_hand(const struct session *session)
{
	return session->by_hand;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	filter_free(session->packets.filter);
	if (session->packets.records)
		records_free(session->packets.records);
	links_free(session->packets.links);
	events_free(session->events);
	processes_free(session->processes);
	kernel_free(session->kernel);
	sink_free(session->sink);
	if (session->epoll >= 0)
		close(session->epoll);
	if (session->signals >= 0)
		close(session->signals);
	clock_close(&session->clock);
	g_free(session);
}
