// SPDX-License-Identifier: GPL-2.0-or-later
/* softirqs.c - counts for some seconds whom softirqs and system calls are said to be called by
 *
 *   softirqs SECONDS	status 1 where one was wrong
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/kernel/softirqs.h"
#include "softirqs.skel.h"

int main(int argc, char **argv)
{
	struct softirqs *programs = argc == 2 ? softirqs__open_and_load() : NULL;
	const struct softirqs_counts *counted;
	int status;

	if (!programs || softirqs__attach(programs))
		return 2;
	sleep(atoi(argv[1]));
	softirqs__detach(programs);
	counted = &programs->bss->counted;
	printf("%llu softirqs upon processes, %llu of them on their stacks, %llu called by them; "
	       "%llu system calls, %llu not called\n",
	       counted->softirqs, counted->on_stack, counted->called, counted->system_calls,
	       counted->not_called);
	status = counted->called || counted->not_called;
	softirqs__destroy(programs);
	return status;
}
