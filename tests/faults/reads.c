// SPDX-License-Identifier: GPL-2.0-or-later
/* reads.c - counts the packets whose options our plugin reads, in tshark
 *
 *   READS=FILE		gets a byte for each
 *
 * Wireshark reads the options of packets itself, too: what counts is whose the function is that
 * is to be told of them.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int reads = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("READS");

	if (file)
		reads = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* Wireshark's own types, and what it returns, differ from one version to the next. */
long wtap_block_foreach_option(void *block, void *told, void *data);

long wtap_block_foreach_option(void *block, void *told, void *data)
{
	long (*real)(void *, void *, void *) = dlsym(RTLD_NEXT, "wtap_block_foreach_option");
	Dl_info whose;

	if (reads >= 0 && dladdr(told, &whose) && strstr(whose.dli_fname, "/ptcpdump.so"))
		(void)!write(reads, "", 1);
	return real(block, told, data);
}
