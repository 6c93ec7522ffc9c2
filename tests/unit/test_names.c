// SPDX-License-Identifier: GPL-2.0-or-later
/* test_names.c - what ptcpdump-names makes of answers, and which of several words counts */
#include "extcap/names/grpc.h"
#include "extcap/names/http.h"
#include "extcap/names/json.h"
#include "extcap/names/runtime.h"
#include "extcap/names/runtimes/containerd.h"

#include <errno.h>
#include <string.h>

/* --- HTTP ----------------------------------------------------------------------------------- */

static void test_head(void)
{
	static const struct {
		const char *text;
		gssize len; /* 0: more to come */
		int status;
		gint64 length;
	} cases[] = {
		{"HTTP/1.0 200 OK\r\n\r\nbody", 19, 200, -1},
		{"HTTP/1.1 404 Not Found\r\nA: b\r\ncontent-length:  12 \r\n\r\n", 54, 404, 12},
		{"HTTP/1.0 200\n\n", 14, 200, -1},
		{"HTTP/1.0 200 OK\r\nA: b", 0, 0, 0},
		{"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -EPROTO, 0, 0},
		{"HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", -EPROTO, 0, 0},
		{"HTTP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", -EPROTO, 0, 0},
		{"HTTP/1.0 2000 OK\r\n\r\n", -EPROTO, 0, 0},
		{"HTTP/1.0 999 OK\r\n\r\n", -EPROTO, 0, 0},
		{"SSH-2.0-OpenSSH\r\n", -EPROTO, 0, 0},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct http_head head;

		g_assert_cmpint(http_parse_head(cases[i].text, strlen(cases[i].text), &head), ==,
				cases[i].len);
		if (cases[i].len <= 0)
			continue;
		g_assert_cmpint(head.status, ==, cases[i].status);
		g_assert_cmpint(head.length, ==, cases[i].length);
	}
}

/* --- JSON ----------------------------------------------------------------------------------- */

static void add_name(gpointer data, const json_t *object)
{
	g_string_append_printf(data, "%s ", json_text(object, "n", NULL) ?: "-");
}

/* In parts of @part bytes. Return: what was between, "a b ". */
static char *split(const char *text, gsize part, guint *bad, bool *ended)
{
	GString *names = g_string_new(NULL);
	struct json_splitter splitter;

	json_splitter_init(&splitter);
	for (gsize at = 0; at < strlen(text); at += part)
		json_split(&splitter, text + at, MIN(part, strlen(text) - at), add_name, names);
	*bad = splitter.bad;
	*ended = json_at_end(&splitter);
	json_splitter_clear(&splitter);
	return g_string_free(names, FALSE);
}

static void test_objects_are_found_in_any_parts(void)
{
	static const struct {
		const char *text, *names;
		guint bad;
		bool ended;
	} cases[] = {
		{"[]", "", 0, true},
		{"null\n", "", 0, true},
		{"[{\"n\":\"a\"},{\"n\":\"b\"}]", "a b ", 0, true},
		{"{\"n\":\"a\"}\n{\"n\":\"b\"}\n", "a b ", 0, true},
		{"[{\"n\":\"}]\\\"{\"},{\"n\":\"b\"}]", "}]\"{ b ", 0, true},
		{"[{\"n\":\"a\",\"x\":[{}]},{\"n\":", "a ", 0, false},
		{"[{\"n\":\"a\"}", "a ", 0, false},
		{"[{\"n\" \"a\"},{\"n\":\"b\"}]", "b ", 1, true},
		{"[{\"n\":\"a\\u0000b\"},{\"n\":\"b\"}]", "- b ", 0, true},
		{"[{\"n\":\"\\ud800\"},{\"n\":\"\xff\"},{\"n\":\"b\"}]", "b ", 2, true},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (gsize part = 1; part < 40; part++) {
			guint bad;
			bool ended;
			g_autofree char *names = split(cases[i].text, part, &bad, &ended);

			g_assert_cmpstr(names, ==, cases[i].names);
			g_assert_cmpuint(bad, ==, cases[i].bad);
			g_assert_true(ended == cases[i].ended);
		}
	}
}

static void test_what_is_too_deep_or_large_is_passed_over(void)
{
	g_autofree char *brackets = g_strnfill(200000, '[');
	g_autofree char *closing = g_strnfill(200000, ']');
	g_autofree char *x = g_strnfill(JSON_OBJECT_MAX + 1, 'x');
	g_autofree char *text = g_strdup_printf("[{\"n\":%s%s},{\"n\":\"%s\"},{\"n\":\"b\"}]",
						brackets, closing, x);
	guint bad;
	bool ended;
	g_autofree char *names = split(text, 4096, &bad, &ended);

	g_assert_true(strcmp(names, "b ") == 0); /* not shown: it may be long */
	g_assert_cmpuint(bad, ==, 2);
	g_assert_true(ended);
}

/* --- protobuf ------------------------------------------------------------------------------- */

/* By hand, by the numbers of the API: Container{id "web", labels {a:"b", "x\0y":"z"}, image}. */
static void test_a_nul_in_protobuf_is_no_end(void)
{
	static const char answer[] = "\x0a\x25"
				     "\x0a\x03web"
				     "\x12\x06\x0a\x01"
				     "a\x12\x01"
				     "b"
				     "\x12\x08\x0a\x03x\0y\x12\x01z"
				     "\x1a\x05"
				     "image"
				     "\x22\x05other";
	g_autoptr(container_t) container =
		containerd_container((const guint8 *)answer, sizeof(answer) - 1);

	g_assert_nonnull(container);
	g_assert_cmpstr(container->says.id, ==, "web");
	g_assert_cmpstr(container->says.image, ==, "image");
	g_assert_cmpuint(container->labels.keys->len, ==, 1);
	g_assert_cmpstr(container->labels.keys->pdata[0], ==, "a");
}

/* Two bytes each become a structure of their own. */
static void test_many_small_messages_take_no_memory(void)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GPtrArray) containers = g_ptr_array_new();

	for (int i = 0; i < 1000000; i++)
		g_byte_array_append(bytes, (const guint8 *)"\x0a\x00", 2);
	g_assert_false(containerd_containers(bytes->data, bytes->len, containers));
	g_assert_cmpuint(containers->len, ==, 0);
}

