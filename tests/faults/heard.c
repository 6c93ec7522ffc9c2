// SPDX-License-Identifier: GPL-2.0-or-later
/* heard.c - tells what of its environment a program hears
 *
 *   HEARD=FILE		is made when this library is loaded, and has the environment as it is when
 *			the program begins to wait for something
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *heard;

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("HEARD");

	/* A running engine opens nothing. */
	heard = file ? fopen(file, "we") : NULL;
}

int epoll_create1(int flags)
{
	for (char **variable = environ; heard && variable && *variable; variable++)
		fprintf(heard, "%s\n", *variable);
	if (heard)
		fflush(heard);
	return (int)syscall(SYS_epoll_create1, flags);
}
