// SPDX-License-Identifier: GPL-2.0-or-later
/* engine.c - ptcpdump-capture: the program that captures
 *
 * The order of a start is what keeps a privileged program harmless (privilege.h):
 *   1. the environment is cleared, capabilities are made ineffective
 *   2. what the user names is opened with the user's own rights
 *   3. with capabilities raised, everything is loaded and attached
 *   4. all capabilities are dropped, for good, and all system calls but those of a capture
 *   5. only then may a thread start, and packets be looked at
 */
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>

#include "extcap/capture/session.h"
#include "extcap/descriptors.h"
#include "extcap/filter/classic.h"
#include "extcap/linktype.h"
#include "extcap/options.h"
#include "extcap/privilege.h"
#include "extcap/protocol.h"
#include "extcap/selftest/selftest.h"
#include "extcap/sources/source.h"

#define PROGRAM "ptcpdump-capture"

static int fail(const GError *error)
{
	fprintf(stderr, PROGRAM ": %s\n", error->message);
	return EXIT_FAILURE;
}

static bool capture(struct session *session, GError **error)
{
	bool loaded, done;

	if (!session_open(session, error))
		return false;
	/* Wireshark's end is ours, however it comes: no capture stays behind. */
	if (!session_by_hand(session))
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	privilege_raise();
	loaded = session_load(session, error);
	if (!privilege_drop(loaded ? error : NULL) || !loaded || !privilege_seal(error))
		return false;
	done = session_run(session, error);
	if (session_by_hand(session)) {
		g_autofree char *summary = session_summary(session);

		fprintf(stderr, PROGRAM ": %s\n", summary);
	}
	return done;
}

/* What a source's packets can begin with. Of other namespaces that is not known. */
static struct filter_links links_of(const char *name)
{
	struct filter_links links = {.netmask = NETMASK_UNKNOWN};
	struct source source;

	if (name && source_parse(name, &source, NULL)) {
		if (source.kind == SOURCE_ANY)
			links.kinds = linktypes_present(NULL);
		if (source.kind == SOURCE_INTERFACE) {
			links.kinds = linktypes_present(source.ifname);
			links.netmask = netmask_of(source.ifname);
		}
	}
	if (!links.kinds)
		links.kinds = 1U << LINK_ETHERNET | 1U << LINK_RAW;
	return links;
}

/* Wireshark's rule: nothing on standard output is a good filter, a line there is what is
 * wrong with it. Both are success; else it cannot be told, or is good in part: Wireshark shows
 * that without a word, people by hand can read it. */
static bool check_filter(const struct options *options)
{
	const struct filter_links links = links_of(options->source);
	g_autofree char *words = NULL;
	enum filter_answer answer = FILTER_GOOD;

	if (options->filter)
		answer = filter_check(options->filter, &links, FILTER_CHECK_MS, &words);
	if (words)
		printf("%s\n", words);
	return answer != FILTER_UNKNOWN;
}

/* A reader that has gone, a file that may not grow: the write tells, at any time. */
static void ignore_signals_of_writes(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
	g_auto(options_t) options = {0};
	g_autoptr(session_t) session = NULL;
	g_autoptr(GError) error = NULL;
	bool done;

	environment_clear();
	privilege_lower();
	streams_open_missing();
	ignore_signals_of_writes();
	if (!options_parse(&options, argc, argv, &error))
		return fail(error);
	switch (options.face) {
	case FACE_CAPTURE:
		session = session_new(&options);
		done = capture(session, &error);
		break;
	case FACE_SELF_TEST:
		done = descriptors_suffice(&error) && self_test(stdout, &options, &error);
		break;
	case FACE_CHECK_FILTER:
		done = check_filter(&options);
		break;
	default:
		done = protocol_answer(stdout, &options, PROGRAM, &error);
	}
	if (!done && !error)
		return EXIT_FAILURE;
	return done ? EXIT_SUCCESS : fail(error);
}
