// SPDX-License-Identifier: GPL-2.0-or-later
/* rights.c - the capabilities of ptcpdump-attach */
#include "extcap/attach/rights.h"

#include <cap-ng.h>
#include <sys/prctl.h>

#include "extcap/seal.h"

SEAL_NEEDS("capget capset prctl");

/* THE table of its capabilities, and what each is for. Root and file capabilities give the first
 * two, the engine the third: where there are file capabilities, ambient ones are lost, so there it
 * takes "cap_net_admin=i", which gives nothing to who has none to hand on.
 * tests/integration/rights.sh has a test of each. */
static const unsigned int needed[] = {
	CAP_SYS_ADMIN,	/* to enter a namespace */
	CAP_SYS_PTRACE, /* to find it by its processes */
	CAP_NET_ADMIN,	/* to ask what is attached, and for clsact */
};

#define NEEDED (sizeof(needed) / sizeof(needed[0]))

bool rights_have(unsigned int capability)
{
	return capng_have_capability(CAPNG_PERMITTED, capability);
}

bool rights_begin(void)
{
	bool had[NEEDED];

	if (capng_get_caps_process())
		return false;
	for (unsigned int i = 0; i < NEEDED; i++)
		had[i] = rights_have(needed[i]);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned int i = 0; i < NEEDED; i++)
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_PERMITTED, needed[i]);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_DUMPABLE, 0) == 0;
}

void rights_raise(unsigned int capability)
{
	if (!rights_have(capability))
		return;
	capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, capability);
	capng_apply(CAPNG_SELECT_CAPS);
}

void rights_lower(void)
{
	for (unsigned int i = 0; i < NEEDED; i++)
		capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, needed[i]);
	capng_apply(CAPNG_SELECT_CAPS);
}
