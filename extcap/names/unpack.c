// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - read a message, with memory in proportion to its bytes
 *
 * A message of two bytes in a list becomes a structure of a hundred: what a daemon sends in one
 * message of 16 MiB could take a gigabyte.
 */
#include "extcap/names/grpc.h"

#include <stdlib.h>
#include <string.h>

#define TIMES 16
#define SPARE 65536

struct budget {
	gsize left;
};

static void *take(void *data, size_t size)
{
	struct budget *budget = data;

	if (size > budget->left)
		return NULL;
	budget->left -= size;
	return malloc(size);
}

static void give(void *data, void *pointer)
{
	free(pointer);
}

ProtobufCMessage *grpc_unpack(const ProtobufCMessageDescriptor *type, const guint8 *bytes,
			      gsize len)
{
	struct budget budget = {len * TIMES + SPARE};
	ProtobufCAllocator allocator = {take, give, &budget};

	return protobuf_c_message_unpack(type, &allocator, len, bytes);
}

char *grpc_text(const ProtobufCBinaryData *bytes)
{
	if (bytes->len && memchr(bytes->data, 0, bytes->len))
		return NULL;
	return g_strndup((const char *)bytes->data, bytes->len);
}
