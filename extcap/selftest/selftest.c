// SPDX-License-Identifier: GPL-2.0-or-later
/* selftest.c - THE table of what a capture relies on */
#include "extcap/selftest/selftest.h"

#include <linux/capability.h>

#include "extcap/log.h"
#include "extcap/privilege.h"
#include "extcap/sentence.h"

#define TELLS_MOST 300

#define ENGINE_CAPABILITIES "run it as root, or " PRIVILEGE_OF_ENGINE
#define NOTHING		    "nothing can be captured"
#define BY_ID		    "its containers and pods go by their ids"
#define START_IT	    "see what it says; where it is elsewhere, --docker-address and the like"
#define REINSTALL	    "install ptcpdump again, for this Wireshark"

static const struct check_desc {
	const char *group;
	const char *name;
	check_look *look;
	guint which;
	bool required;
	const char *costs;
	const char *mend;
} table[] = {
	{"kernel", "types", look_at_types, 0, true, NOTHING,
	 "a kernel with CONFIG_DEBUG_INFO_BTF=y, or --kernel-btf FILE"},
	{"kernel", "compiler", look_at_compiler, 0, false, "every packet costs many times as much",
	 "a kernel with CONFIG_BPF_JIT=y; sudo sysctl net.core.bpf_jit_enable=1"},
	{"kernel", "conntrack", look_at_conntrack, 0, false,
	 "packets that are translated may have no owner on their way through this machine",
	 "a kernel with CONFIG_DEBUG_INFO_BTF_MODULES=y"},
	{"kernel", "cgroup2", look_at_cgroup, 0, true, NOTHING,
	 "sudo mount -t cgroup2 none /sys/fs/cgroup/unified (make the folder first)"},
	{"kernel", "lockdown", look_at_lockdown, 0, true, NOTHING,
	 "boot without lockdown=confidentiality"},

	{"privilege", "bpf", look_at_capability, CAP_BPF, true, NOTHING, ENGINE_CAPABILITIES},
	{"privilege", "perfmon", look_at_capability, CAP_PERFMON, true, NOTHING,
	 ENGINE_CAPABILITIES},
	{"privilege", "net_admin", look_at_capability, CAP_NET_ADMIN, true, NOTHING,
	 ENGINE_CAPABILITIES},
	{"privilege", "net_raw", look_at_capability, CAP_NET_RAW, false,
	 "capture filters with \"vlan\" are refused", ENGINE_CAPABILITIES},
	{"privilege", "other namespaces", look_at_attacher, 0, false,
	 "what VLAN, macvlan, bond and such interfaces of other network namespaces receive "
	 "shows on the one below only",
	 "if wanted: " PRIVILEGE_OF_ATTACHER},

	{"programs", "ptcpdump-attach", look_at_program, PROGRAM_ATTACH, false,
	 "what VLAN, macvlan, bond and such interfaces receive shows on the one below only",
	 REINSTALL},
	{"programs", "ptcpdump-names", look_at_program, PROGRAM_NAMES, false,
	 "containers and pods go by their ids", REINSTALL},

	{"containers", "Docker", look_at_runtime, NAMES_DOCKER, false, BY_ID, START_IT},
	{"containers", "Podman", look_at_runtime, NAMES_PODMAN, false, BY_ID, START_IT},
	{"containers", "Kubernetes", look_at_runtime, NAMES_CRI, false, BY_ID, START_IT},
	{"containers", "containerd", look_at_runtime, NAMES_CONTAINERD, false, BY_ID, START_IT},

	{"Wireshark", "tshark", look_at_tshark, 0, false, "nothing is known of Wireshark's folders",
	 "install tshark"},
	{"Wireshark", "sources", look_at_extcap, 0, false,
	 "Wireshark does not list the sources of ptcpdump", REINSTALL},
	{"Wireshark", "fields", look_at_plugin, 0, false,
	 "owners are comments of packets, not fields to filter and sort by", REINSTALL},
	{"Wireshark", "dumpcap", look_at_dumpcap, 0, false,
	 "Wireshark and tshark cannot capture; ptcpdump-capture by hand can",
	 "become a member of its group, log in again: sudo adduser $USER wireshark"},

	{"hooks", "load", look_at_load, 0, true, NOTHING,
	 "see above; --log-file FILE --log-level debug tells more"},
	{"hooks", "whole packets", look_at_whole_packets, 0, false,
	 "a packet costs more; of one beyond 65,380 bytes the end is cut", "Linux 6.12 or later"},
};

void self_test_add(struct self_test *test, const struct check *check)
{
	g_array_append_vals(test->checks, check, 1);
}

/* Other people's words are in it: the kernel's, a daemon's. */
static void look_at(struct self_test *test, const struct check_desc *desc)
{
	g_autoptr(GString) found = g_string_new(NULL);
	struct check check = {
		.group = desc->group,
		.name = desc->name,
		.state = desc->look(test, desc->which, found),
		.costs = desc->costs,
		.mend = desc->mend,
		.required = desc->required,
	};

	if (found->len)
		check.found = sentence_printable(found->str, TELLS_MOST);
	self_test_add(test, &check);
}

static bool can_capture(const struct self_test *test)
{
	for (guint i = 0; i < test->checks->len; i++) {
		const struct check *check = &g_array_index(test->checks, struct check, i);

		if (check->required && check->state == CHECK_MISSING)
			return false;
	}
	return true;
}

static void clear_check(gpointer data)
{
	g_free(((struct check *)data)->found);
}

static void clear(struct self_test *test)
{
	kernel_free(test->kernel);
	for (guint i = 0; i < NAMES_RUNTIMES; i++)
		g_free(test->trouble[i]);
	g_free(test->folders);
	g_array_unref(test->checks);
}

bool self_test(FILE *out, const struct options *options, GError **error)
{
	struct self_test test = {
		.options = options,
		.checks = g_array_new(FALSE, FALSE, sizeof(struct check)),
	};
	bool can;

	g_array_set_clear_func(test.checks, clear_check);
	if (!log_open(options->log_file, options->log_level, error)) {
		clear(&test);
		return false;
	}
	for (guint i = 0; i < G_N_ELEMENTS(table); i++)
		look_at(&test, &table[i]);
	look_at_hooks(&test);
	if (options->json)
		self_test_print_json(out, &test);
	else
		self_test_print(out, &test);
	can = can_capture(&test);
	clear(&test);
	if (!can)
		g_set_error(error, OPTIONS_ERROR, 0,
			    "nothing can be captured here: what is missing stands above, with what "
			    "to do about it.");
	return can;
}
