// SPDX-License-Identifier: GPL-2.0-or-later
/* descriptors.c - the first three of them, and how many there may be */
#include "extcap/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "extcap/options.h"

/* With perf rings (before Linux 6.12) each CPU takes one more. */
enum { DESCRIPTORS_MIN = 256, DESCRIPTORS_WANTED = 1024 };

void streams_open_missing(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

bool descriptors_suffice(GError **error)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_WANTED)
		return true;
	limit.rlim_cur = MIN(limit.rlim_max, DESCRIPTORS_WANTED);
	if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= DESCRIPTORS_MIN)
		return true;
	g_set_error(error, OPTIONS_ERROR, EMFILE,
		    "cannot capture: the user's limit is %llu open files, and %d are needed; allow "
		    "more (ulimit -n %d).",
		    (unsigned long long)limit.rlim_max, DESCRIPTORS_MIN, DESCRIPTORS_MIN);
	return false;
}
