// SPDX-License-Identifier: GPL-2.0-or-later
/* grpc.c - questions to a daemon that speaks gRPC over a Unix socket */
#include "extcap/names/grpc.h"

#include <errno.h>
#include <glib-unix.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extcap/names/connect.h"
#include "extcap/seal.h"

SEAL_NEEDS("sendto recvfrom");

/* Bytes that are read in one go; then it is another daemon's turn. */
#define TURN 65536
/* What it may send before we have taken it. */
#define WINDOW (1024 * 1024)
/* A compressed flag and a length before each message. */
#define PREFIX 5

struct grpc {
	int fd; /* -1: broken */
	guint in_watch, out_watch;
	nghttp2_session *session;
	const guint8 *out; /* what nghttp2 wants sent, until it is asked again */
	gsize out_len;
	GHashTable *calls; /* a set of struct call */
	guint broken;	   /* a timer: the ends of all calls */
	bool receiving;	   /* within nghttp2, which must not be asked for what to send then */
	int error;
};

struct call {
	struct grpc *grpc;
	gint32 stream;
	GByteArray *request, *answer;
	gsize sent;
	guint timer, quiet_ms;
	int status; /* of gRPC's; -1: not told yet */
	char *words;
	const struct grpc_events *events;
	gpointer data;
};

static void flush(struct grpc *grpc);

/* --- a call --------------------------------------------------------------------------------- */

static void call_free(gpointer data)
{
	struct call *call = data;

	if (call->timer)
		g_source_remove(call->timer);
	g_byte_array_unref(call->request);
	g_byte_array_unref(call->answer);
	g_free(call->words);
	g_free(call);
}

/* The stream itself nghttp2 closes; what comes on it from here is nobody's. */
static void end_call(struct call *call, int status)
{
	const struct grpc_events *events = call->events;
	gpointer data = call->data;
	g_autofree char *words = g_steal_pointer(&call->words);
	struct grpc *grpc = call->grpc;

	if (grpc->session && call->stream >= 0)
		nghttp2_session_set_stream_user_data(grpc->session, call->stream, NULL);
	g_hash_table_remove(grpc->calls, call);
	events->end(data, status, words);
}

static gboolean too_quiet(gpointer data)
{
	struct call *call = data;
	struct grpc *grpc = call->grpc;
	gint32 stream = call->stream;

	call->timer = 0;
	/* First, or its stream's end would be another end of it. */
	end_call(call, -ETIMEDOUT);
	nghttp2_submit_rst_stream(grpc->session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
	flush(grpc);
	return G_SOURCE_REMOVE;
}

static void rearm(struct call *call)
{
	if (call->timer)
		g_source_remove(call->timer);
	call->timer = call->quiet_ms ? g_timeout_add(call->quiet_ms, too_quiet, call) : 0;
}

/* Messages that are whole now. Return: false when it is none of ours. */
static bool take_messages(struct call *call)
{
	gsize at = 0;
	bool good = true;

	while (good && call->answer->len - at >= PREFIX) {
		const guint8 *head = call->answer->data + at;
		guint32 len = (guint32)head[1] << 24 | (guint32)head[2] << 16 |
			      (guint32)head[3] << 8 | head[4];

		good = head[0] == 0 && len <= GRPC_MESSAGE_MAX;
		if (!good || call->answer->len - at - PREFIX < len)
			break;
		call->events->message(call->data, head + PREFIX, len);
		at += PREFIX + len;
	}
	g_byte_array_remove_range(call->answer, 0, (guint)at);
	return good;
}

/* --- what nghttp2 calls --------------------------------------------------------------------- */

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes,
		   size_t len, void *data)
{
	struct call *call = nghttp2_session_get_stream_user_data(session, stream);

	if (!call)
		return 0;
	rearm(call);
	g_byte_array_append(call->answer, bytes, (guint)len);
	if (take_messages(call))
		return 0;
	nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
	end_call(call, -EPROTO);
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
		     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
		     void *data)
{
	struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
	g_autofree char *text = g_strndup((const char *)value, MIN(value_len, 200));

	if (!call)
		return 0;
	rearm(call);
	if (name_len == strlen("grpc-status") && memcmp(name, "grpc-status", name_len) == 0)
		call->status = (int)CLAMP(g_ascii_strtoll(text, NULL, 10), 0, 100);
	if (name_len == strlen("grpc-message") && memcmp(name, "grpc-message", name_len) == 0) {
		g_free(call->words);
		call->words = g_utf8_make_valid(text, -1);
		g_strdelimit(call->words, "\r\n\t", ' ');
	}
	return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *data)
{
	struct call *call = nghttp2_session_get_stream_user_data(session, stream);

	if (!call)
		return 0;
	call->stream = -1;
	/* No status is no answer of gRPC's: another server, or one that was torn off. */
	end_call(call, call->status >= 0 ? call->status : -EPROTO);
	return 0;
}

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *buffer,
			    size_t length, uint32_t *flags, nghttp2_data_source *source, void *data)
{
	struct call *call = nghttp2_session_get_stream_user_data(session, stream);
	gsize len;

	if (!call)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	len = MIN(length, call->request->len - call->sent);
	memcpy(buffer, call->request->data + call->sent, len);
	call->sent += len;
	if (call->sent == call->request->len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)len;
}

/* --- the connection ------------------------------------------------------------------------- */

static gboolean end_all(gpointer data)
{
	struct grpc *grpc = data;
	g_autoptr(GList) calls = g_hash_table_get_keys(grpc->calls);

	grpc->broken = 0;
	/* None of them closes the connection from within; they may ask again, which fails later. */
	for (GList *call = calls; call; call = call->next)
		if (g_hash_table_contains(grpc->calls, call->data))
			end_call(call->data, grpc->error);
	return G_SOURCE_REMOVE;
}

