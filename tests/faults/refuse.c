// SPDX-License-Identifier: GPL-2.0-or-later
/* refuse.c - one call of the engine's fails, or is its last
 *
 * Preloaded into a program that gains no privileges: into others the C library loads nothing.
 *
 *   REFUSE=CALL	open, fork, socket, mmap, malloc ..., or a command of bpf(): see the table
 *   REFUSE_AT=N	the Nth of them; 0: all
 *   REFUSE_OF=NAME	of bpf(), only what concerns the map or the program of that name
 *   REFUSE_BY=ERRNO	the number; "stop": the engine stops there, for whoever kills it then
 *   REFUSED=FILE	has a byte when it has happened
 *
 * What it needs is open before main(): a running engine opens nothing, nor may it send itself a
 * signal.
 *
 * malloc() is the libraries' own, not GLib's: GLib ends a program that has no memory, by design.
 * Nor is it libseccomp's (2.5.4), which then makes a narrower filter without a word, or never
 * returns.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const char *wanted, *of;
static int done = -1, silence[2];
static int at, error;
static bool stop;
static int met;

static int open_file(const char *path)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

/* Before main(), which clears the environment. */
__attribute__((constructor)) static void begin(void)
{
	const char *by = getenv("REFUSE_BY"), *number = getenv("REFUSE_AT");
	const char *name = getenv("REFUSE_OF"), *file = getenv("REFUSED");
	const char *call = getenv("REFUSE");
	char self[PATH_MAX] = {0};

	/* The front becomes the engine, and its name stays. */
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || !call || !by || !file ||
	    !strstr(self, "/ptcpdump-capture"))
		return;
	stop = strcmp(by, "stop") == 0;
	error = atoi(by);
	at = number ? atoi(number) : 1;
	of = name && *name ? strdup(name) : NULL;
	done = open_file(file);
	if (pipe2(silence, O_CLOEXEC))
		return;
	wanted = strdup(call);
}

/* Nobody writes to that pipe. */
static void tell(void)
{
	char byte = '!';

	if (write(done, &byte, 1) != 1)
		abort();
	while (stop)
		if (read(silence[0], &byte, 1) == 0)
			abort();
}

/* Whether this very call shall fail; errno is set then. */
static bool refuse(const char *call)
{
	if (!wanted || strcmp(call, wanted) != 0)
		return false;
	met++;
	if (at && met != at)
		return false;
	tell();
	errno = error;
	return true;
}

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

int open(const char *path, int flags, ...)
{
	va_list more;
	int mode;

	va_start(more, flags);
	mode = va_arg(more, int);
	va_end(more);
	return refuse("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

pid_t fork(void)
{
	return refuse("fork") ? -1 : REAL(fork)();
}

int socket(int domain, int type, int protocol)
{
	return refuse("socket") ? -1 : (int)syscall(SYS_socket, domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
	return refuse("socketpair") ? -1
				    : (int)syscall(SYS_socketpair, domain, type, protocol, ends);
}

int epoll_create1(int flags)
{
	return refuse("epoll_create") ? -1 : (int)syscall(SYS_epoll_create1, flags);
}

int epoll_ctl(int epoll, int what, int fd, struct epoll_event *event)
{
	return refuse("epoll_ctl") ? -1 : (int)syscall(SYS_epoll_ctl, epoll, what, fd, event);
}

int timerfd_create(int clock, int flags)
{
	return refuse("timerfd") ? -1 : (int)syscall(SYS_timerfd_create, clock, flags);
}

int signalfd(int fd, const sigset_t *set, int flags)
{
	return refuse("signalfd") ? -1 : (int)syscall(SYS_signalfd4, fd, set, 8, flags);
}

int epoll_wait(int epoll, struct epoll_event *events, int most, int timeout)
{
	return refuse("epoll_wait") ? -1
				    : (int)syscall(SYS_epoll_wait, epoll, events, most, timeout);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
	return refuse("recv") ? -1 : syscall(SYS_recvfrom, fd, bytes, size, flags, NULL, NULL);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return refuse("mmap") ? MAP_FAILED
			      : REAL(mmap)(address, length, protection, flags, fd, offset);
}

int capset(void *header, const void *data); /* no header of the C library's has it */
int capset(void *header, const void *data)
{
	return refuse("capset") ? -1 : (int)syscall(SYS_capset, header, data);
}

int prctl(int what, ...)
{
	unsigned long value[4];
	va_list more;

	va_start(more, what);
	for (int i = 0; i < 4; i++)
		value[i] = va_arg(more, unsigned long);
	va_end(more);
	return refuse("prctl")
		       ? -1
		       : (int)syscall(SYS_prctl, what, value[0], value[1], value[2], value[3]);
}

/* ---- memory ---- */

/* What the C library calls them itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static bool no_memory(const void *caller)
{
	Dl_info who;

	return wanted && strcmp(wanted, "malloc") == 0 && dladdr(caller, &who) &&
	       !strstr(who.dli_fname, "libglib") && !strstr(who.dli_fname, "libc.so") &&
	       !strstr(who.dli_fname, "libseccomp") && refuse("malloc");
}

void *malloc(size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_realloc(memory, size);
}

/* ---- bpf() ---- */

static const struct {
	enum bpf_cmd command;
	const char *name;
} commands[] = {
	{BPF_MAP_CREATE, "map"},
	{BPF_PROG_LOAD, "program"},
	{BPF_LINK_CREATE, "link"},
	{BPF_RAW_TRACEPOINT_OPEN, "link"},
	{BPF_ITER_CREATE, "iterator"},
	{BPF_MAP_UPDATE_ELEM, "map-update"},
	{BPF_MAP_FREEZE, "map-freeze"},
	{BPF_BTF_LOAD, "btf"},
	{BPF_OBJ_GET_INFO_BY_FD, "object-info"},
};

static bool is_of(int command, const union bpf_attr *attr)
{
	struct bpf_prog_info info = {0};
	union bpf_attr ask = {.info = {.info_len = sizeof(info), .info = (uintptr_t)&info}};

	if (!of)
		return true;
	if (command == BPF_MAP_CREATE)
		return strncmp(attr->map_name, of, BPF_OBJ_NAME_LEN - 1) == 0;
	if (command == BPF_PROG_LOAD)
		return strncmp(attr->prog_name, of, BPF_OBJ_NAME_LEN - 1) == 0;
	ask.info.bpf_fd = command == BPF_RAW_TRACEPOINT_OPEN ? attr->raw_tracepoint.prog_fd
							     : attr->link_create.prog_fd;
	return syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask, sizeof(ask)) == 0 &&
	       strncmp(info.name, of, BPF_OBJ_NAME_LEN - 1) == 0;
}

static bool refuse_bpf(int command, const union bpf_attr *attr)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if ((int)commands[i].command == command && wanted &&
		    strcmp(commands[i].name, wanted) == 0)
			return is_of(command, attr) && refuse(wanted);
	return false;
}

long syscall(long number, ...)
{
	static __typeof__(syscall) *real;
	long value[6];
	va_list more;

	if (!real)
		real = REAL(syscall);
	va_start(more, number);
	for (int i = 0; i < 6; i++)
		value[i] = va_arg(more, long);
	va_end(more);
	if (number == SYS_perf_event_open && refuse("perf_event_open"))
		return -1;
	if (number == SYS_bpf && refuse_bpf((int)value[0], (const union bpf_attr *)value[1]))
		return -1;
	return real(number, value[0], value[1], value[2], value[3], value[4], value[5]);
}
