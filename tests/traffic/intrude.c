// SPDX-License-Identifier: GPL-2.0-or-later
/* intrude.c - makes a running process make a system call, as who has taken it over would
 *
 *   intrude PID CALL [ARGUMENT...]	CALL by its number; says "returned N", or "killed by N"
 *
 * A process that waits stands behind the instruction of a system call: it takes that one once
 * more, for ours, and then goes on with its own. x86-64 alone; ends with 77 elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#define INSTRUCTION 0x050f /* syscall */
#define TRIES	    500

static int fail(const char *what)
{
	fprintf(stderr, "intrude: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* Until it is stopped where it waits. */
static int stop(pid_t pid, struct user_regs_struct *regs)
{
	for (int i = 0; i < TRIES; i++) {
		int status;

		if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) || waitpid(pid, &status, __WALL) != pid ||
		    !WIFSTOPPED(status) || ptrace(PTRACE_GETREGS, pid, 0, regs))
			return -1;
		if ((ptrace(PTRACE_PEEKTEXT, pid, regs->rip - 2, 0) & 0xffff) == INSTRUCTION)
			return 0;
		ptrace(PTRACE_CONT, pid, 0, 0);
		usleep(5000);
	}
	errno = EAGAIN;
	return -1;
}

static int make_call(pid_t pid, const struct user_regs_struct *own, const long *call)
{
	struct user_regs_struct regs = *own;
	int status;

	regs.rip -= 2;
	regs.orig_rax = -1UL; /* nothing is to be taken up again */
	regs.rax = call[0];
	regs.rdi = call[1];
	regs.rsi = call[2];
	regs.rdx = call[3];
	if (ptrace(PTRACE_SETREGS, pid, 0, &regs) || ptrace(PTRACE_SINGLESTEP, pid, 0, 0) ||
	    waitpid(pid, &status, __WALL) != pid)
		return fail("no step");
	if (!WIFSTOPPED(status)) {
		printf("killed by %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
		return EXIT_SUCCESS;
	}
	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	printf("returned %ld\n", (long)regs.rax);
	ptrace(PTRACE_SETREGS, pid, 0, own);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	pid_t pid = argc > 2 ? atoi(argv[1]) : 0;
	struct user_regs_struct own;
	long call[4] = {0};

	for (int i = 2; i < argc && i < 6; i++)
		call[i - 2] = strtol(argv[i], NULL, 0);
	if (!pid || ptrace(PTRACE_SEIZE, pid, 0, 0))
		return fail("no such process");
	if (stop(pid, &own))
		return fail("it does not stop");
	return make_call(pid, &own, call);
}
#else
int main(void)
{
	return 77;
}
#endif