static void break_off(struct grpc *grpc, int error)
{
	if (grpc->fd >= 0) {
		if (grpc->in_watch)
			g_source_remove(grpc->in_watch);
		if (grpc->out_watch)
			g_source_remove(grpc->out_watch);
		grpc->in_watch = grpc->out_watch = 0;
		close(grpc->fd);
		grpc->fd = -1;
		grpc->error = error;
	}
	if (!grpc->broken)
		grpc->broken = g_timeout_add(0, end_all, grpc);
}

static gboolean writable(gint fd, GIOCondition condition, gpointer data)
{
	struct grpc *grpc = data;

	grpc->out_watch = 0;
	flush(grpc);
	return G_SOURCE_REMOVE;
}

static void flush(struct grpc *grpc)
{
	while (grpc->fd >= 0 && !grpc->receiving) {
		ssize_t n;

		if (!grpc->out_len) {
			n = nghttp2_session_mem_send(grpc->session, &grpc->out);
			if (n < 0)
				break_off(grpc, -EPROTO);
			if (n <= 0)
				return;
			grpc->out_len = (gsize)n;
		}
		n = send(grpc->fd, grpc->out, grpc->out_len, MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!grpc->out_watch)
				grpc->out_watch = g_unix_fd_add(grpc->fd, G_IO_OUT, writable, grpc);
			return;
		}
		if (n < 0) {
			break_off(grpc, -errno);
			return;
		}
		grpc->out += n;
		grpc->out_len -= (gsize)n;
	}
}

static gboolean readable(gint fd, GIOCondition condition, gpointer data)
{
	struct grpc *grpc = data;
	guint8 bytes[TURN];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		break_off(grpc, n < 0 ? -errno : -ECONNRESET);
		return G_SOURCE_CONTINUE;
	}
	grpc->receiving = true;
	n -= nghttp2_session_mem_recv(grpc->session, bytes, (size_t)n);
	grpc->receiving = false;
	flush(grpc);
	/* A daemon that breaks HTTP/2's rules is told so, and then there is nothing more to say. */
	if (n || !nghttp2_session_want_read(grpc->session))
		break_off(grpc, -EPROTO);
	return G_SOURCE_CONTINUE;
}

static nghttp2_session *new_session(struct grpc *grpc)
{
	static const nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, 65536},
	};
	nghttp2_session_callbacks *callbacks;
	nghttp2_session *session;

	nghttp2_session_callbacks_new(&callbacks);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	nghttp2_session_client_new(&session, callbacks, grpc);
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, G_N_ELEMENTS(settings));
	nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, WINDOW);
	return session;
}

struct grpc *grpc_open(const char *path, uid_t *uid, int *error)
{
	int fd = connect_to(path, uid);
	struct grpc *grpc;

	if (fd < 0) {
		*error = fd;
		return NULL;
	}
	grpc = g_new0(struct grpc, 1);
	grpc->fd = fd;
	grpc->calls = g_hash_table_new_full(NULL, NULL, call_free, NULL);
	grpc->session = new_session(grpc);
	grpc->in_watch = g_unix_fd_add(fd, G_IO_IN, readable, grpc);
	return grpc;
}

#define HEADER(name_, value_)                                            \
	(nghttp2_nv)                                                     \
	{                                                                \
		.name = (uint8_t *)(name_), .namelen = strlen(name_),    \
		.value = (uint8_t *)(value_), .valuelen = strlen(value_) \
	}

void grpc_ask(struct grpc *grpc, const char *method, const char *name_space,
	      const ProtobufCMessage *request, guint quiet_ms, const struct grpc_events *events,
	      gpointer data)
{
	const nghttp2_nv headers[] = {
		HEADER(":method", "POST"),
		HEADER(":scheme", "http"),
		HEADER(":path", method),
		HEADER(":authority", "localhost"),
		HEADER("content-type", "application/grpc"),
		HEADER("te", "trailers"),
		HEADER("containerd-namespace", name_space ? name_space : ""),
	};
	nghttp2_data_provider body = {.read_callback = read_request};
	guint32 len = (guint32)protobuf_c_message_get_packed_size(request);
	struct call *call = g_new0(struct call, 1);

	*call = (struct call){.grpc = grpc,
			      .request = g_byte_array_new(),
			      .answer = g_byte_array_new(),
			      .quiet_ms = quiet_ms,
			      .status = -1,
			      .events = events,
			      .data = data};
	g_byte_array_set_size(call->request, PREFIX + len);
	call->request->data[0] = 0;
	for (int i = 0; i < 4; i++)
		call->request->data[1 + i] = (guint8)(len >> (24 - 8 * i));
	protobuf_c_message_pack(request, call->request->data + PREFIX);
	g_hash_table_add(grpc->calls, call);
	rearm(call);
	call->stream =
		nghttp2_submit_request(grpc->session, NULL, headers,
				       G_N_ELEMENTS(headers) - (name_space ? 0 : 1), &body, call);
	if (grpc->fd < 0 || call->stream < 0)
		break_off(grpc, -ECONNRESET);
	else
		flush(grpc);
}

void grpc_close(struct grpc *grpc)
{
	if (!grpc)
		return;
	if (grpc->broken)
		g_source_remove(grpc->broken);
	grpc->broken = 1; /* break_off() shall not begin another */
	break_off(grpc, 0);
	nghttp2_session_del(grpc->session);
	g_hash_table_unref(grpc->calls);
	g_free(grpc);
}
