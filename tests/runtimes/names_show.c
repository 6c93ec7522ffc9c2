// SPDX-License-Identifier: GPL-2.0-or-later
/* names_show.c - what ptcpdump-names tells, a line of JSON-like text each
 *
 *   names_show watch [LABEL_MAX] [RUNTIME=ADDRESS]...   until its input ends; a line of the
 *                                                        input is an id to look for
 *   names_show list WAIT_MS [RUNTIME=ADDRESS]...         a line a container, then the time
 *
 * Through the engine's own client, so that the tests see what the engine does.
 */
#include "extcap/names/client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void show_text(const char *name, const char *text)
{
	g_autofree char *escaped = text ? g_strescape(text, NULL) : NULL;

	if (text)
		printf(" %s=%s", name, escaped);
}

static void show(const char *what, const struct names_container *container)
{
	static const char *const states[] = {"unknown", "created", "running", "ended"};
	g_autofree char *addresses =
		container->addresses ? g_strjoinv(",", container->addresses) : NULL;

	printf("%s %s %s state=%s uid=%u%s%s", what, container->id,
	       names_runtime_name(container->runtime), states[container->state], container->uid,
	       container->on_disk ? " disk" : "", container->pause ? " pause" : "");
	if (container->pid)
		printf(" pid=%d", container->pid);
	if (container->created)
		printf(" created=%" G_GUINT64_FORMAT, container->created);
	if (container->cut)
		printf(" cut=%u", container->cut);
	show_text("name", container->name);
	show_text("image", container->image);
	show_text("addresses", addresses);
	show_text("pod", container->pod_name);
	show_text("namespace", container->pod_namespace);
	show_text("pod_uid", container->pod_uid);
	show_text("pod_id", container->pod_id);
	show_text("labels", container->labels);
	show_text("pod_labels", container->pod_labels);
	show_text("annotations", container->pod_annotations);
	printf("\n");
	fflush(stdout);
}

static void on_container(gpointer data, struct names_container *container)
{
	show("container", container);
}

static void on_gone(gpointer data, const char *id)
{
	printf("gone %s\n", id);
	fflush(stdout);
}

static void on_trouble(gpointer data, enum names_runtime runtime, const char *sentence)
{
	printf("trouble %s %s\n", names_runtime_name(runtime), sentence ? sentence : "none");
	fflush(stdout);
}

static void on_listed(gpointer data)
{
	printf("listed\n");
	fflush(stdout);
}

static void on_refused(gpointer data, const char *sentence)
{
	printf("refused %s\n", sentence);
	fflush(stdout);
}

static void take_addresses(struct names_options *options, char **arguments)
{
	for (; *arguments; arguments++)
		for (int i = 0; i < NAMES_RUNTIMES; i++) {
			const char *name = names_runtime_name((enum names_runtime)i);

			if (g_str_has_prefix(*arguments, name) && (*arguments)[strlen(name)] == '=')
				options->addresses[i] = *arguments + strlen(name) + 1;
		}
}

static int list(const struct names_options *options, guint wait_ms)
{
	gint64 begin = g_get_monotonic_time();
	g_autoptr(GPtrArray) containers = names_list(options, wait_ms);

	for (guint i = 0; i < containers->len; i++)
		show("container", containers->pdata[i]);
	printf("ms %" G_GINT64_FORMAT "\n", (g_get_monotonic_time() - begin) / 1000);
	return EXIT_SUCCESS;
}

static int watch(const struct names_options *options)
{
	static const struct names_events events = {on_container, on_gone, on_trouble, on_listed,
						   on_refused};
	g_autoptr(GError) error = NULL;
	g_autoptr(names_t) names = names_open(options, &error);
	char line[1024];

	if (!names) {
		fprintf(stderr, "%s\n", error->message);
		return EXIT_FAILURE;
	}
	for (;;) {
		struct pollfd ready[] = {{.fd = names_fd(names), .events = POLLIN},
					 {.fd = STDIN_FILENO, .events = POLLIN}};

		poll(ready, 2, -1);
		if (ready[0].revents && !names_read(names, &events, NULL)) {
			printf("ended\n");
			return EXIT_FAILURE;
		}
		if (!ready[1].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return EXIT_SUCCESS;
		line[strcspn(line, "\n")] = '\0';
		names_look(names, line);
	}
}

int main(int argc, char **argv)
{
	struct names_options options = {.label_max = 4096};

	if (argc < 3) {
		fprintf(stderr,
			"usage: names_show watch LABEL_MAX|list WAIT_MS RUNTIME=ADDRESS...\n");
		return EXIT_FAILURE;
	}
	take_addresses(&options, argv + 3);
	if (strcmp(argv[1], "list") == 0)
		return list(&options, (guint)atoi(argv[2]));
	options.label_max = (guint)atoi(argv[2]);
	return watch(&options);
}
