/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay.c - a fuzz target without a fuzzer: feeds it each file that is named
 *
 * What a fuzzer once found stays found: the corpus runs with every run of the
 * tests, whatever the compiler. A folder stands for the files in it.
 */
#include <errno.h>
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize size;

	if (!g_file_get_contents(path, &text, &size, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return -EIO;
	}
	/* A copy without the NUL that GLib adds, so that a read beyond the end is one. */
	g_autofree uint8_t *exact = g_memdup2(text, size);

	LLVMFuzzerTestOneInput(exact, size);
	return 0;
}

static int replay(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	int failed = 0;

	if (!dir)
		return replay_file(path);
	while ((name = g_dir_read_name(dir))) {
		g_autofree char *child = g_build_filename(path, name, NULL);

		if (replay(child))
			failed = -EIO;
	}
	return failed;
}

int main(int argc, char **argv)
{
	int failed = LLVMFuzzerTestOneInput(NULL, 0);

	for (int i = 1; i < argc; i++)
		if (replay(argv[i]))
			failed = -EIO;
	return failed ? 1 : 0;
}
