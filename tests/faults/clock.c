// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - the time of day is set, for the engine alone
 *
 *   CLOCK_AHEAD=FILE	holds by how many seconds; read each time
 *
 *   CLOCK_SET=FIFO	takes the place of the timer that tells of it: eight bytes, when FILE has
 *			changed
 *
 *   CLOCK_ARMED=FILE	gets the flags and the seconds that the timer was set to
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int ahead = -1, set = -1, armed = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *names[] = {getenv("CLOCK_AHEAD"), getenv("CLOCK_SET"), getenv("CLOCK_ARMED")};

	if (!names[0] || !names[1] || !names[2])
		return;
	ahead = open(names[0], O_RDONLY | O_CLOEXEC);
	set = open(names[1], O_RDWR | O_NONBLOCK | O_CLOEXEC);
	armed = open(names[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, id, now);
	char text[32] = {0};

	if (ahead < 0 || id != CLOCK_REALTIME)
		return result;
	lseek(ahead, 0, SEEK_SET);
	if (read(ahead, text, sizeof(text) - 1) > 0)
		now->tv_sec += atol(text);
	return result;
}

int timerfd_create(int clock, int flags)
{
	return set >= 0 ? set : (int)syscall(SYS_timerfd_create, clock, flags);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *before)
{
	if (fd != set)
		return (int)syscall(SYS_timerfd_settime, fd, flags, when, before);
	dprintf(armed, "%d %ld\n", flags, (long)when->it_value.tv_sec);
	return 0;
}
