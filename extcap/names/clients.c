// SPDX-License-Identifier: GPL-2.0-or-later
/* clients.c - who has asked ptcpdump-names, and what each still has to be told */
#include "extcap/names/clients.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extcap/names/cache.h"
#include "extcap/names/places.h"
#include "extcap/seal.h"

SEAL_NEEDS("accept4 getsockopt fcntl fcntl64 sendto recvfrom");

#define CLIENTS_MAX 64
/* Of one user: who takes all that there are leaves none to others. */
#define CLIENTS_OF_USER 16
/* Bytes that are made ready for a socket at a time. */
#define OUT_MAX 65536
/* Without clients: as long as a first list may take, for the cache; as a service, longer. */
#define LINGER_MS  5000
#define SERVICE_MS 60000
/* Single questions for unknown ids in a second; if there are more, lists do. */
#define LOOKS_MAX 100

struct client {
	struct clients *clients;
	int fd;
	uid_t uid; /* of the service's */
	guint in_watch, out_watch, deadline;
	GByteArray *in, *out;
	GQueue changed;	      /* ids, owned by the set */
	GHashTable *pending;  /* the same, as a set */
	struct frame hello;   /* type 0: it has not said hello yet */
	guint32 trouble;      /* bits of the runtimes whose trouble it has to be told */
	bool listed, is_told; /* everything is; it has to be told, it has been told */
};

struct clients {
	GMainLoop *loop;
	struct table *table;
	struct places *places;
	GPtrArray *all;
	int listener;
	guint linger;
	gint64 second; /* in which @looks were answered */
	guint looks;
};

static void leave(struct client *client);

/* --- what is said --------------------------------------------------------------------------- */

static void append_change(struct client *client, const char *id)
{
	const struct container *container = table_get(client->clients->table, id);
	struct frame gone = {.type = FRAME_GONE, .container.id = (char *)id};

	if (container)
		container_encode(client->out, container, client->hello.label_max);
	else
		frame_append(client->out, &gone);
}

static void append_troubles(struct client *client)
{
	for (int i = 0; i < NAMES_RUNTIMES; i++) {
		struct frame frame = {.type = FRAME_TROUBLE,
				      .container.runtime = (enum names_runtime)i};

		if (!(client->trouble & 1U << i))
			continue;
		frame.text =
			(char *)places_trouble(client->clients->places, frame.container.runtime);
		frame_append(client->out, &frame);
	}
	client->trouble = 0;
}

static void append_some(struct client *client)
{
	struct frame listed = {.type = FRAME_LISTED};
	char *id;

	append_troubles(client);
	while (client->out->len < OUT_MAX && (id = g_queue_pop_head(&client->changed))) {
		append_change(client, id);
		g_hash_table_remove(client->pending, id);
	}
	if (client->listed && !client->is_told && g_queue_is_empty(&client->changed)) {
		frame_append(client->out, &listed);
		client->is_told = true;
	}
}

static gboolean writable(gint fd, GIOCondition condition, gpointer data)
{
	struct client *client = data;
	ssize_t n;

	if (client->out->len < OUT_MAX)
		append_some(client);
	if (client->out->len == 0) {
		client->out_watch = 0;
		return G_SOURCE_REMOVE;
	}
	n = send(fd, client->out->data, client->out->len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		client->out_watch = 0;
		leave(client);
		return G_SOURCE_REMOVE;
	}
	if (n > 0)
		g_byte_array_remove_range(client->out, 0, (guint)n);
	return G_SOURCE_CONTINUE;
}

static void wake(struct client *client)
{
	if (client->hello.type && !client->out_watch)
		client->out_watch = g_unix_fd_add(client->fd, G_IO_OUT, writable, client);
}

static void add_change(gpointer data, const char *id)
{
	struct client *client = data;
	char *copy;

	if (g_hash_table_contains(client->pending, id))
		return;
	copy = g_strdup(id);
	g_hash_table_add(client->pending, copy);
	g_queue_push_tail(&client->changed, copy);
}

static void changed(gpointer data, const char *id)
{
	struct clients *clients = data;

	for (guint i = 0; i < clients->all->len; i++) {
		struct client *client = clients->all->pdata[i];

		if (client->hello.type && !(client->hello.once && client->is_told)) {
			add_change(client, id);
			wake(client);
		}
	}
}

static void trouble(gpointer data, enum names_runtime runtime)
{
	struct clients *clients = data;

	for (guint i = 0; i < clients->all->len; i++) {
		struct client *client = clients->all->pdata[i];

		client->trouble |= 1U << runtime;
		wake(client);
	}
}

static void tell_listed(struct client *client)
{
	client->listed = true;
	wake(client);
}

static void settled(gpointer data)
{
	struct clients *clients = data;

	for (guint i = 0; i < clients->all->len; i++)
		tell_listed(clients->all->pdata[i]);
	if (clients->all->len == 0 && clients->listener < 0)
		g_main_loop_quit(clients->loop);
}

/* --- what is heard -------------------------------------------------------------------------- */

static void append_cached(gpointer data, const struct frame *frame)
{
	struct client *client = data;

	if (!table_get(client->clients->table, frame->container.id))
		frame_append(client->out, frame);
}

/* A list waits no longer: what was so the last time takes the place of what has not come. */
static gboolean deadline(gpointer data)
{
	struct client *client = data;
	struct places *places = client->clients->places;

	client->deadline = 0;
	if (client->is_told)
		return G_SOURCE_REMOVE;
	cache_read(places, append_cached, client);
	tell_listed(client);
	return G_SOURCE_REMOVE;
}

