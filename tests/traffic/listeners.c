/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listeners.c - processes that wait on a port, and talk to many
 *
 *   listeners COUNT PORT PEERS [NAME]
 *
 * Each of the COUNT processes listens on a port of its own, from PORT on (0: any), is called
 * NAME, and is connected with PEERS addresses of the loopback network, by itself. Their pids
 * are written on stdout, one a line, when all of them are ready; they end with this one.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int listening = -1; /* until the process ends */

static void listen_on(int port, struct sockaddr_in *address)
{
	int on = 1;
	socklen_t length = sizeof(*address);

	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	listening = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listening, (struct sockaddr *)address, length) || listen(listening, 128) ||
	    getsockname(listening, (struct sockaddr *)address, &length))
		err(1, "port %d", port);
}

static void connect_to(struct sockaddr_in address, int peer)
{
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + (uint32_t)peer);
	if (connect(sock, (struct sockaddr *)&address, sizeof(address)))
		err(1, "peer %d", peer);
}

static void be_listener(int port, int peers, const char *name, int ready)
{
	struct sockaddr_in address;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (name)
		prctl(PR_SET_NAME, name);
	listen_on(port, &address);
	for (int i = 0; i < peers; i++)
		connect_to(address, i);
	if (write(ready, "", 1) != 1)
		err(1, "ready");
	pause();
}

int main(int argc, char **argv)
{
	int count, port, peers, ready[2];
	char byte;

	if (argc < 4)
		errx(2, "usage: listeners COUNT PORT PEERS [NAME]");
	count = atoi(argv[1]);
	port = atoi(argv[2]);
	peers = atoi(argv[3]);
	if (pipe(ready))
		err(1, "pipe");
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(ready[0]);
			be_listener(port ? port + i : 0, peers, argv[4], ready[1]);
			_exit(0);
		}
		printf("%d\n", pid);
	}
	close(ready[1]);
	for (int i = 0; i < count; i++) {
		if (read(ready[0], &byte, 1) != 1)
			errx(1, "only %d are ready", i);
	}
	fflush(stdout);
	pause();
	return 0;
}
