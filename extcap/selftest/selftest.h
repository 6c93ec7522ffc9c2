/* SPDX-License-Identifier: GPL-2.0-or-later */
/* selftest.h - what of this machine a capture can use, and what each missing thing costs
 *
 * Theory of operation
 * Everything that a capture relies on is a line of the table in selftest.c: where it belongs,
 * how it is looked at, what is lost without it, how to mend that. The eBPF programs have a table
 * already (capture/hooks.h), whose lines follow: they are loaded and attached as for a capture,
 * and let go. The report is for people, or the same as JSON, and is made to be pasted: no name of
 * a user, a machine, a process or a container is in it.
 *
 * It is run as an ordinary user, too. What starts other programs comes first, while nothing is
 * effective; then, with capabilities raised, the load; then all are given up.
 */
#ifndef PTCPDUMP_EXTCAP_SELFTEST_SELFTEST_H
#define PTCPDUMP_EXTCAP_SELFTEST_SELFTEST_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "extcap/capture/kernel.h"
#include "extcap/names/client.h"
#include "extcap/options.h"

enum check_state {
	CHECK_OK,
	CHECK_UNUSED,  /* not here, and nothing is lost by that */
	CHECK_UNTRIED, /* cannot be told */
	CHECK_MISSING,
	CHECK_STATES,
};

struct check {
	const char *group;
	const char *name;
	enum check_state state;
	char *found;	   /* what is there, or why it is not; NULL: nothing to say */
	const char *costs; /* what is lost without it */
	const char *mend;
	bool required; /* without it nothing is captured */
};

/* What several checks look at, asked once. */
struct self_test {
	const struct options *options;
	GArray *checks; /* struct check */

	struct kernel *kernel; /* NULL: not loaded */

	bool asked;   /* the runtimes */
	bool told;    /* all of them */
	bool refused; /* they were not, as there was no place for one more who asks */
	guint containers[NAMES_RUNTIMES];
	char *trouble[NAMES_RUNTIMES];

	char *folders; /* what tshark says of its own; NULL: there is none */
};

/* Looks at one thing: @which of its kind. What it finds goes to @found. */
typedef enum check_state check_look(struct self_test *test, guint which, GString *found);

check_look look_at_types, look_at_cgroup, look_at_compiler, look_at_lockdown, look_at_conntrack;
check_look look_at_capability, look_at_attacher, look_at_program;
check_look look_at_runtime;
check_look look_at_tshark, look_at_extcap, look_at_plugin, look_at_dumpcap;
check_look look_at_load, look_at_whole_packets;

/* For look_at_program(). */
enum { PROGRAM_ATTACH, PROGRAM_NAMES };

/** look_at_hooks() - a check for each of hooks.h, after look_at_load() */
void look_at_hooks(struct self_test *test);

/** self_test_add() - @found becomes the report's */
void self_test_add(struct self_test *test, const struct check *check);

/** self_test_print(), self_test_print_json() - report.c */
void self_test_print(FILE *out, const struct self_test *test);
void self_test_print_json(FILE *out, const struct self_test *test);

/**
 * self_test() - look at everything, and report it
 *
 * Gives up all capabilities. Return: false with a sentence where nothing could be captured.
 */
bool self_test(FILE *out, const struct options *options, GError **error);

#endif
