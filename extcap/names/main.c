// SPDX-License-Identifier: GPL-2.0-or-later
/* main.c - ptcpdump-names: asks container runtimes who is called what, for others
 *
 * It holds no capability. The engine and the lister start it at the other end of a socket pair;
 * systemd starts it with a socket to listen at, where an administrator has enabled that. What it
 * is told to ask stands on its command line: "docker=/path", "cri=" for not at all.
 */
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <cap-ng.h>
#include <unistd.h>

#include "extcap/names/clients.h"
#include "extcap/names/socket.h"
#include "extcap/seal.h"

SEAL_NEEDS("poll ppoll ppoll_time64 eventfd2");

/* Enough for every container that can run at once, with their labels. The address sanitizer takes
 * terabytes. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX (1024UL * 1024 * 1024)
#endif

/* Nothing that could be gained, nothing that could be given. */
static void give_up(void)
{
	struct rlimit memory = {MEMORY_MAX, MEMORY_MAX}, none = {0, 0};

	capng_clear(CAPNG_SELECT_ALL);
	capng_apply(CAPNG_SELECT_ALL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_DATA, &memory);
	setrlimit(RLIMIT_CORE, &none);
	umask(0077);
	signal(SIGPIPE, SIG_IGN);
}

static bool is_listening(int fd)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* "docker=/path" */
static bool take_argument(const char *argument, const char **addresses)
{
	for (int i = 0; i < NAMES_RUNTIMES; i++) {
		const char *name = names_runtime_name((enum names_runtime)i);

		if (g_str_has_prefix(argument, name) && argument[strlen(name)] == '=') {
			addresses[i] = argument + strlen(name) + 1;
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv)
{
	const char *addresses[NAMES_RUNTIMES] = {NULL};
	g_autoptr(GMainLoop) loop = NULL;
	struct clients *clients;
	struct stat st;

	give_up();
	for (int i = 1; i < argc; i++)
		if (!take_argument(argv[i], addresses)) {
			fprintf(stderr, "ptcpdump-names: \"%s\" is no runtime=path\n", argv[i]);
			return EXIT_FAILURE;
		}
	if (fstat(NAMES_SOCKET, &st) || !S_ISSOCK(st.st_mode)) {
		fprintf(stderr, "ptcpdump-names is started by ptcpdump-capture, or by systemd; "
				"there is nothing to do by hand\n");
		return EXIT_FAILURE;
	}
	g_unix_set_fd_nonblocking(NAMES_SOCKET, TRUE, NULL);
	loop = g_main_loop_new(NULL, FALSE);
	clients = clients_new(addresses, loop);
	if (is_listening(NAMES_SOCKET))
		clients_listen(clients, NAMES_SOCKET);
	else
		clients_add(clients, NAMES_SOCKET);
	if (seal_close())
		return EXIT_FAILURE;
	g_main_loop_run(loop);
	clients_free(clients);
	return EXIT_SUCCESS;
}
