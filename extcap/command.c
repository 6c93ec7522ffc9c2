// SPDX-License-Identifier: GPL-2.0-or-later
/* command.c - the program that --command names, started by the front */
#define _GNU_SOURCE /* pipe2(), close_range() */
#include "extcap/command.h"

#include "extcap/options.h"
#include "extcap/sentence.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* As a shell has it: the program could not be started. */
#define CANNOT_RUN 127

static bool refuse(const char *line, const char *why, GError **error)
{
	g_autofree char *seen = sentence_printable(line, 80);
	g_autofree char *reason = sentence_printable(why, 200);

	g_set_error(error, OPTIONS_ERROR, 0, "cannot run the command \"%s\": %s.", seen, reason);
	return false;
}

/* Where its output goes: a file of the user's, or nowhere. */
static int open_output(const char *log_file)
{
	struct stat st;
	int fd = -1;

	if (log_file)
		fd = open(log_file,
			  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				  O_CLOEXEC,
			  0600);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (fd >= 0)
		close(fd);
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* Who has called sudo; NULL when nobody has. */
static const struct passwd *who_called_sudo(void)
{
	const char *id = g_getenv("SUDO_UID");
	guint64 uid;

	if (geteuid() != 0 || !id ||
	    !g_ascii_string_to_unsigned(id, 10, 1, G_MAXUINT32 - 1, &uid, NULL))
		return NULL;
	return getpwuid((uid_t)uid);
}

/* Return: false when it still has any of root's rights. */
static bool drop_to(const struct passwd *user)
{
	if (initgroups(user->pw_name, user->pw_gid) ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return false;
	setenv("HOME", user->pw_dir, 1);
	setenv("USER", user->pw_name, 1);
	setenv("LOGNAME", user->pw_name, 1);
	return true;
}

/* In the child: until the engine captures. False when it never will. */
static bool wait_for_go(int go)
{
	ssize_t n;
	char byte;

	do {
		n = read(go, &byte, 1);
	} while (n < 0 && errno == EINTR);
	close(go);
	return n == 1;
}

/* In the child. Its group is its own, so that Ctrl-C ends the capture first and the command
 * by that: the packets of its end are captured as well. */
G_GNUC_NORETURN static void be_command(char **words, const char *log_file, int go, pid_t parent)
{
	const struct passwd *user = who_called_sudo();
	int output = open_output(log_file);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (output < 0 || null < 0 || (user && !drop_to(user)))
		_exit(CANNOT_RUN);
	/* After the drop, which clears it. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(CANNOT_RUN);
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	if (!wait_for_go(go))
		_exit(EXIT_SUCCESS);
	execvp(words[0], words);
	dprintf(STDERR_FILENO, "ptcpdump: cannot run %s: %s\n", words[0], strerror(errno));
	_exit(CANNOT_RUN);
}

/*
 * A second child, which ends the command and what it has started when the engine ends. It
 * is in their group, so no other group can have come by that number. It keeps root's
 * rights where the command has dropped them: the engine has given up its own by then, and
 * with them even that its death signal reaches another user's process.
 */
G_GNUC_NORETURN static void mind(const struct command *command, pid_t parent)
{
	sigset_t term;
	int signal;

	/* Else it would be whoever started us, and all of theirs, that is ended below. */
	if (setpgid(0, command->pid))
		_exit(EXIT_FAILURE);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		raise(SIGTERM);
	close_range(0, ~0U, 0); /* the engine's pipes, above all the end that means "go" */
	sigwait(&term, &signal);
	kill(0, SIGTERM);
	_exit(EXIT_SUCCESS);
}

static bool start(struct command *command, char **words, const char *log_file)
{
	pid_t parent = getpid(), minder;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	command->pid = fork();
	if (command->pid == 0) {
		close(ends[1]);
		be_command(words, log_file, ends[0], parent);
	}
	close(ends[0]);
	command->go = ends[1];
	if (command->pid < 0)
		return false;
	setpgid(command->pid, command->pid);
	command->pidfd = (int)syscall(SYS_pidfd_open, command->pid, 0);
	if (command->pidfd < 0)
		return false;
	minder = fork();
	if (minder == 0)
		mind(command, parent);
	return minder > 0;
}

bool command_start(struct command *command, const char *line, const char *log_file, GError **error)
{
	g_auto(GStrv) words = NULL;
	g_autoptr(GError) why = NULL;
	g_autofree char *program = NULL;

	*command = (struct command){.pid = -1, .pidfd = -1, .go = -1};
	if (!g_shell_parse_argv(line, NULL, &words, &why)) {
		g_strchomp(why->message);
		if (g_str_has_suffix(why->message, "."))
			why->message[strlen(why->message) - 1] = '\0';
		return refuse(line, why->message, error);
	}
	program = g_find_program_in_path(words[0]);
	if (!program)
		return refuse(line, "there is no such program", error);
	if (start(command, words, log_file))
		return true;
	refuse(line, g_strerror(errno), error);
	command_cancel(command);
	return false;
}

char *command_argument(const struct command *command)
{
	fcntl(command->pidfd, F_SETFD, 0);
	fcntl(command->go, F_SETFD, 0);
	return g_strdup_printf("--command-child=%d:%d:%d", (int)command->pid, command->pidfd,
			       command->go);
}

void command_cancel(struct command *command)
{
	if (command->go >= 0)
		close(command->go);
	if (command->pidfd >= 0)
		close(command->pidfd);
	if (command->pid > 0) {
		kill(command->pid, SIGKILL);
		waitpid(command->pid, NULL, 0);
	}
	command->go = command->pidfd = -1;
	command->pid = -1;
}
