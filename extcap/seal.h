/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seal.h - the system calls that a running program may make; any other one ends it
 *
 * Theory of operation
 * The calls that a module makes once its program runs stand in the module itself:
 *
 *     SEAL_NEEDS("epoll_wait read");
 *     SEAL_NEEDS_WHERE("socket", 0, ~0U, AF_UNIX);
 *
 * The linker gathers them: those of the modules that are linked into a program, and no others,
 * are in two sections of it. seal_close() makes a seccomp filter of them, to which seal.c adds what
 * libc and GLib do by themselves. What is called only before it (to load programs, to open what
 * the user names) stands nowhere, and is over.
 *
 * Another call kills the process, and is not refused with an error: who makes it has taken the
 * program over, and would try the next one; or we have forgotten it, and the tests, which run
 * everything with the filter, would pass on a path that nobody has thought of. The kernel's log has
 * it ("type=1326", with the call's number).
 *
 * -DPTCPDUMP_SECCOMP=OFF builds without; what instruments the program (sanitizers, coverage,
 * valgrind) makes calls of its own.
 */
#ifndef PTCPDUMP_EXTCAP_SEAL_H
#define PTCPDUMP_EXTCAP_SEAL_H

#include <fcntl.h>
#include <stdint.h>

struct seal_rule {
	const char *call;
	uint64_t argument; /* 0 to 5 */
	uint64_t mask, value;
} __attribute__((aligned(32)));

#define SEAL_JOIN_(a, b) a##b
#define SEAL_JOIN(a, b)	 SEAL_JOIN_(a, b)

/** SEAL_NEEDS() - "CALL ...", with any arguments */
#define SEAL_NEEDS(calls)                                    \
	static const char SEAL_JOIN(seal_needs_, __LINE__)[] \
		__attribute__((used, section("seal_needs"))) = calls

/** SEAL_NEEDS_WHERE() - "CALL", if that argument, masked, is of this value */
#define SEAL_NEEDS_WHERE(call, argument, mask, value)                 \
	static const struct seal_rule SEAL_JOIN(seal_rule_, __LINE__) \
		__attribute__((used, section("seal_rules"))) = {call, argument, mask, value}

/** SEAL_NEEDS_TO_READ_FILES - to open them, not to make, write or empty one */
#define SEAL_NEEDS_TO_READ_FILES \
	SEAL_NEEDS_WHERE("openat", 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)

/**
 * seal_close() - from here on, for this thread and those that it starts
 *
 * It also sets no_new_privs, without which the kernel takes no filter.
 *
 * Return: 0, or a negative errno; -ENOSYS where a call's name is unknown to libseccomp.
 */
int seal_close(void);

#endif
