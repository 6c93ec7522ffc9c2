// SPDX-License-Identifier: GPL-2.0-or-later
/* machine.c - what the kernel has, what we may do, which of our programs are there */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extcap/btf_file.h"
#include "extcap/capture/cgroup.h"
#include "extcap/capture/conntrack.h"
#include "extcap/selftest/selftest.h"

#define COMPILER "/proc/sys/net/core/bpf_jit_enable"
#define LOCKDOWN "/sys/kernel/security/lockdown"

static enum check_state there(bool is)
{
	return is ? CHECK_OK : CHECK_MISSING;
}

enum check_state look_at_types(struct self_test *test, guint which, GString *found)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *own = NULL;

	if (!test->options->kernel_btf) {
		if (access(BTF_OF_KERNEL, R_OK) == 0)
			return CHECK_OK;
		g_string_append_printf(found, BTF_OF_KERNEL ": %s", g_strerror(errno));
		return CHECK_MISSING;
	}
	own = btf_file_trusted(test->options->kernel_btf, &error);
	g_string_append(found, own ? "those of --kernel-btf" : error->message);
	return there(own);
}

enum check_state look_at_cgroup(struct self_test *test, guint which, GString *found)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *link = NULL;
	g_autofree char *path = NULL;
	int fd = cgroup_root_open(&error);

	if (fd < 0) {
		g_string_append(found, error->message);
		return CHECK_MISSING;
	}
	link = g_strdup_printf("/proc/self/fd/%d", fd);
	path = g_file_read_link(link, NULL);
	g_string_append(found, path ? path : "mounted nowhere, by root's right");
	close(fd);
	return CHECK_OK;
}

/* Only the first network namespace has the setting. */
enum check_state look_at_compiler(struct self_test *test, guint which, GString *found)
{
	g_autofree char *on = NULL;

	if (!g_file_get_contents(COMPILER, &on, NULL, NULL)) {
		g_string_append(found, "not to be seen in this network namespace");
		return CHECK_UNTRIED;
	}
	return there(atoi(on) > 0);
}

enum check_state look_at_lockdown(struct self_test *test, guint which, GString *found)
{
	g_autofree char *text = NULL;

	if (!g_file_get_contents(LOCKDOWN, &text, NULL, NULL))
		return CHECK_UNUSED;
	g_string_append(found, g_strstrip(text));
	return there(!strstr(text, "[confidentiality]"));
}

enum check_state look_at_conntrack(struct self_test *test, guint which, GString *found)
{
	struct config config = {0};

	if (access("/proc/sys/net/netfilter/nf_conntrack_max", F_OK)) {
		g_string_append(found, "not loaded: nothing is translated");
		return CHECK_UNUSED;
	}
	conntrack_find(&config);
	return there(config.conntrack_stride);
}

enum check_state look_at_capability(struct self_test *test, guint which, GString *found)
{
	return capng_get_caps_process() ? CHECK_UNTRIED
					: there(capng_have_capability(CAPNG_PERMITTED, which));
}

static bool file_has(const char *path, unsigned int capability)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool has = fd >= 0 && capng_get_caps_fd(fd) == 0 &&
		   capng_have_capability(CAPNG_PERMITTED, capability);

	if (fd >= 0)
		close(fd);
	return has;
}

enum check_state look_at_attacher(struct self_test *test, guint which, GString *found)
{
	const unsigned int needed[] = {CAP_SYS_ADMIN, CAP_SYS_PTRACE};

	for (guint i = 0; i < G_N_ELEMENTS(needed); i++) {
		bool has = getuid() == 0 ? look_at_capability(test, needed[i], found) == CHECK_OK
					 : file_has(PTCPDUMP_ATTACH, needed[i]);

		if (!has)
			return CHECK_MISSING;
	}
	return CHECK_OK;
}

enum check_state look_at_program(struct self_test *test, guint which, GString *found)
{
	static const char *const paths[] = {
		[PROGRAM_ATTACH] = PTCPDUMP_ATTACH,
		[PROGRAM_NAMES] = PTCPDUMP_NAMES,
	};

	if (access(paths[which], X_OK) == 0)
		return CHECK_OK;
	g_string_append_printf(found, "%s: %s", paths[which], g_strerror(errno));
	return CHECK_MISSING;
}
