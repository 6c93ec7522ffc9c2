// SPDX-License-Identifier: GPL-2.0-or-later
/* log.c - what the program says of itself, into --log-file */
#include "extcap/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "extcap/seal.h"

SEAL_NEEDS_TO_READ_FILES;

static int log_fd = -1;
static enum log_level log_threshold;

static const char *const level_names[] = {"error", "warning", "info", "debug"};

bool log_open(const char *path, enum log_level level, GError **error)
{
	log_threshold = level;
	if (!path)
		return true;
	/* O_NONBLOCK: a FIFO that nobody reads must not hold up the start. */
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		      0600);
	if (log_fd >= 0)
		return true;
	g_set_error(error, OPTIONS_ERROR, errno,
		    "cannot write the log to \"%s\": %s; give another --log-file", path,
		    g_strerror(errno));
	return false;
}

void log_message(enum log_level level, const char *format, ...)
{
	g_autofree char *text = NULL;
	g_autofree char *line = NULL;
	struct timespec now;
	struct tm local;
	char stamp[32];
	va_list args;

	if (log_fd < 0 || level > log_threshold)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	for (char *c = text; *c; c++)
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	strftime(stamp, sizeof(stamp), "%F %T", &local);
	line = g_strdup_printf("%s.%03ld %s: %s\n", stamp, now.tv_nsec / 1000000,
			       level_names[level], text);
	/* A full disk must not end a capture: what does not fit is not logged. */
	if (write(log_fd, line, strlen(line)) < 0)
		return;
}
