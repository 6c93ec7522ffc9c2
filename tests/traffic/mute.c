// SPDX-License-Identifier: GPL-2.0-or-later
/* mute.c - a process whose arguments nobody can read, until it ends
 *
 *   mute FILE	makes FILE a file system that never answers; its pid on standard output, when it is
 * mute
 *
 * One thread reads a page of such a file through /proc, so it holds the lock of this memory for
 * reading and is never done; another asks for it for writing. Who comes then waits behind that one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void answer(int fuse, const struct fuse_in_header *question, const void *what, size_t size)
{
	char bytes[4096];
	struct fuse_out_header header = {
		.len = (unsigned)(sizeof(header) + size),
		.unique = question->unique,
	};

	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), what, size);
	if (write(fuse, bytes, header.len) < 0)
		exit(1);
}

/* A file system that is one file, which can be opened, and never read. */
static void serve(int fuse)
{
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	const struct fuse_attr_out attributes = {
		.attr = {.ino = 1, .size = 4096, .mode = S_IFREG | 0600, .nlink = 1},
	};
	const struct fuse_open_out opened = {0};
	static char bytes[1 << 17];
	const struct fuse_in_header *question = (void *)bytes;

	while (read(fuse, bytes, sizeof(bytes)) > 0) {
		if (question->opcode == FUSE_INIT)
			answer(fuse, question, &init, sizeof(init));
		else if (question->opcode == FUSE_GETATTR)
			answer(fuse, question, &attributes, sizeof(attributes));
		else if (question->opcode == FUSE_OPEN)
			answer(fuse, question, &opened, sizeof(opened));
	}
}

static void *read_it(void *page)
{
	int memory = open("/proc/self/mem", O_RDONLY);
	char byte;

	return pread(memory, &byte, 1, (off_t)(uintptr_t)page) < 0 ? NULL : page;
}

static void *change_memory(void *page)
{
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(int argc, char **argv)
{
	int fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC), file;
	pthread_t reader, writer;
	char options[64];
	struct stat st;
	void *page;

	snprintf(options, sizeof(options), "fd=%d,rootmode=100000,user_id=0,group_id=0", fuse);
	if (argc < 2 || fuse < 0 || close(creat(argv[1], 0600)) ||
	    mount("mute", argv[1], "fuse", 0, options))
		return 77;
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fuse);
		_exit(0);
	}
	close(fuse);
	file = open(argv[1], O_RDONLY);
	if (file < 0 || fstat(file, &st)) /* whose size the kernel does not know else */
		return 1;
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
	pthread_create(&reader, NULL, read_it, page);
	printf("%d\n", getpid());
	fflush(stdout);
	usleep(300000);
	pthread_create(&writer, NULL, change_memory, page);
	for (;;)
		pause();
}
