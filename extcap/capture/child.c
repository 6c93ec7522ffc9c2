// SPDX-License-Identifier: GPL-2.0-or-later
/* child.c - the command that is captured (--command), as the engine sees it */
#include "extcap/capture/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extcap/log.h"
#include "extcap/options.h"

bool child_open(struct child *child, const char *text, GError **error)
{
	child->pidfd = child->go = -1;
	if (!text)
		return true;
	if (sscanf(text, "%u:%d:%d", &child->pid, &child->pidfd, &child->go) == 3 && child->pid &&
	    fcntl(child->pidfd, F_SETFD, FD_CLOEXEC) == 0 &&
	    fcntl(child->go, F_SETFD, FD_CLOEXEC) == 0)
		return true;
	child->pid = 0;
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

	if (!child->pid || waitpid(child->pid, &status, 0) != (pid_t)child->pid)
		return;
	if (WIFSIGNALED(status))
		log_info("the command was ended by signal %d", WTERMSIG(status));
	else
		log_info("the command has ended with exit code %d", WEXITSTATUS(status));
	child->pid = 0;
}

void child_close(struct child *child)
{
	if (child->go >= 0)
		close(child->go);
	if (child->pid)
		kill(child->pid, SIGTERM);
	if (child->pidfd >= 0)
		close(child->pidfd);
	child->pid = 0;
	child->go = child->pidfd = -1;
}
