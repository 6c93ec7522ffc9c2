// SPDX-License-Identifier: GPL-2.0-or-later
/* test_settings.c - what root has decided, and whose word is not root's */
#include "extcap/settings.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a folder that root alone can write, below one that everybody can. */
static char *folder, *path;

static void write_file(const char *text, uid_t owner, int mode)
{
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(chown(path, owner, 0), ==, 0);
	g_assert_cmpint(chmod(path, mode), ==, 0);
}

static void expect_refusal(const char *words)
{
	struct settings settings;
	g_autoptr(GError) error = NULL;

	g_assert_false(settings_read(&settings, path, &error));
	g_assert_nonnull(strstr(error->message, words));
	g_assert_nonnull(strstr(error->message, path));
	g_assert_null(strchr(error->message, '\n'));
	g_assert_cmpuint(strlen(error->message), <, 1024);
	g_assert_false(settings.all_arguments);
}

static void expect(bool all_arguments)
{
	struct settings settings;
	g_autoptr(GError) error = NULL;

	g_assert_true(settings_read(&settings, path, &error));
	g_assert_no_error(error);
	g_assert_cmpint(settings.all_arguments, ==, all_arguments);
}

static void test_words(void)
{
	g_unlink(path);
	expect(false);
	write_file("", 0, 0644);
	expect(false);
	write_file("# nothing\n[members]\n", 0, 0644);
	expect(false);
	write_file("[members]\narguments=own\n", 0, 0600);
	expect(false);
	write_file("[members]\narguments = all\n", 0, 0644);
	expect(true);
	write_file("[members]\narguments=ALL\n", 0, 0644);
	expect_refusal("must be \"own\" or \"all\"");
	write_file("[members]\nargument=all\n", 0, 0644);
	expect_refusal("knows no \"argument\"");
	write_file("[everybody]\narguments=all\n", 0, 0644);
	expect_refusal("another group");
	write_file("arguments=all\n", 0, 0644);
	expect_refusal("cannot heed");
	write_file("[members]\narguments=\xff\n", 0, 0644);
	expect_refusal("must be");
}

static void test_others_word(void)
{
	static const struct {
		uid_t owner;
		int mode;
	} others[] = {{65534, 0644}, {0, 0664}, {0, 0646}, {65534, 0600}};

	for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
		write_file("[members]\narguments=all\n", others[i].owner, others[i].mode);
		expect_refusal("others than root");
	}
	write_file("[members]\narguments=all\n", 0, 0644);
	expect(true);
	chmod(folder, 0777);
	expect_refusal("others than root");
	chown(folder, 65534, 0);
	chmod(folder, 0755);
	expect_refusal("others than root");
	chown(folder, 0, 0);
}

static void test_no_file(void)
{
	g_autofree char *other = g_strconcat(folder, "/other", NULL);

	g_unlink(path);
	g_assert_cmpint(mkfifo(path, 0644), ==, 0);
	expect_refusal("no file");
	/* A link counts by where it leads. */
	g_unlink(path);
	g_assert_true(g_file_set_contents(other, "[members]\narguments=all\n", -1, NULL));
	chmod(other, 0666);
	g_assert_cmpint(symlink(other, path), ==, 0);
	expect_refusal("others than root");
	chmod(other, 0644);
	expect(true);
	g_unlink(other);
	g_unlink(path);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("ptcpdump-settings-XXXXXX", NULL);
	g_assert_nonnull(folder);
	path = g_strconcat(folder, "/ptcpdump.conf", NULL);
	if (getuid() == 0) {
		g_test_add_func("/settings/words", test_words);
		g_test_add_func("/settings/others-word", test_others_word);
		g_test_add_func("/settings/no-file", test_no_file);
	}
	status = g_test_run();
	g_rmdir(folder);
	g_free(folder);
	g_free(path);
	return status;
}
