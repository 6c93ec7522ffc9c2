// SPDX-License-Identifier: GPL-2.0-or-later
/* seal.c - makes the filter of the calls that the program's modules name */
#include "extcap/seal.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* libc's, GLib's and the kernel's own, in every program: memory, locks, time, the end. A later libc
 * may use the one where today's uses the other. */
SEAL_NEEDS("brk munmap mremap madvise futex futex_time64 getrandom rseq set_robust_list "
	   "restart_syscall rt_sigreturn rt_sigprocmask sched_yield sched_getaffinity "
	   "clock_gettime clock_gettime64 gettimeofday time getpid gettid getuid geteuid "
	   "exit exit_group");
/* Files that are open, also by stdio. */
SEAL_NEEDS("read write writev close lseek _llseek fstat fstat64 fstatat64 newfstatat statx");
SEAL_NEEDS_WHERE("ioctl", 1, ~0U, TCGETS);
/* Memory, but none that can be run. */
SEAL_NEEDS_WHERE("mmap", 2, PROT_EXEC, 0);
SEAL_NEEDS_WHERE("mmap2", 2, PROT_EXEC, 0);
SEAL_NEEDS_WHERE("mprotect", 2, PROT_EXEC, 0);

/* The linker's: from the first of all modules to behind the last. */
extern const char __start_seal_needs[], __stop_seal_needs[];
extern const struct seal_rule __start_seal_rules[], __stop_seal_rules[];

static int number_of(const char *call, int *number)
{
	*number = seccomp_syscall_resolve_name(call);
	return *number == __NR_SCMP_ERROR ? -ENOSYS : 0;
}

/* A call that this machine has not is none. */
static int allow(scmp_filter_ctx filter, const char *call)
{
	int number;
	int err = number_of(call, &number);

	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	return err == -EEXIST ? 0 : err;
}

static int allow_all(scmp_filter_ctx filter, char *calls)
{
	char *rest = NULL;

	for (char *call = strtok_r(calls, " ", &rest); call; call = strtok_r(NULL, " ", &rest)) {
		int err = allow(filter, call);

		if (err)
			return err;
	}
	return 0;
}

/* Each module's is a string of its own; what the linker puts between them are more ends. */
static int add_needs(scmp_filter_ctx filter)
{
	int err = 0;

	/* cppcheck-suppress comparePointers ; the linker makes one array of them */
	for (const char *at = __start_seal_needs; at < __stop_seal_needs && !err;
	     at += strlen(at) + 1) {
		char *calls = strdup(at);

		err = calls ? allow_all(filter, calls) : -ENOMEM;
		free(calls);
	}
	return err;
}

static int add_rules(scmp_filter_ctx filter)
{
	/* cppcheck-suppress comparePointers ; the linker makes one array of them */
	for (const struct seal_rule *rule = __start_seal_rules; rule < __stop_seal_rules; rule++) {
		struct scmp_arg_cmp where = {
			.arg = (unsigned int)rule->argument,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = rule->mask,
			.datum_b = rule->value,
		};
		int number, err = number_of(rule->call, &number);

		if (!err)
			err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &where);
		if (err && err != -EEXIST) /* another module's is the same */
			return err;
	}
	return 0;
}

int seal_close(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err;

	if (!filter)
		return -ENOMEM;
	/* Calls in the way of another architecture, too (32-bit ones on x86-64). */
	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = add_needs(filter);
	if (!err)
		err = add_rules(filter);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
