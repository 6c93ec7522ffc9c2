// SPDX-License-Identifier: GPL-2.0-or-later
/* client.c - the engine's and the lister's end of ptcpdump-names */
#include "extcap/names/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extcap/names/frames.h"
#include "extcap/names/socket.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom");

/* No more than this is read in one go: there are packets to be seen to as well. */
#define READ_MOST 65536
/* An id is asked for again after so long, and so many are remembered. */
#define LOOK_AGAIN_US (G_USEC_PER_SEC / 4)
#define LOOKS_MOST    1024

struct names {
	int socket;
	GByteArray *read;  /* the beginning of a frame that is not whole yet */
	GHashTable *looks; /* id → when it was asked for, gint64 */
};

static const char *const runtime_names[NAMES_RUNTIMES] = {
	[NAMES_DOCKER] = "docker",
	[NAMES_PODMAN] = "podman",
	[NAMES_CRI] = "cri",
	[NAMES_CONTAINERD] = "containerd",
};

const char *names_runtime_name(enum names_runtime runtime)
{
	return runtime_names[runtime];
}

/* In the child's child, which nobody has to wait for. All else that is open has O_CLOEXEC, or
 * is closed by range. */
G_GNUC_NORETURN static void become_names(int socket, char *const *arguments)
{
	static char *const environment[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	/* Above the number that it gets, or it would be closed. */
	socket = fcntl(socket, F_DUPFD_CLOEXEC, NAMES_SOCKET + 1);
	if (null < 0 || socket < 0) /* nor may it keep our streams */
		_exit(EXIT_FAILURE);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	dup2(socket, NAMES_SOCKET);
	syscall(SYS_close_range, NAMES_SOCKET + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execve(PTCPDUMP_NAMES, arguments, environment);
	_exit(EXIT_FAILURE);
}

static char **argument_list(const struct names_options *options)
{
	GPtrArray *list = g_ptr_array_new();

	g_ptr_array_add(list, g_strdup("ptcpdump-names"));
	for (int i = 0; i < NAMES_RUNTIMES; i++)
		if (options->addresses[i])
			g_ptr_array_add(list, g_strconcat(names_runtime_name((enum names_runtime)i),
							  "=", options->addresses[i], NULL));
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(list, FALSE);
}

static int start(const struct names_options *options, GError **error)
{
	g_auto(GStrv) arguments = argument_list(options);
	int ends[2] = {-1, -1};
	pid_t child = -1;

	if (access(PTCPDUMP_NAMES, X_OK) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
		child = fork();
	if (child == 0) {
		if (fork() == 0)
			become_names(ends[1], arguments);
		_exit(EXIT_SUCCESS);
	}
	if (child < 0) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
			    "cannot start %s: %s; containers are shown by their ids",
			    PTCPDUMP_NAMES, g_strerror(errno));
		if (ends[0] >= 0)
			close(ends[0]);
	} else {
		waitpid(child, NULL, 0);
	}
	if (ends[1] >= 0)
		close(ends[1]);
	return child < 0 ? -1 : ends[0];
}

static bool is_roots(int socket)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == 0;
}

/* The administrator's service, where there is one that lets us in. It asks where it was told
 * to: who wants another address asks by himself. */
static int connect_to_service(const struct names_options *options)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = NAMES_SERVICE};
	int fd;

	for (int i = 0; i < NAMES_RUNTIMES; i++)
		if (options->addresses[i])
			return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    is_roots(fd))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A frame of a few bytes goes whole or not at all. */
