// SPDX-License-Identifier: GPL-2.0-or-later
/* connect.c - a connection to a daemon's socket */
#include "extcap/names/connect.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "extcap/seal.h"

SEAL_NEEDS_WHERE("socket", 0, ~0U, AF_UNIX);
SEAL_NEEDS("connect getsockopt");

int connect_to(const char *path, uid_t *uid)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		error = -errno;
		close(fd);
		return error;
	}
	*uid = peer.uid;
	return fd;
}
