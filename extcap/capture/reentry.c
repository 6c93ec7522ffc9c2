// SPDX-License-Identifier: GPL-2.0-or-later
/* reentry.c - the receive side of VLAN, macvlan, bond and such devices, as they come */
#include "extcap/capture/reentry.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extcap/attach/attach.h"
#include "extcap/log.h"
#include "extcap/options.h"
#include "extcap/privilege.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom pidfd_open poll ppoll ppoll_time64 wait4");

#define DETACH_MS 1000

struct reentry {
	const struct scope *scope;
	pid_t pid;
	int socket;
	bool asked; /* and not yet answered */
	bool told_capless, told_no_tcx;
	GArray *waiting; /* namespaces to look into, the latest last */
};

/* In the child. All else that is open has O_CLOEXEC, or is closed by range. */
G_GNUC_NORETURN static void become_attacher(int socket, int program)
{
	static char *const arguments[] = {"ptcpdump-attach", NULL};
	static char *const environment[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	privilege_hand_on();
	setsid();
	/* Above the numbers that they get, or one would overwrite the other. */
	socket = fcntl(socket, F_DUPFD_CLOEXEC, ATTACH_PROGRAM + 1);
	program = fcntl(program, F_DUPFD_CLOEXEC, ATTACH_PROGRAM + 1);
	if (null < 0 || socket < 0 || program < 0) /* nor may it keep our streams */
		_exit(EXIT_FAILURE);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	dup2(socket, ATTACH_SOCKET);
	dup2(program, ATTACH_PROGRAM);
	close_range(ATTACH_PROGRAM + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(PTCPDUMP_ATTACH, arguments, environment);
	_exit(EXIT_FAILURE);
}

static bool start(struct reentry *reentry, int program)
{
	int ends[2];

	if (access(PTCPDUMP_ATTACH, X_OK))
		return false;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return false;
	reentry->pid = fork();
	if (reentry->pid == 0)
		become_attacher(ends[1], program);
	close(ends[1]);
	reentry->socket = ends[0];
	return reentry->pid > 0;
}

static void ask_next(struct reentry *reentry)
{
	struct attach_request request = {.ifindex = reentry->scope->ifindex};

	if (reentry->asked || reentry->socket < 0 || !reentry->waiting->len)
		return;
	request.netns = g_array_index(reentry->waiting, guint32, reentry->waiting->len - 1);
	g_array_set_size(reentry->waiting, reentry->waiting->len - 1);
	/* There is room: it has answered all that it was asked. */
	reentry->asked = send(reentry->socket, &request, sizeof(request),
			      MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof(request);
}

static void wait_for(struct reentry *reentry, guint32 netns)
{
	for (guint i = 0; i < reentry->waiting->len; i++)
		if (g_array_index(reentry->waiting, guint32, i) == netns)
			return;
	g_array_append_val(reentry->waiting, netns);
}

void reentry_look(struct reentry *reentry, guint32 netns)
{
	if (!reentry)
		return;
	wait_for(reentry, netns);
	ask_next(reentry);
}

void reentry_look_around(struct reentry *reentry)
{
	const struct scope *scope;

	if (!reentry)
		return;
	scope = reentry->scope;
	for (guint i = 0; i < scope->netns->len; i++)
		if (g_array_index(scope->netns, guint32, i) != scope->own)
			wait_for(reentry, g_array_index(scope->netns, guint32, i));
	if (scope->every)
		wait_for(reentry, ATTACH_EVERY);
	ask_next(reentry);
}

struct reentry *reentry_open(const struct kernel *kernel, const struct scope *scope)
{
	int program = kernel_program(kernel, "reentry");
	struct reentry *reentry;

	if (program < 0)
		return NULL;
	reentry = g_new0(struct reentry, 1);
	reentry->scope = scope;
	reentry->socket = -1;
	reentry->waiting = g_array_new(FALSE, FALSE, sizeof(guint32));
	if (!start(reentry, program)) {
		log_warning("cannot start %s: %s; what VLAN, macvlan, bond and such interfaces "
			    "receive shows on the one below only",
			    PTCPDUMP_ATTACH, g_strerror(errno));
		reentry_close(reentry);
		return NULL;
	}
	reentry_look_around(reentry);
	if (scope_has_own(scope))
		reentry_look(reentry, scope->own);
	return reentry;
}

static void say(struct reentry *reentry, const struct attach_answer *answer)
{
	g_autofree char *netns = netns_display(answer->netns);

	switch (answer->what) {
	case ATTACH_ON:
		log_info("interface %s (namespace %s) has the hook reentry", answer->name, netns);
		break;
	case ATTACH_FULL:
		log_warning(
			"interface %s (namespace %s) has %d other programs on its ingress hook, "
			"more than %d, so it gets none of ours: what it receives shows on the "
			"one below only; \"bpftool net\" lists them",
			answer->name, netns, answer->error, ATTACH_SLOTS_MOST);
		break;
	case ATTACH_FAILED:
		log_warning("interface %s (namespace %s) cannot have the hook reentry: %s; what it "
			    "receives shows on the one below only",
			    answer->name, netns, g_strerror(answer->error));
		break;
	case ATTACH_NO_TCX:
		if (!reentry->told_no_tcx)
			log_warning("what VLAN, macvlan, bond and such interfaces receive shows on "
				    "the one below only: before Linux 6.6 it takes root");
		reentry->told_no_tcx = true;
		break;
	case ATTACH_CAPLESS:
		if (!reentry->told_capless)
			log_warning("what VLAN, macvlan, bond and such interfaces of other network "
				    "namespaces receive is not seen there: it takes root, or "
				    "once: " PRIVILEGE_OF_ATTACHER);
		reentry->told_capless = true;
		break;
	case ATTACH_DONE:
		/* Of all namespaces some are gone by the time we look. */
		if (answer->error)
			log_message(reentry->scope->every ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
				    "network namespace %s was not looked into for VLAN, macvlan, "
				    "bond and such interfaces: %s",
				    netns, g_strerror(answer->error));
		reentry->asked = false;
	}
}

int reentry_fd(const struct reentry *reentry)
{
	return reentry ? reentry->socket : -1;
}

static void end_early(struct reentry *reentry)
{
	log_warning("%s has ended: what VLAN, macvlan, bond and such interfaces receive shows on "
		    "the one below only",
		    PTCPDUMP_ATTACH);
	close(reentry->socket);
	reentry->socket = -1;
}

void reentry_read(struct reentry *reentry)
{
	struct attach_answer answer;

	for (;;) {
		ssize_t n = recv(reentry->socket, &answer, sizeof(answer), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n != sizeof(answer)) {
			end_early(reentry);
			return;
		}
		answer.name[sizeof(answer.name) - 1] = '\0';
		say(reentry, &answer);
	}
	ask_next(reentry);
}

void reentry_close(struct reentry *reentry)
{
	struct pollfd ended = {.events = POLLIN};

	if (!reentry)
		return;
	if (reentry->socket >= 0)
		close(reentry->socket);
	ended.fd = reentry->pid > 0 ? (int)syscall(SYS_pidfd_open, reentry->pid, 0) : -1;
	if (ended.fd >= 0) {
		if (poll(&ended, 1, DETACH_MS) > 0)
			waitpid(reentry->pid, NULL, 0);
		close(ended.fd);
	}
	g_array_unref(reentry->waiting);
	g_free(reentry);
}
