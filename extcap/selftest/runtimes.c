// SPDX-License-Identifier: GPL-2.0-or-later
/* runtimes.c - which container runtimes answer, as ptcpdump-names tells it */
#include <poll.h>

#include "extcap/capture/runtimes.h"
#include "extcap/selftest/selftest.h"

/* One that hangs is not waited for. */
#define WAIT_US 2000000

static void on_container(gpointer data, struct names_container *container)
{
	struct self_test *test = data;

	test->containers[container->runtime]++;
}

static void on_trouble(gpointer data, enum names_runtime runtime, const char *sentence)
{
	struct self_test *test = data;

	g_free(test->trouble[runtime]);
	test->trouble[runtime] = g_strdup(sentence);
}

static void on_listed(gpointer data)
{
	struct self_test *test = data;

	test->told = true;
}

static void on_refused(gpointer data, const char *sentence)
{
	struct self_test *test = data;

	test->refused = true;
}

static void ask(struct self_test *test)
{
	static const struct names_events events = {
		.container = on_container,
		.trouble = on_trouble,
		.listed = on_listed,
		.refused = on_refused,
	};
	const struct names_options asked = runtimes_asked(test->options);
	g_autoptr(names_t) names = names_open(&asked, NULL);
	gint64 end = g_get_monotonic_time() + WAIT_US, left;

	test->asked = true;
	while (names && !test->told && (left = end - g_get_monotonic_time()) > 0) {
		struct pollfd wait = {.fd = names_fd(names), .events = POLLIN};

		if (poll(&wait, 1, (int)(left / 1000) + 1) > 0 && !names_read(names, &events, test))
			break;
	}
}

/* One that has nothing to tell and one that is not installed look alike. */
enum check_state look_at_runtime(struct self_test *test, guint which, GString *found)
{
	if (!test->asked)
		ask(test);
	if (test->trouble[which]) {
		g_string_append(found, test->trouble[which]);
		return CHECK_MISSING;
	}
	if (test->containers[which]) {
		g_string_append_printf(found, "%u containers", test->containers[which]);
		return CHECK_OK;
	}
	if (test->told)
		return CHECK_UNUSED;
	g_string_append(found, test->refused ? "it was not asked: ptcpdump-names.socket has no "
					       "place for one more, so end a capture and try again"
					     : "no answer in time");
	return CHECK_UNTRIED;
}
