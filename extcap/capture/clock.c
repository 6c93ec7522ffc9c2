// SPDX-License-Identifier: GPL-2.0-or-later
/* clock.c - the two clocks: records carry CLOCK_MONOTONIC, files the time of day */
#include "extcap/capture/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "extcap/log.h"
#include "extcap/seal.h"
#include "extcap/time_namespace.h"

SEAL_NEEDS("timerfd_create timerfd_settime timerfd_settime64");

static guint64 now_of(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (guint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

guint64 clock_now(void)
{
	return now_of(CLOCK_MONOTONIC) - time_namespace_monotonic();
}

guint64 clock_boot(void)
{
	return now_of(CLOCK_BOOTTIME) - time_namespace_boottime();
}

/* A timer as far away as can be: what it is for is to be cancelled when the clock is set
 * (ECANCELED, since 3.0). */
static void arm(struct clock *clock)
{
	const struct itimerspec far = {.it_value.tv_sec = G_MAXINT64 / 1000000000};

	timerfd_settime(clock->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
	clock->offset = now_of(CLOCK_REALTIME) - clock_now();
}

void clock_open(struct clock *clock)
{
	clock->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (clock->fd < 0)
		log_warning("when the time of day is set packets keep the old one: %s",
			    g_strerror(errno));
	arm(clock);
}

void clock_reset(struct clock *clock)
{
	guint64 ignored;

	/* The read takes the news away, whatever it returns. */
	if (read(clock->fd, &ignored, sizeof(ignored)) < 0)
		log_info("the time of day was set");
	arm(clock);
}

void clock_close(struct clock *clock)
{
	if (clock->fd >= 0)
		close(clock->fd);
	clock->fd = -1;
}
