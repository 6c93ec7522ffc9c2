// SPDX-License-Identifier: GPL-2.0-or-later
/* test_merge.c - records of several CPUs come out in the order of time, each once */
#include "extcap/capture/merge.h"

static void add(struct merge *merge, guint cpu, guint64 time)
{
	struct packet_record *record = g_new0(struct packet_record, 1);

	record->time = time;
	merge_add(merge, cpu, record);
}

static void expect(struct merge *merge, guint64 time)
{
	const struct packet_record *record = merge_peek(merge);

	g_assert_nonnull(record);
	g_assert_cmpuint(record->time, ==, time);
	merge_next(merge);
}

static void test_none(void)
{
	struct merge *merge = merge_new(2);

	g_assert_null(merge_peek(merge));
	merge_free(merge);
}

static void test_by_time(void)
{
	struct merge *merge = merge_new(3);

	add(merge, 2, 30);
	add(merge, 2, 40);
	add(merge, 0, 10);
	add(merge, 0, 35);
	add(merge, 1, 20);
	for (guint64 i = 0; i < 3; i++)
		expect(merge, 10 * (i + 1));
	expect(merge, 35);
	expect(merge, 40);
	g_assert_null(merge_peek(merge));
	merge_free(merge);
}

/* A look does not fix what is next: an older one may be added behind it. */
static void test_added_after_a_look(void)
{
	struct merge *merge = merge_new(2);

	add(merge, 0, 20);
	g_assert_cmpuint(merge_peek(merge)->time, ==, 20);
	add(merge, 1, 10);
	expect(merge, 10);
	expect(merge, 20);
	merge_free(merge);
}

/* As many as a flood leaves between two looks, on a machine of many CPUs. */
static void test_many(void)
{
	enum { CPUS = 64, EACH = 2000 };
	struct merge *merge = merge_new(CPUS);

	for (guint cpu = 0; cpu < CPUS; cpu++)
		for (guint64 i = 0; i < EACH; i++)
			add(merge, cpu, i * CPUS + (CPUS - cpu));
	for (guint64 time = 1; time <= CPUS * EACH; time++)
		expect(merge, time);
	g_assert_null(merge_peek(merge));
	merge_free(merge);
}

static void test_freed_with_records(void)
{
	struct merge *merge = merge_new(2);

	add(merge, 1, 1);
	merge_free(merge);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/merge/none", test_none);
	g_test_add_func("/merge/by_time", test_by_time);
	g_test_add_func("/merge/added_after_a_look", test_added_after_a_look);
	g_test_add_func("/merge/many", test_many);
	g_test_add_func("/merge/freed_with_records", test_freed_with_records);
	return g_test_run();
}
