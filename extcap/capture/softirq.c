// SPDX-License-Identifier: GPL-2.0-or-later
/* softirq.c - how the kernel side tells that it runs in a softirq */
#include "extcap/capture/softirq.h"

#include <string.h>
#include <sys/utsname.h>

/* CONFIG_SOFTIRQ_ON_OWN_STACK is x86-64's but for PREEMPT_RT, which stands in the kernel's version
 * (scripts/mkcompile_h, init/Makefile). */
bool softirq_has_stacks(void)
{
	struct utsname kernel;

	return uname(&kernel) == 0 && strcmp(kernel.machine, "x86_64") == 0 &&
	       !strstr(kernel.version, "PREEMPT_RT");
}