/* --- containers ----------------------------------------------------------------------------- */

static void test_ids(void)
{
	static const char *const good[] = {"web", "0123456789abcdef", "a-b_c.d"};
	static const char *const bad[] = {"", ".", "..", "a/b", "a b", "a\nb", "\xc3\xa4"};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		container_free(container_new(good[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(container_t) container = container_new(good[i]);

		g_assert_nonnull(container);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_null(container_new(bad[i]));
	g_assert_null(container_new(NULL));
}

static void test_addresses(void)
{
	g_autoptr(container_t) container = container_new("web");

	container_address(container, "10.0.0.1/16");
	container_address(container, "10.0.0.1");
	container_address(container, "fd00::2");
	container_address(container, "");
	container_address(container, "10.0.0");
	g_assert_cmpuint(g_strv_length(container->says.addresses), ==, 2);
	g_assert_cmpstr(container->says.addresses[0], ==, "10.0.0.1");
	g_assert_cmpstr(container->says.addresses[1], ==, "fd00::2");
}

static void count(gpointer data, const char *id)
{
	++*(guint *)data;
}

static void put(struct table *table, const char *from, enum names_runtime runtime, uid_t uid,
		const char *name)
{
	struct container *container = container_new("0123");

	container->from = (const struct runtime *)from;
	container->says.runtime = runtime;
	container->says.uid = uid;
	container_text(&container->says.name, name);
	table_put(table, container);
}

static void test_the_best_word_counts(void)
{
	static const char docker[] = "docker", cri[] = "cri", users[] = "users";
	guint changes = 0;
	struct table *table = table_new(count, &changes);

	put(table, users, NAMES_DOCKER, 1000, "forged");
	g_assert_cmpstr(table_get(table, "0123")->says.name, ==, "forged");
	put(table, cri, NAMES_CRI, 0, "cri");
	g_assert_cmpstr(table_get(table, "0123")->says.name, ==, "cri");
	put(table, docker, NAMES_DOCKER, 0, "docker");
	g_assert_cmpuint(changes, ==, 3);
	/* The same again, and what stands behind another's word, is no change. */
	put(table, docker, NAMES_DOCKER, 0, "docker");
	put(table, users, NAMES_DOCKER, 1000, "forged again");
	g_assert_cmpuint(changes, ==, 3);
	g_assert_cmpstr(table_get(table, "0123")->says.name, ==, "docker");
	table_remove(table, (const struct runtime *)docker, "0123");
	g_assert_cmpstr(table_get(table, "0123")->says.name, ==, "cri");
	table_remove_unheard(table, (const struct runtime *)cri, G_MAXINT64);
	table_remove(table, (const struct runtime *)users, "0123");
	g_assert_null(table_get(table, "0123"));
	g_assert_cmpuint(changes, ==, 6);
	table_free(table);
}

/* --- lists ---------------------------------------------------------------------------------- */

/* A daemon that has "0123" in its fifth list, and not before. */
static guint lists;

static void watch_nothing(struct runtime *runtime)
{
}

static void list_late(struct runtime *runtime)
{
	if (++lists >= 5)
		runtime_container(runtime, container_new("0123"));
	runtime_listed(runtime);
}

static void list_nothing(struct runtime *runtime)
{
	lists++;
	runtime_listed(runtime);
}

static void settled(gpointer data, struct runtime *runtime)
{
	*(bool *)data = true;
}

static gboolean set(gpointer flag)
{
	*(bool *)flag = true;
	return G_SOURCE_REMOVE;
}

/* Until @either, or for so long. */
static void run(const bool *either, guint seconds)
{
	bool over = false;
	guint timer = g_timeout_add_seconds(seconds, set, &over);

	while (!over && !*either)
		g_main_context_iteration(NULL, TRUE);
	if (!over)
		g_source_remove(timer);
}

static void appeared(gpointer data, const char *id)
{
	*(bool *)data = true;
}

static const struct runtime_events events = {.settled = settled};

/* Its first list is made; by itself it lists again in a second, and then each minute. */
static struct runtime *settled_runtime(const struct runtime_kind *kind, struct table *table)
{
	static bool is_settled;
	struct runtime *runtime = runtime_new(kind, "/", table, &events, &is_settled);

	lists = 0;
	is_settled = false;
	run(&is_settled, 10);
	g_assert_true(is_settled);
	return runtime;
}

static void test_what_is_looked_for_is_listed_again(void)
{
	static const struct runtime_kind kind = {
		.id = NAMES_CRI, .watch = watch_nothing, .list = list_late, .close = watch_nothing};
	bool is_there = false, never = false;
	struct table *table = table_new(appeared, &is_there);
	struct runtime *runtime = settled_runtime(&kind, table);

	/* Its own event tells of it: what another says of it is not all. */
	put(table, "containerd", NAMES_CONTAINERD, 0, "other");
	is_there = false;
	runtime_look(runtime, "0123", LOOK_FOR_OWN_WORD);
	run(&is_there, 20);
	g_assert_true(is_there);
	/* For what never comes it is not asked for ever. */
	lists = 5;
	runtime_look(runtime, "never", LOOK_FOR_ANY_WORD);
	run(&never, 3);
	g_assert_cmpuint(lists, <=, 5 + 8);
	runtime_free(runtime);
	table_free(table);
}

static const struct runtime_kind without = {.id = NAMES_CONTAINERD,
					    .watch = watch_nothing,
					    .list = list_nothing,
					    .close = watch_nothing};

static void test_what_another_has_told_of_is_not_listed(void)
{
	bool is_there = false, never = false;
	struct table *table = table_new(appeared, &is_there);
	struct runtime *runtime = settled_runtime(&without, table);

	runtime_look(runtime, "0123", LOOK_FOR_ANY_WORD);
	put(table, "docker", NAMES_DOCKER, 0, "web");
	run(&never, 2);
	/* By itself, each second. */
	g_assert_cmpuint(lists, <=, 4);
	runtime_free(runtime);
	table_free(table);
}

static gboolean look_for_another(gpointer runtime)
{
	static guint number;
	g_autofree char *id = g_strdup_printf("never%u", number++);

	runtime_look(runtime, id, LOOK_FOR_ANY_WORD);
	return G_SOURCE_CONTINUE;
}

static void test_a_stream_of_unknown_ids_makes_few_lists(void)
{
	bool is_there = false, never = false;
	struct table *table = table_new(appeared, &is_there);
	struct runtime *runtime = settled_runtime(&without, table);
	guint timer = g_timeout_add(10, look_for_another, runtime);

	run(&never, 2);
	g_source_remove(timer);
	/* Seven a second, a few more before it was found out, and those that it makes by itself. */
	g_assert_cmpuint(lists, <=, 2 * 7 + 10);
	runtime_free(runtime);
	table_free(table);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/names/head", test_head);
	g_test_add_func("/names/objects_in_any_parts", test_objects_are_found_in_any_parts);
	g_test_add_func("/names/too_deep_or_large", test_what_is_too_deep_or_large_is_passed_over);
	g_test_add_func("/names/nul_in_protobuf", test_a_nul_in_protobuf_is_no_end);
	g_test_add_func("/names/many_small_messages", test_many_small_messages_take_no_memory);
	g_test_add_func("/names/ids", test_ids);
	g_test_add_func("/names/addresses", test_addresses);
	g_test_add_func("/names/best_word", test_the_best_word_counts);
	g_test_add_func("/names/listed_again", test_what_is_looked_for_is_listed_again);
	g_test_add_func("/names/not_listed", test_what_another_has_told_of_is_not_listed);
	g_test_add_func("/names/few_lists", test_a_stream_of_unknown_ids_makes_few_lists);
	return g_test_run();
}
