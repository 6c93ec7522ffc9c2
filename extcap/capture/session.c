// SPDX-License-Identifier: GPL-2.0-or-later
/* session.c - one capture, from opened to closed
 *
 * A session is made here, step by step as session.h says, and taken apart; what it does
 * while it runs is loop.c's.
 */
#include "extcap/capture/session.h"

#include <unistd.h>

#include "extcap/btf_file.h"
#include "extcap/capture/elsewhere.h"
#include "extcap/capture/filters.h"
#include "extcap/capture/placement.h"
#include "extcap/capture/session_state.h"
#include "extcap/capture/stream.h"
#include "extcap/descriptors.h"
#include "extcap/log.h"
#include "extcap/settings.h"

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
	session->child.pidfd = session->child.go = -1;
	return session;
}

/* Without it containers go by their ids, which is said in the log; who selects by names needs it.
 */
static bool open_runtimes(struct session *session, GError **error)
{
	const struct options *options = session->options;
	g_autoptr(GError) why = NULL;
	bool by_name = selection_by_container_name(session->packets.selection);

	if (!by_name && !options->address_names &&
	    !(options->context & (CONTEXT_CONTAINER | CONTEXT_POD)))
		return true;
	session->runtimes = runtimes_open(options, &why);
	if (session->runtimes)
		return true;
	if (by_name) {
		g_propagate_error(error, g_steal_pointer(&why));
		return false;
	}
	log_warning("%s", why->message);
	return true;
}

/* Root may see all. */
static bool open_viewer(struct session *session, GError **error)
{
	struct settings settings;

	if (getuid() == 0)
		return true;
	if (!settings_read(&settings, PTCPDUMP_SETTINGS, error))
		return false;
	session->viewer = (struct viewer){.own_only = !settings.all_arguments, .uid = getuid()};
	return true;
}

bool session_open(struct session *session, GError **error)
{
	const struct options *options = session->options;

	if (!open_outputs(session, error) || !descriptors_suffice(error) ||
	    !open_viewer(session, error))
		return false;
	if (options->kernel_btf) {
		session->btf = btf_file_trusted(options->kernel_btf, error);
		if (!session->btf)
			return false;
	}
	if (!source_parse(options->source, &session->source, error) ||
	    !scope_open(&session->scope, &session->source, options, error) ||
	    !child_open(&session->child, options->command_child, error) ||
	    !session_open_selection(session, error))
		return false;
	if (!filters_open(&session->packets.filter, &session->source, options, error))
		return false;
	return open_runtimes(session, error);
}

static void tell_refusal(const struct filter *filter, const struct link *link)
{
	const char *refusal = filter ? filter_refusal(filter, link_kind_of(link->hardware)) : NULL;

	if (refusal)
		log_warning("the filter captures nothing on interface %s: %s", link->name, refusal);
}

/* dumpcap takes interface blocks at any time. */
static void on_link(struct link *link, void *data)
{
	struct session *session = data;

	stream_interface(sink_buffer(session->sink), link, session->scope.own,
			 session->packets.filter, session->options);
	log_debug("interface %s is number %u in the stream", link->name, link->interface);
	tell_refusal(session->packets.filter, link);
	reentry_look(session->reentry, link->key.netns);
}

/* All that was there when the capture began, in the form of records: twice, since a parent
 * may come after its child. */
static void learn_processes(struct session *session)
{
	const GByteArray *found = kernel_found_processes(session->kernel);
	int unread;

	processes_apply_found(session->processes, found->data, found->len);
	processes_apply_found(session->processes, found->data, found->len);
	unread = processes_read_arguments(session->processes);
	if (unread > 0)
		log_warning("%d processes have no arguments: they do not let them be read", unread);
	else if (unread < 0)
		log_warning("processes older than the capture have no arguments: %s",
			    g_strerror(-unread));
	/* Now monitors of containers tell whom they have started, and those, whom they have. */
	processes_apply_found(session->processes, found->data, found->len);
	processes_apply_found(session->processes, found->data, found->len);
	log_info("%u processes are known", processes_count(session->processes));
}

/* Those that only their runtimes can name are there when the capture begins. */
static bool meet_runtimes(struct session *session, GError **error)
{
	if (!session->runtimes)
		return true;
	runtimes_tell(session->runtimes, processes_containers(session->processes),
		      session->packets.addresses);
	return !selection_by_container_name(session->packets.selection) ||
	       runtimes_wait(session->runtimes, error);
}

static void on_elsewhere(const struct link_event *link, void *data)
{
	links_learn(data, link);
}

