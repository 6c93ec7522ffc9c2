// SPDX-License-Identifier: GPL-2.0-or-later
/* programs.c - the eBPF programs, loaded and attached as for a capture, then let go */
#include "extcap/capture/hooks.h"
#include "extcap/filter/classic.h"
#include "extcap/privilege.h"
#include "extcap/selftest/selftest.h"
#include "extcap/sentence.h"

#include <errno.h>
#include <string.h>

/* Room for a few packets: none is looked at. */
#define BUFFER_SIZE (1U << 20)

/* What is missing of a kind is mended by what has it. */
static const char *const mends[] = {
	[PLACE_TRACEPOINT] = "a later kernel: Linux 6.12 has all of these",
	[PLACE_SOFTIRQ] = "a later kernel: Linux 6.12 has all of these",
	[PLACE_FUNCTION] = "a kernel with CONFIG_FUNCTION_TRACER=y, or Linux 6.3 or later",
	[PLACE_CGROUP] =
		"a kernel with CONFIG_CGROUP_BPF=y; fewer programs of others at the root of "
		"cgroup2",
	[PLACE_ITERATOR] = "a later kernel: Linux 6.12 has all of these",
	[PLACE_DEVICE] =
		"a kernel with CONFIG_NET_CLS_ACT=y; for other users than root Linux 6.6 or "
		"later",
	[PLACE_FILTER] = "a later kernel: Linux 6.12 has all of these",
};

static const char *const stages[] = {
	[STAGE_PROCESS] = "processes",
	[STAGE_LEARN] = "owners",
	[STAGE_FIND] = "older ones",
	[STAGE_WIRE] = "packets",
};

/* With a filter, so that what it calls is there. */
static bool load(struct self_test *test, GError **error)
{
	g_autoptr(GArray) netns = g_array_new(FALSE, FALSE, sizeof(guint32));
	const struct scope scope = {.every = true, .netns = netns};
	struct selection *selection = selection_new(test->options, 0);
	struct filter *filter = filter_compile("ip", NULL, NETMASK_UNKNOWN, error);
	const struct kernel_options options = {
		.scope = &scope,
		.selection = selection,
		.directions = test->options->direction,
		.snapshot_length = test->options->snapshot_length,
		.filter = filter,
		.buffer_size = BUFFER_SIZE,
		.btf = test->options->kernel_btf,
		.without = test->options->without,
	};

	test->kernel = filter ? kernel_load(&options, error) : NULL;
	if (test->kernel && !kernel_attach_wire(test->kernel, error))
		g_clear_pointer(&test->kernel, kernel_free);
	filter_free(filter);
	selection_free(selection);
	return test->kernel;
}

enum check_state look_at_load(struct self_test *test, guint which, GString *found)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) stuck = NULL;
	bool loaded;

	privilege_raise();
	loaded = load(test, &error);
	if (!privilege_drop(&stuck)) {
		g_string_append(found, stuck->message);
		return CHECK_MISSING;
	}
	/* Who may not is told so above. */
	if (!loaded && (error->code == EPERM || error->code == EACCES))
		g_string_append(found, g_strerror(error->code));
	else if (!loaded)
		g_string_append(found, error->message);
	return loaded ? CHECK_OK : CHECK_MISSING;
}

enum check_state look_at_whole_packets(struct self_test *test, guint which, GString *found)
{
	if (!test->kernel)
		return CHECK_UNTRIED;
	g_string_append(found, kernel_has_perf(test->kernel) ? "a perf ring for each processor"
							     : "memory of each processor's own");
	return kernel_has_perf(test->kernel) ? CHECK_MISSING : CHECK_OK;
}

/* What a function's hook does as well: "send-inet" for "send". */
static bool has_stand_ins(const struct kernel *kernel, const struct hook *hook, GString *found)
{
	g_autofree char *prefix = g_strconcat(hook->name, "-", NULL);
	bool all = true;

	for (guint i = 0; i < hooks_count; i++) {
		if (hooks[i].place != PLACE_FUNCTION || !g_str_has_prefix(hooks[i].name, prefix))
			continue;
		g_string_append_printf(found, "%s%s", found->len ? ", " : "by ", hooks[i].name);
		all &= !kernel_why_off(kernel, &hooks[i]);
	}
	return found->len && all;
}

static enum check_state look_at_hook(const struct kernel *kernel, const struct hook *hook,
				     GString *found)
{
	const char *why = kernel ? kernel_why_off(kernel, hook) : NULL;

	if (!kernel)
		return CHECK_UNTRIED;
	if (why) {
		if (has_stand_ins(kernel, hook, found))
			return CHECK_OK;
		g_string_assign(found, why);
		return CHECK_MISSING;
	}
	return kernel_program(kernel, hook->name) < 0 ? CHECK_UNUSED : CHECK_OK;
}

void look_at_hooks(struct self_test *test)
{
	for (guint i = 0; i < hooks_count; i++) {
		const struct hook *hook = &hooks[i];
		g_autoptr(GString) found = g_string_new(NULL);
		struct check check = {
			.group = stages[hook->stage],
			.name = hook->name,
			.state = look_at_hook(test->kernel, hook, found),
			.costs = hook->without,
			.mend = mends[hook->place],
			.required = hook->required,
		};

		if (found->len)
			check.found = sentence_printable(found->str, 100);
		self_test_add(test, &check);
	}
}
