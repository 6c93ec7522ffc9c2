// SPDX-License-Identifier: GPL-2.0-or-later
/* remember.c - answers that are the same for a moment, in the user's runtime directory */
#include "extcap/remember.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first line says who was told: the pid of who asked. One who asks through others has none. */
#define WHO "%d\n"

/* Longer than Wireshark takes for one round of questions, and shorter than it takes somebody to
 * start a program and look for it in the list. */
#define KEPT_US (3 * G_USEC_PER_SEC)

static char *folder(void)
{
	return g_build_filename(g_get_user_runtime_dir(), "ptcpdump", NULL);
}

/* One who was root may have left a file of root's here: it is nobody else's answer. */
static bool is_fresh(const struct stat *st)
{
	gint64 then = (gint64)st->st_mtim.tv_sec * G_USEC_PER_SEC + st->st_mtim.tv_nsec / 1000;
	gint64 age = g_get_real_time() - then;

	return S_ISREG(st->st_mode) && st->st_uid == geteuid() && age >= 0 && age < KEPT_US;
}

char *remembered(const char *name)
{
	g_autofree char *in = folder();
	g_autofree char *path = g_build_filename(in, name, NULL);
	g_autofree char *who = g_strdup_printf(WHO, getppid());
	g_autofree char *text = NULL;
	struct stat st;

	if (getppid() == 1 || lstat(path, &st) || !is_fresh(&st) ||
	    !g_file_get_contents(path, &text, NULL, NULL) || !g_str_has_prefix(text, who))
		return NULL;
	return g_strdup(text + strlen(who));
}

/* Whole, or not at all: Wireshark asks several of us at once. */
void remember(const char *name, const char *text)
{
	g_autofree char *in = folder();
	g_autofree char *path = g_build_filename(in, name, NULL);
	g_autofree char *draft = g_strconcat(path, ".XXXXXX", NULL);
	g_autofree char *whole = g_strdup_printf(WHO "%s", getppid(), text);
	ssize_t length = (ssize_t)strlen(whole);
	int fd;

	if (g_mkdir_with_parents(in, 0700) || (fd = g_mkstemp(draft)) < 0)
		return;
	if (write(fd, whole, (gsize)length) != length || g_rename(draft, path))
		g_unlink(draft);
	close(fd);
}
