// SPDX-License-Identifier: GPL-2.0-or-later
/* test_frames.c - what ptcpdump-names and its clients say to each other */
#include "extcap/names/frames.h"

#include <errno.h>
#include <string.h>

static struct frame everything(void)
{
	static char *addresses[] = {"10.88.0.2", "fd00::2", NULL};

	return (struct frame){
		.type = FRAME_CONTAINER,
		.container = {.id = "0123456789ab",
			      .runtime = NAMES_CRI,
			      .uid = 1000,
			      .on_disk = true,
			      .pause = true,
			      .state = NAMES_RUNNING,
			      .pid = 4711,
			      .created = G_GUINT64_CONSTANT(1) << 33,
			      .name = "web",
			      .image = "nginx:1.27",
			      .labels = "{\"a\":\"b\"}",
			      .pod_name = "cart-7d9f",
			      .pod_namespace = "shop",
			      .pod_uid = "u-1",
			      .pod_labels = "{}",
			      .pod_annotations = "{\"\":\"\\n\"}",
			      .pod_id = "fedc",
			      .addresses = addresses,
			      .cut = 3},
		.text = "a sentence",
		.label_max = 1024,
		.once = true,
		.wait_ms = 300,
	};
}

static void test_all_fields_arrive(void)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct frame said = everything(), heard;
	const struct names_container *a = &said.container, *b = &heard.container;
	g_autoptr(GByteArray) again = g_byte_array_new();

	frame_append(bytes, &said);
	g_assert_cmpint(frame_take(bytes->data, bytes->len, &heard), ==, bytes->len);
	g_assert_cmpstr(a->id, ==, b->id);
	g_assert_cmpint(a->runtime, ==, b->runtime);
	g_assert_cmpuint(a->uid, ==, b->uid);
	g_assert_true(b->on_disk && b->pause && heard.once);
	g_assert_cmpint(a->state, ==, b->state);
	g_assert_cmpint(a->pid, ==, b->pid);
	g_assert_cmpuint(a->created, ==, b->created);
	g_assert_cmpstr(a->pod_annotations, ==, b->pod_annotations);
	g_assert_cmpstr(b->addresses[1], ==, "fd00::2");
	g_assert_null(b->addresses[2]);
	g_assert_cmpstr(heard.text, ==, said.text);
	/* The rest by its bytes: what is encoded again is the same. */
	frame_append(again, &heard);
	g_assert_cmpmem(bytes->data, bytes->len, again->data, again->len);
	frame_clear(&heard);
}

static void test_a_part_is_waited_for(void)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct frame said = everything(), heard;

	frame_append(bytes, &said);
	for (guint len = 0; len < bytes->len; len++)
		g_assert_cmpint(frame_take(bytes->data, len, &heard), ==, 0);
}

static void test_what_is_too_long_is_left_out(void)
{
	g_autofree char *name = g_strnfill(NAMES_TEXT_MAX + 1, 'x');
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	struct frame said = everything(), heard;

	said.container.name = name;
	frame_append(bytes, &said);
	g_assert_cmpint(frame_take(bytes->data, bytes->len, &heard), >, 0);
	g_assert_null(heard.container.name);
	g_assert_cmpstr(heard.container.image, ==, "nginx:1.27");
	frame_clear(&heard);
}

/* A frame by hand: FIELDS are any bytes behind the type. */
static gssize take(guint8 type, const char *rest, gsize len)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint32 size = (guint32)(1 + len);
	struct frame heard;
	gssize took;

	g_byte_array_append(bytes, (const guint8 *)&size, sizeof(size));
	g_byte_array_append(bytes, &type, 1);
	g_byte_array_append(bytes, (const guint8 *)rest, (guint)len);
	took = frame_take(bytes->data, bytes->len, &heard);
	if (took > 0)
		frame_clear(&heard);
	return took;
}
#define TAKE(type, rest) take(type, rest, sizeof(rest) - 1)

static void test_what_is_no_frame(void)
{
	struct frame heard;
	guint32 huge = FRAME_MAX + 1, none = 0;

	g_assert_cmpint(frame_take((const guint8 *)&huge, 4, &heard), ==, -EBADMSG);
	g_assert_cmpint(frame_take((const guint8 *)&none, 4, &heard), ==, -EBADMSG);
	g_assert_cmpint(TAKE(FRAME_LISTED, ""), >, 0);
	g_assert_cmpint(TAKE(0, ""), ==, -EBADMSG);
	g_assert_cmpint(TAKE(FRAME_REFUSED, ""), >, 0);
	g_assert_cmpint(TAKE(FRAME_TYPES, ""), ==, -EBADMSG);
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\2\0\0\0ab"), >, 0);
	g_assert_cmpint(TAKE(FRAME_GONE, ""), ==, -EBADMSG);			   /* no id */
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\0\0\0\0"), ==, -EBADMSG);		   /* empty */
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\3\0\0\0a\0b"), ==, -EBADMSG);	   /* a NUL */
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\3\0\0\0ab"), ==, -EBADMSG);	   /* too short */
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\1\0\0\0a\0\1\0\0\0b"), ==, -EBADMSG); /* twice */
	g_assert_cmpint(TAKE(FRAME_LISTED, "\1\1\0\0\0a"), ==, -EBADMSG);	   /* no number */
	/* A runtime there is none of. */
	g_assert_cmpint(TAKE(FRAME_TROUBLE, "\1\10\0\0\0\4\0\0\0\0\0\0\0"), ==, -EBADMSG);
	/* A later field. */
	g_assert_cmpint(TAKE(FRAME_GONE, "\0\1\0\0\0a\177\1\0\0\0b"), >, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/frames/all_fields_arrive", test_all_fields_arrive);
	g_test_add_func("/frames/a_part_is_waited_for", test_a_part_is_waited_for);
	g_test_add_func("/frames/what_is_too_long_is_left_out", test_what_is_too_long_is_left_out);
	g_test_add_func("/frames/what_is_no_frame", test_what_is_no_frame);
	return g_test_run();
}
