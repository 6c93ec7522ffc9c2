/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grpc.h - questions to a daemon that speaks gRPC over a Unix socket
 *
 * HTTP/2 by libnghttp2, any number of questions over one connection.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_GRPC_H
#define PTCPDUMP_EXTCAP_NAMES_GRPC_H

#include <glib.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <sys/types.h>

/* Of one message; containerd sends no more than 16 MiB. */
#define GRPC_MESSAGE_MAX (16 * 1024 * 1024)

struct grpc;

/* A status of gRPC's own. */
#define GRPC_OK		   0
#define GRPC_NOT_FOUND	   5
#define GRPC_UNIMPLEMENTED 12

struct grpc_events {
	/* A message of the answer, whole. */
	void (*message)(gpointer data, const guint8 *bytes, gsize len);
	/* The end: a status of gRPC's, or -errno. @words may be NULL. */
	void (*end)(gpointer data, int status, const char *words);
};

/** grpc_open() - connect; NULL with -errno in @error */
struct grpc *grpc_open(const char *path, uid_t *uid, int *error);

/**
 * grpc_ask() - ask
 * @method:	"/service/Method"
 * @name_space:	of containerd's; NULL: none
 * @request:	what is asked
 * @quiet_ms:	how long it may say nothing; 0: for ever
 *
 * Its end always comes, never from within this call, unless grpc_close() comes before it. Each
 * other question on a connection that broke ends likewise.
 */
void grpc_ask(struct grpc *grpc, const char *method, const char *name_space,
	      const ProtobufCMessage *request, guint quiet_ms, const struct grpc_events *events,
	      gpointer data);

/** grpc_close() - no end will come any more; not from within an event */
void grpc_close(struct grpc *grpc);

/** grpc_text() - a string that was taken as bytes; NULL if there is a NUL in it; free it */
char *grpc_text(const ProtobufCBinaryData *bytes);

/**
 * grpc_unpack() - read a message, with memory in proportion to its bytes
 *
 * Return: NULL when it is none; free it with protobuf_c_message_free_unpacked().
 */
ProtobufCMessage *grpc_unpack(const ProtobufCMessageDescriptor *type, const guint8 *bytes,
			      gsize len);

#endif
