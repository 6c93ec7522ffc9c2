// SPDX-License-Identifier: GPL-2.0-or-later
/* privilege.c - what the engine may do, and when */
#include "extcap/privilege.h"

#include <cap-ng.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "extcap/options.h"
#include "extcap/seal.h"

/* THE table of the engine's capabilities, and what each is for. Without one of them nothing is
 * captured, and a sentence says so (tests/integration/privilege.sh has a test of each). */
static const unsigned int needed[] = {
	CAP_BPF,       /* to make maps and load programs */
	CAP_PERFMON,   /* to load those of tracepoints, and any that reads kernel memory */
	CAP_NET_ADMIN, /* to load and attach those of cgroups; ptcpdump-attach's queries */
};

/* TZ: times in the log. The others are read by nothing of ours that matters; LANG for the
 * kernel's error texts. Everything else goes: GLib, libbpf and libc read a good many. */
static const char *const kept[] = {"LANG", "LC_ALL", "TZ"};

void environment_clear(void)
{
	char *values[G_N_ELEMENTS(kept)] = {NULL};

	for (guint i = 0; i < G_N_ELEMENTS(kept); i++)
		values[i] = g_strdup(getenv(kept[i]));
	clearenv();
	for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
		if (values[i])
			setenv(kept[i], values[i], 1);
		g_free(values[i]);
	}
}

void privilege_lower(void)
{
	/* As the kernel has it for a program that gains capabilities. One whose user had them
	 * before gains none; and it holds what sees all packets when it has none any more. */
	prctl(PR_SET_DUMPABLE, 0);
	if (getuid() == 0)
		return;
	capng_get_caps_process();
	for (unsigned int cap = 0; cap <= CAP_LAST_CAP; cap++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_INHERITABLE, cap);
	capng_apply(CAPNG_SELECT_CAPS);
}

static void make_effective(const unsigned int *caps, guint count)
{
	if (getuid() == 0)
		return;
	capng_get_caps_process();
	for (guint i = 0; i < count; i++)
		if (capng_have_capability(CAPNG_PERMITTED, caps[i]))
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, caps[i]);
	capng_apply(CAPNG_SELECT_CAPS);
}

void privilege_raise(void)
{
	make_effective(needed, G_N_ELEMENTS(needed));
}

void privilege_raise_filter(void)
{
	static const unsigned int raw[] = {CAP_NET_RAW};

	make_effective(raw, G_N_ELEMENTS(raw));
}

void privilege_hand_on(void)
{
	if (getuid() == 0)
		return;
	capng_get_caps_process(); /* a fork forgets what the library knew */
	capng_update(CAPNG_ADD, CAPNG_INHERITABLE, CAP_NET_ADMIN);
	capng_apply(CAPNG_SELECT_CAPS);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0);
}

bool privilege_drop(GError **error)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) {
		g_set_error(
			error, OPTIONS_ERROR, 0,
			"cannot give up privileges, so nothing was captured: the kernel refused");
		return false;
	}
	return true;
}

bool privilege_seal(GError **error)
{
	int err = seal_close();

	if (!err)
		return true;
	g_set_error(error, OPTIONS_ERROR, 0,
		    "cannot limit itself to the system calls that it needs, so nothing was "
		    "captured: %s; it takes a kernel with CONFIG_SECCOMP_FILTER.",
		    g_strerror(-err));
	return false;
}