static void take_hello(struct client *client, const struct frame *hello)
{
	if (client->hello.type)
		return;
	client->hello = *hello;
	table_each(client->clients->table, add_change, client);
	for (int i = 0; i < NAMES_RUNTIMES; i++)
		if (places_trouble(client->clients->places, (enum names_runtime)i))
			client->trouble |= 1U << i;
	client->listed = places_are_settled(client->clients->places);
	if (hello->once) {
		cache_keep(client->clients->places);
		client->deadline = g_timeout_add(hello->wait_ms, deadline, client);
	}
	wake(client);
}

static void look(struct clients *clients, const char *id)
{
	const struct container *container = table_get(clients->table, id);
	gint64 second = g_get_monotonic_time() / G_USEC_PER_SEC;

	if (container && !container->says.on_disk)
		return;
	if (second != clients->second)
		clients->looks = 0;
	clients->second = second;
	places_look(clients->places, clients->looks++ < LOOKS_MAX ? id : NULL);
}

/* Return: false when it says what is nothing. */
static bool take_frames(struct client *client)
{
	struct frame frame;
	gsize at = 0;
	gssize took;

	while ((took = frame_take(client->in->data + at, client->in->len - at, &frame)) > 0) {
		if (frame.type == FRAME_HELLO)
			take_hello(client, &frame);
		else if (frame.type == FRAME_LOOK)
			look(client->clients, frame.container.id);
		frame_clear(&frame);
		at += (gsize)took;
	}
	g_byte_array_remove_range(client->in, 0, (guint)at);
	return took == 0;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data)
{
	struct client *client = data;
	guint8 bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n > 0) {
		g_byte_array_append(client->in, bytes, (guint)n);
		if (take_frames(client))
			return G_SOURCE_CONTINUE;
	}
	client->in_watch = 0;
	leave(client);
	return G_SOURCE_REMOVE;
}

/* --- who ------------------------------------------------------------------------------------ */

static gboolean quit(gpointer data)
{
	struct clients *clients = data;

	clients->linger = 0;
	g_main_loop_quit(clients->loop);
	return G_SOURCE_REMOVE;
}

static void leave(struct client *client)
{
	struct clients *clients = client->clients;
	bool lister = client->hello.once;

	g_ptr_array_remove_fast(clients->all, client);
	if (client->in_watch)
		g_source_remove(client->in_watch);
	if (client->out_watch)
		g_source_remove(client->out_watch);
	if (client->deadline)
		g_source_remove(client->deadline);
	close(client->fd);
	g_queue_clear(&client->changed);
	g_hash_table_unref(client->pending);
	g_byte_array_unref(client->in);
	g_byte_array_unref(client->out);
	g_free(client);
	if (clients->all->len)
		return;
	if (clients->listener >= 0)
		clients->linger = g_timeout_add(SERVICE_MS, quit, clients);
	else if (lister && !places_are_settled(clients->places))
		clients->linger = g_timeout_add(LINGER_MS, quit, clients);
	else
		g_main_loop_quit(clients->loop);
}

static uid_t user_of(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? (uid_t)-1 : peer.uid;
}

void clients_add(struct clients *clients, int fd)
{
	struct client *client = g_new0(struct client, 1);

	client->clients = clients;
	client->fd = fd;
	client->uid = user_of(fd);
	client->in = g_byte_array_new();
	client->out = g_byte_array_new();
	client->pending = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	client->in_watch = g_unix_fd_add(fd, G_IO_IN, readable, client);
	g_ptr_array_add(clients->all, client);
	if (clients->linger)
		g_source_remove(clients->linger);
	clients->linger = 0;
}

static bool has_place(const struct clients *clients, uid_t uid)
{
	guint of_user = 0;

	for (guint i = 0; i < clients->all->len; i++) {
		const struct client *client = clients->all->pdata[i];

		of_user += client->uid == uid;
	}
	return clients->all->len < CLIENTS_MAX && of_user < CLIENTS_OF_USER;
}

/* Nothing was said to it yet, so a frame of a sentence fits into its socket. */
static void refuse(int fd)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *why = g_strdup_printf(
		"ptcpdump-names.socket serves %d captures of a user at once, and %d in all: begin "
		"this one again when another has ended",
		CLIENTS_OF_USER, CLIENTS_MAX);
	struct frame refused = {.type = FRAME_REFUSED, .text = why};

	frame_append(bytes, &refused);
	(void)!send(fd, bytes->data, bytes->len, MSG_NOSIGNAL);
	close(fd);
}

static gboolean accept_one(gint fd, GIOCondition condition, gpointer data)
{
	struct clients *clients = data;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (client >= 0 && has_place(clients, user_of(client)))
		clients_add(clients, client);
	else if (client >= 0)
		refuse(client);
	return G_SOURCE_CONTINUE;
}

void clients_listen(struct clients *clients, int fd)
{
	clients->listener = fd;
	g_unix_fd_add(fd, G_IO_IN, accept_one, clients);
	clients->linger = g_timeout_add(SERVICE_MS, quit, clients);
}

struct clients *clients_new(const char *const addresses[NAMES_RUNTIMES], GMainLoop *loop)
{
	static const struct places_events events = {.settled = settled, .trouble = trouble};
	struct clients *clients = g_new0(struct clients, 1);

	clients->loop = loop;
	clients->listener = -1;
	clients->all = g_ptr_array_new();
	clients->table = table_new(changed, clients);
	clients->places = places_new(addresses, clients->table, &events, clients);
	return clients;
}

void clients_free(struct clients *clients)
{
	places_free(clients->places);
	table_free(clients->table);
	g_ptr_array_unref(clients->all);
	g_free(clients);
}