static void say(const struct names *names, const struct frame *frame)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();

	frame_append(bytes, frame);
	if (names->socket >= 0)
		(void)!send(names->socket, bytes->data, bytes->len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static struct names *open_with(const struct names_options *options, const struct frame *hello,
			       GError **error)
{
	struct names *names;
	int fd = connect_to_service(options);

	if (fd < 0)
		fd = start(options, error);
	if (fd < 0)
		return NULL;
	names = g_new0(struct names, 1);
	names->socket = fd;
	names->read = g_byte_array_new();
	names->looks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	say(names, hello);
	return names;
}

struct names *names_open(const struct names_options *options, GError **error)
{
	struct frame hello = {.type = FRAME_HELLO,
			      .label_max = MIN(options->label_max, NAMES_LABELS_MAX)};

	return open_with(options, &hello, error);
}

int names_fd(const struct names *names)
{
	return names->socket;
}

static void hand_over(struct frame *frame, const struct names_events *events, gpointer data)
{
	switch (frame->type) {
	case FRAME_CONTAINER:
		events->container(data, &frame->container);
		break;
	case FRAME_GONE:
		if (events->gone)
			events->gone(data, frame->container.id);
		break;
	case FRAME_TROUBLE:
		if (events->trouble)
			events->trouble(data, frame->container.runtime, frame->text);
		break;
	case FRAME_LISTED:
		if (events->listed)
			events->listed(data);
		break;
	case FRAME_REFUSED:
		if (events->refused && frame->text)
			events->refused(data, frame->text);
		break;
	default: /* what only we may say */
		break;
	}
}

/* Return: false when what it says is no frame. */
static bool hand_over_frames(struct names *names, const struct names_events *events, gpointer data)
{
	gsize at = 0;
	gssize took;
	struct frame frame;

	while ((took = frame_take(names->read->data + at, names->read->len - at, &frame)) > 0) {
		hand_over(&frame, events, data);
		frame_clear(&frame);
		at += (gsize)took;
	}
	g_byte_array_remove_range(names->read, 0, (guint)at);
	return took == 0;
}

bool names_read(struct names *names, const struct names_events *events, gpointer data)
{
	guint8 bytes[READ_MOST];
	ssize_t n;

	if (names->socket < 0)
		return false;
	n = recv(names->socket, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n > 0)
		g_byte_array_append(names->read, bytes, (guint)n);
	if (n > 0 && hand_over_frames(names, events, data))
		return true;
	close(names->socket);
	names->socket = -1;
	return false;
}

void names_look(struct names *names, const char *id)
{
	struct frame look = {.type = FRAME_LOOK, .container.id = (char *)id};
	gint64 *asked = g_hash_table_lookup(names->looks, id);
	gint64 now = g_get_monotonic_time();

	if (asked && now - *asked < LOOK_AGAIN_US)
		return;
	if (g_hash_table_size(names->looks) >= LOOKS_MOST)
		g_hash_table_remove_all(names->looks);
	asked = g_new(gint64, 1);
	*asked = now;
	g_hash_table_replace(names->looks, g_strdup(id), asked);
	if (*id && strlen(id) <= NAMES_ID_MAX)
		say(names, &look);
}

void names_close(struct names *names)
{
	if (!names)
		return;
	if (names->socket >= 0)
		close(names->socket);
	g_byte_array_unref(names->read);
	g_hash_table_unref(names->looks);
	g_free(names);
}

/* --- the list ------------------------------------------------------------------------------ */

struct list {
	GHashTable *containers; /* by id: a record takes the place of an earlier one */
	bool listed;
};

static void list_container(gpointer data, struct names_container *container)
{
	struct list *list = data;
	struct names_container *copy;

	g_hash_table_remove(list->containers, container->id);
	if (container->state != NAMES_RUNNING && container->state != NAMES_STATE_UNKNOWN)
		return;
	copy = g_memdup2(container, sizeof(*container));
	memset(container, 0, sizeof(*container));
	g_hash_table_insert(list->containers, copy->id, copy);
}

static void list_gone(gpointer data, const char *id)
{
	g_hash_table_remove(((struct list *)data)->containers, id);
}

static void list_listed(gpointer data)
{
	((struct list *)data)->listed = true;
}

static void free_container(gpointer container)
{
	names_container_free(container);
}

static GPtrArray *array_of(GHashTable *containers)
{
	GPtrArray *array = g_ptr_array_new_with_free_func(free_container);
	GHashTableIter each;
	gpointer container;

	g_hash_table_iter_init(&each, containers);
	while (g_hash_table_iter_next(&each, NULL, &container)) {
		g_hash_table_iter_steal(&each);
		g_ptr_array_add(array, container);
	}
	return array;
}

GPtrArray *names_list(const struct names_options *options, guint wait_ms)
{
	static const struct names_events events = {
		.container = list_container,
		.gone = list_gone,
		.listed = list_listed,
	};
	struct frame hello = {.type = FRAME_HELLO,
			      .label_max = MIN(options->label_max, NAMES_LABELS_MAX),
			      .once = true,
			      .wait_ms = wait_ms};
	/* It says itself when the time is over; only if it cannot, we do. */
	gint64 end = g_get_monotonic_time() + (wait_ms + wait_ms / 4) * (gint64)1000;
	g_autoptr(names_t) names = open_with(options, &hello, NULL);
	g_autoptr(GHashTable) containers =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_container);
	struct list list = {.containers = containers};

	while (names && !list.listed) {
		struct pollfd ready = {.fd = names->socket, .events = POLLIN};
		gint64 left = (end - g_get_monotonic_time()) / 1000;

		if (left <= 0 || poll(&ready, 1, (int)left) == 0 ||
		    !names_read(names, &events, &list))
			break;
	}
	return array_of(containers);
}

void names_container_free(struct names_container *container)
{
	struct frame frame = {0};

	if (!container)
		return;
	frame.container = *container;
	frame_clear(&frame);
	g_free(container);
}