static bool open_inputs(struct session *session, gsize buffer_size, GError **error)
{
	struct packets *packets = &session->packets;
	bool has_own = scope_has_own(&session->scope);

	session->processes = processes_new();
	processes_show_to(session->processes, &session->viewer);
	session_follow_selection(session);
	session->events = events_open(session->kernel, session->processes, error);
	if (!session->events)
		return false;
	packets->records = records_open(session->kernel, buffer_size, error);
	if (!packets->records)
		return false;
	stream_section(sink_buffer(session->sink));
	packets->links =
		links_open(session->scope.own, has_own ? session->scope.ifindex : LINKS_NONE,
			   kernel_map(session->kernel, "devices"), on_link, session, error);
	if (!packets->links)
		return false;
	elsewhere_list(&session->scope, on_elsewhere, packets->links);
	events_tell_links(session->events, packets->links);
	return true;
}

static void set_up_packets(struct session *session)
{
	const struct options *options = session->options;
	struct packets *packets = &session->packets;

	packets->attribution = (struct attribution){
		.kernel = session->kernel,
		.events = session->events,
		.processes = session->processes,
		.fragments = fragments_new(),
		.flows = flows_new(kernel_map(session->kernel, "flows")),
		.sees_forks = kernel_has_hook(session->kernel, "fork"),
	};
	packets->addresses = addresses_new();
	packets->out = sink_buffer(session->sink);
	packets->snapshot_length = options->snapshot_length;
	packets->context = options->context;
	packets->directions = options->direction;
	packets->count = options->count;
}

static void on_address(guint32 netns, const struct address *address, void *data)
{
	host_names_learn(data, netns, address);
}

static void open_host_names(struct session *session)
{
	struct packets *packets = &session->packets;

	if (!session->options->address_names)
		return;
	packets->host_names = host_names_new(session->processes);
	elsewhere_addresses(&session->scope, on_address, packets->host_names);
}

bool session_load(struct session *session, GError **error)
{
	const struct options *options = session->options;
	const struct kernel_options kernel = {
		.scope = &session->scope,
		.selection = session->packets.selection,
		.directions = options->direction,
		.snapshot_length = options->snapshot_length,
		.filter = session->packets.filter,
		.buffer_size = (gsize)options->buffer_size << 20,
		.btf = session->btf,
		.without = options->without,
		.table_size = options->table_size,
	};

	session->kernel = kernel_load(&kernel, error);
	if (!session->kernel || !open_inputs(session, kernel.buffer_size, error))
		return false;
	set_up_packets(session);
	learn_processes(session);
	open_host_names(session);
	if (!meet_runtimes(session, error) || !session_select(session, error))
		return false;
	if (kernel.filter && !placement_fill(session->kernel, kernel.filter, error))
		return false;
	if (!kernel_attach_wire(session->kernel, error))
		return false;
	session->reentry = reentry_open(session->kernel, &session->scope);
	return true;
}

char *session_summary(const struct session *session)
{
	const struct counts counts = stream_counts(session->packets.links);
	guint64 refused = kernel_control(session->kernel)->devices_refused;
	guint64 unaccounted = counts_unaccounted(&counts);
	GString *line = g_string_new(NULL);

	g_string_printf(line,
			"%" G_GUINT64_FORMAT " packets captured, %" G_GUINT64_FORMAT
			" of them with an owner; %" G_GUINT64_FORMAT " seen, %" G_GUINT64_FORMAT
			" rejected by the filter, %" G_GUINT64_FORMAT
			" of others than selected, %" G_GUINT64_FORMAT
			" lost for want of room, %" G_GUINT64_FORMAT " cut at the end",
			counts.written, session->packets.owned, counts.seen, counts.rejected,
			counts.unselected, counts.lost, counts.cut);
	if (refused)
		g_string_append_printf(line,
				       "; and %" G_GUINT64_FORMAT
				       " of interfaces for which there was no room",
				       refused);
	if (unaccounted)
		g_string_append_printf(line,
				       "; %" G_GINT64_FORMAT
				       " unaccounted for, which is an error of ptcpdump's",
				       (gint64)unaccounted);
	return g_string_free(line, FALSE);
}

bool session_by_hand(const struct session *session)
{
	return session->by_hand;
}

void session_free(struct session *session)
{
	if (!session)
		return;
	child_close(&session->child);
	reentry_close(session->reentry);
	packets_free(&session->packets);
	events_free(session->events);
	runtimes_close(session->runtimes);
	processes_free(session->processes);
	kernel_free(session->kernel);
	sink_free(session->sink);
	if (session->epoll >= 0)
		close(session->epoll);
	if (session->signals >= 0)
		close(session->signals);
	clock_close(&session->clock);
	scope_close(&session->scope);
	g_free(session->btf);
	g_free(session);
}
