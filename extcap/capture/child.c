// SPDX-License-Identifier: GPL-2.0-or-later
/* child.c - the command that is captured (--command), as the engine sees it */
#include "extcap/capture/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extcap/log.h"
#include "extcap/options.h"
#include "extcap/seal.h"

SEAL_NEEDS("wait4 pidfd_send_signal");

/* The text is anybody's to write: only a child of ours may ever be signalled. */
static bool is_our_child(const struct child *child)
{
	siginfo_t info;

	return child->pid > 0 && child->pid <= G_MAXINT32 && child->pidfd > STDERR_FILENO &&
	       child->go > STDERR_FILENO &&
	       waitid(P_PID, child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       waitid(P_PIDFD, child->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool child_open(struct child *child, const char *text, GError **error)
{
	child->pidfd = child->go = -1;
	if (!text)
		return true;
	if (sscanf(text, "%u:%d:%d", &child->pid, &child->pidfd, &child->go) == 3 &&
	    is_our_child(child) && fcntl(child->pidfd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(child->go, F_SETFD, FD_CLOEXEC) == 0)
		return true;
	*child = (struct child){.pidfd = -1, .go = -1};
	g_set_error(error, OPTIONS_ERROR, 0,
		    "cannot capture a command: --command-child is for ptcpdump to give; use "
		    "--command with ptcpdump.");
	return false;
}

void child_go(struct child *child)
{
	if (child->go < 0)
		return;
	/* One that has died meanwhile is noticed by its pidfd. */
	if (write(child->go, "", 1) < 0)
		log_warning("the command cannot be started: it is gone");
	close(child->go);
	child->go = -1;
}

void child_ended(struct child *child)
{
	int status;

	pid_t ended = child->pid ? waitpid(child->pid, &status, 0) : 0;

	child->pid = 0;
	if (ended <= 0)
		return;
	if (WIFSIGNALED(status))
		log_info("the command was ended by signal %d", WTERMSIG(status));
	else
		log_info("the command has ended with exit code %d", WEXITSTATUS(status));
}

void child_close(struct child *child)
{
	if (child->go >= 0)
		close(child->go);
	if (child->pid)
		syscall(SYS_pidfd_send_signal, child->pidfd, SIGTERM, NULL, 0);
	if (child->pidfd >= 0)
		close(child->pidfd);
	child->pid = 0;
	child->go = child->pidfd = -1;
}
