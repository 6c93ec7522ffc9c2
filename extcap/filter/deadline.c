// SPDX-License-Identifier: GPL-2.0-or-later
/* deadline.c - compile a filter, but not for ever
 *
 * What the child writes: a character that says how it went, then the program or the words.
 */
#include "extcap/filter/deadline.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DONE  '+'
#define WRONG '-'

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* ---- the child ---- */

/* The resolver then finds no server, and says so at once. */
static bool forbid_sockets(void)
{
#ifdef ARCHITECTURE
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = G_N_ELEMENTS(code), .filter = code};

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#else
	return false;
#endif
}

static bool write_all(int fd, const void *bytes, gsize size)
{
	const char *at = bytes;

	while (size) {
		gssize written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += written;
		size -= (gsize)written;
	}
	return true;
}

static void tell(int fd, char how, const void *bytes, gsize size)
{
	if (write_all(fd, &how, 1))
		write_all(fd, bytes, size);
}

G_NORETURN static void be_child(int fd, struct compiler *compiler, const char *expression,
				bool offline)
{
	GError *error = NULL;
	struct classic *classic;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (offline && !forbid_sockets())
		_exit(EXIT_FAILURE);
	classic = compiler_run(compiler, expression, true, &error);
	if (classic)
		tell(fd, DONE, classic->code, classic->length * sizeof(*classic->code));
	else
		tell(fd, WRONG, error->message, strlen(error->message));
	_exit(EXIT_SUCCESS);
}

/* ---- the parent ---- */

/* Of the processor's time. */
static gint64 microseconds_of(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

/* More of what the child writes. False: it has written all, or had its share, by which it ends. */
static bool read_more(GByteArray *all, int fd, pid_t pid, guint ms)
{
	gint64 left = (gint64)ms * 1000 - microseconds_of(pid);
	struct pollfd readable = {.fd = fd, .events = POLLIN};
	guint8 bytes[4096];
	gssize got;

	if (left <= 0) {
		kill(pid, SIGKILL);
		return false;
	}
	if (poll(&readable, 1, (int)(left / 1000 + 1)) <= 0)
		return true;
	got = read(fd, bytes, sizeof(bytes));
	if (got > 0)
		g_byte_array_append(all, bytes, (guint)got);
	return got > 0 || (got < 0 && errno == EINTR);
}

static GByteArray *read_within(int fd, pid_t pid, guint ms)
{
	GByteArray *all = g_byte_array_new();

	while (read_more(all, fd, pid, ms))
		;
	return all;
}

static bool ended_well(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static struct classic *program_of(const GByteArray *answer)
{
	gsize size = answer->len - 1;
	struct classic *classic = g_malloc(sizeof(*classic) + size);

	classic->length = (guint)(size / sizeof(*classic->code));
	memcpy(classic->code, answer->data + 1, size);
	return classic;
}

/* What libpcap says where a name cannot be resolved. */
static bool is_about_names(const char *words)
{
	return g_str_has_prefix(words, "unknown host") ||
	       g_str_has_prefix(words, "unknown network");
}

static struct classic *understand(const GByteArray *answer, bool well, GError **error)
{
	g_autofree char *words = NULL;

	if (!well || !answer->len) {
		g_set_error(error, FILTER_ERROR, FILTER_ERROR_LATE, "the filter is too large");
		return NULL;
	}
	if (answer->data[0] == DONE)
		return program_of(answer);
	words = g_strndup((const char *)answer->data + 1, answer->len - 1);
	g_set_error_literal(error, FILTER_ERROR,
			    is_about_names(words) ? FILTER_ERROR_NAMES : FILTER_ERROR_WRONG, words);
	return NULL;
}

struct classic *compiler_run_within(struct compiler *compiler, const char *expression, guint ms,
				    bool offline, GError **error)
{
	g_autoptr(GByteArray) answer = NULL;
	int ends[2];
	pid_t pid;

	if (pipe(ends)) {
		g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_LATE, g_strerror(errno));
		return NULL;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		be_child(ends[1], compiler, expression, offline);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		g_set_error_literal(error, FILTER_ERROR, FILTER_ERROR_LATE, g_strerror(errno));
		return NULL;
	}
	answer = read_within(ends[0], pid, ms);
	close(ends[0]);
	return understand(answer, ended_well(pid), error);
}
