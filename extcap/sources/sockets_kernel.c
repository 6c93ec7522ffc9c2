// SPDX-License-Identifier: GPL-2.0-or-later
/* sockets_kernel.c - the network sockets of all processes, as the kernel's iterator has them
 *
 * Only in the engine: loading the iterator needs its capabilities. Where the kernel says
 * no, what /proc shows has to do: a list that fails takes all sources off Wireshark's.
 */
#include "extcap/sources/sockets.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glib.h>
#include <stdbool.h>
#include <unistd.h>

#include "extcap/privilege.h"
#include "talkers.skel.h"

/* The descriptor to read all sockets from; negative where the kernel refuses. */
static int open_iterator(struct talkers *talkers)
{
	struct bpf_link *link;
	int fd;

	if (talkers__load(talkers))
		return -EPERM;
	link = bpf_program__attach(talkers->progs.find_sockets);
	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	bpf_link__destroy(link);
	return fd;
}

static int open_raised(void)
{
	struct talkers *talkers;
	int fd;

	libbpf_set_print(NULL); /* a word on stderr is an error dialog */
	talkers = talkers__open();
	if (!talkers)
		return -errno;
	privilege_raise();
	fd = open_iterator(talkers);
	privilege_lower();
	talkers__destroy(talkers);
	return fd;
}

static bool each_in_kernel(socket_found found, void *data)
{
	struct socket_record records[1024];
	int fd = open_raised();
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, records, sizeof(records))) > 0 || (n < 0 && errno == EAGAIN)) {
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(records[0]); i++)
			found(&records[i], data);
	}
	close(fd);
	return n == 0;
}

void sockets_each(socket_found found, void *data)
{
	if (!each_in_kernel(found, data))
		sockets_each_in_proc(found, data);
}
