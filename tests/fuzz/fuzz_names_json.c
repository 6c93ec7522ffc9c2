// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_names_json.c - what Docker or Podman may answer: any bytes, in any parts
 *
 * The first byte says how large the parts are. Whatever comes is the same as in one part, and
 * what is made of it can be told to a client.
 */
#include "extcap/names/json.h"
#include "extcap/names/runtimes/engine_api.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(GByteArray *bytes, struct container *container)
{
	struct frame frame;

	if (!container)
		return;
	container_pod_from_labels(container);
	container_encode(bytes, container, 4096);
	container_free(container);
	g_assert_cmpint(frame_take(bytes->data, bytes->len, &frame), >, 0);
	frame_clear(&frame);
}

static void each(gpointer data, const json_t *object)
{
	struct engine_event event = engine_api_event(object);

	tell(data, engine_api_listed(object));
	tell(data, engine_api_described(object));
	tell(data, event.container);
}

static void split(const uint8_t *data, size_t size, size_t part, GByteArray *told, guint *bad)
{
	struct json_splitter splitter;

	json_splitter_init(&splitter);
	for (size_t at = 0; at < size; at += part)
		json_split(&splitter, (const char *)data + at, MIN(part, size - at), each, told);
	*bad = splitter.bad;
	json_splitter_clear(&splitter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GByteArray) whole = g_byte_array_new();
	g_autoptr(GByteArray) parts = g_byte_array_new();
	guint whole_bad, parts_bad;

	if (size < 1)
		return 0;
	split(data + 1, size - 1, size, whole, &whole_bad);
	split(data + 1, size - 1, 1 + data[0] % 16, parts, &parts_bad);
	g_assert_cmpmem(whole->data, whole->len, parts->data, parts->len);
	g_assert_cmpuint(whole_bad, ==, parts_bad);
	return 0;
}
