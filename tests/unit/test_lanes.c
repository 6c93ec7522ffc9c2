// SPDX-License-Identifier: GPL-2.0-or-later
/* test_lanes.c - the records of several CPUs as one row
 *
 * The kernel side's part is played by a memory file with a lane for each CPU.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extcap/capture/lanes.h"
#include "shared/lane.h"

#define CPUS 3
#define SIZE LANE_MIN

/* ---- the kernel side's part ---- */

static guint8 *memory;

static struct lane *lane_of(guint cpu)
{
	return (struct lane *)(memory + cpu * lanes_stride(SIZE));
}

static struct lanes *begin(void)
{
	gsize length = CPUS * lanes_stride(SIZE);
	int fd = memfd_create("lanes", 0);
	struct lanes *lanes;

	g_assert_cmpint(ftruncate(fd, length), ==, 0);
	memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	g_assert_true(memory != MAP_FAILED);
	lanes = lanes_open(fd, CPUS, SIZE);
	g_assert_nonnull(lanes);
	close(fd);
	return lanes;
}

static void end(struct lanes *lanes)
{
	lanes_free(lanes);
	munmap(memory, CPUS * lanes_stride(SIZE));
}

/* A record whose bytes are all the same. False: there is no room. */
static bool put(guint cpu, guint64 time, guint32 bytes)
{
	struct lane *lane = lane_of(cpu);
	guint64 after = lane_after(lane->written, bytes, SIZE);
	struct packet_record *record = (void *)(lane->bytes + lane->written % SIZE);

	if (after - lane->read > SIZE)
		return false;
	*record = (struct packet_record){.time = time, .captured = bytes};
	memset(record->data, (guint8)time, bytes);
	lane->written = after;
	return true;
}

static void assert_next(struct lanes *lanes, guint64 time)
{
	const struct packet_record *record = lanes_peek(lanes);

	g_assert_nonnull(record);
	g_assert_cmpuint(record->time, ==, time);
	for (guint32 i = 0; i < record->captured; i++)
		g_assert_cmpuint(record->data[i], ==, (guint8)time);
	lanes_next(lanes);
}

/* ---- */

/* 104 bytes stand before what is captured; a record takes a multiple of 8. */
static void test_places(void)
{
	g_assert_cmpuint(lane_after(0, 0, SIZE), ==, 104);
	g_assert_cmpuint(lane_after(0, 56, SIZE), ==, 160);
	g_assert_cmpuint(lane_after(0, 57, SIZE), ==, 168);
	g_assert_cmpuint(lane_after(5 * SIZE + 160, 56, SIZE), ==, 5 * SIZE + 320);
	/* The last before the end, up to it, and over it: the next begins at the front. */
	g_assert_cmpuint(lane_after(2 * SIZE - 168, 56, SIZE), ==, 2 * SIZE - 8);
	g_assert_cmpuint(lane_after(2 * SIZE - 160, 56, SIZE), ==, 2 * SIZE);
	g_assert_cmpuint(lane_after(2 * SIZE - 64, 56, SIZE), ==, 2 * SIZE);
	g_assert_cmpuint(lane_after(2 * SIZE - 64, PAYLOAD_MAX, SIZE), ==, 2 * SIZE);
	/* Larger than the lane. */
	g_assert_cmpuint(lane_after(SIZE, PAYLOAD_MAX, 65536), ==, SIZE + 65536);
}

static void test_sizes(void)
{
	g_assert_cmpuint(lanes_size(32 << 20, 2), ==, 16 << 20);
	g_assert_cmpuint(lanes_size(32 << 20, 3), ==, 8 << 20);
	g_assert_cmpuint(lanes_size(1 << 20, 64), ==, LANE_MIN);
	g_assert_cmpuint(lanes_size(1 << 30, 1), ==, LANE_MAX);
	g_assert_cmpuint(lanes_stride(SIZE), >=, SIZE + PAYLOAD_MAX + MAC_ROOM + 104 + 128);
	g_assert_cmpuint(lanes_stride(SIZE) % sysconf(_SC_PAGESIZE), ==, 0);
	g_assert_null(lanes_open(-1, 1, SIZE));
}

static void test_room_is_given_back(void)
{
	struct lanes *lanes = begin();

	g_assert_true(lanes_empty(lanes));
	g_assert_null(lanes_peek(lanes));
	lanes_release(lanes);
	put(1, 10, 60);
	put(1, 20, 60);
	g_assert_false(lanes_empty(lanes));
	assert_next(lanes, 10);
	/* The same, until it is passed. */
	g_assert_true(lanes_peek(lanes) == lanes_peek(lanes));
	g_assert_cmpuint(lane_of(1)->read, ==, 0);
	lanes_release(lanes);
	g_assert_cmpuint(lane_of(1)->read, ==, 168);
	assert_next(lanes, 20);
	g_assert_null(lanes_peek(lanes));
	g_assert_true(lanes_empty(lanes));
	lanes_release(lanes);
	g_assert_cmpuint(lane_of(1)->read, ==, lane_of(1)->written);
	g_assert_cmpuint(lane_of(0)->read, ==, 0);
	end(lanes);
}

static void test_order_is_that_of_time(void)
{
	static const guint64 times[CPUS][5] = {{10, 20, 30, 70, 71}, {5, 20, 21, 22, 80}, {40, 41}};
	struct lanes *lanes = begin();
	guint64 before = 0;

	for (guint cpu = 0; cpu < CPUS; cpu++)
		for (guint i = 0; i < 5 && times[cpu][i]; i++)
			put(cpu, times[cpu][i], 100);
	for (guint i = 0; i < 12; i++) {
		guint64 time = lanes_peek(lanes)->time;

		g_assert_cmpuint(time, >=, before);
		before = time;
		assert_next(lanes, time);
	}
	g_assert_null(lanes_peek(lanes));
	end(lanes);
}

/* What is written after the look is the next round's. */
static void test_rounds(void)
{
	struct lanes *lanes = begin();

	put(0, 10, 100);
	put(0, 30, 100);
	assert_next(lanes, 10);
	put(1, 20, 100);
	put(0, 40, 100);
	assert_next(lanes, 30);
	g_assert_null(lanes_peek(lanes));
	g_assert_false(lanes_empty(lanes));
	lanes_release(lanes);
	assert_next(lanes, 20);
	assert_next(lanes, 40);
	end(lanes);
}

/* Many times round in lengths that end everywhere, with some that reach far over the end. */
static void test_round_and_round(void)
{
	struct lanes *lanes = begin();
	guint64 put_in = 0, taken = 0;

	while (taken < 20000) {
		while (put(put_in % CPUS, put_in,
			   put_in % 500 == 499 ? PAYLOAD_MAX : put_in * 37 % 3000))
			put_in++;
		/* Some stay behind each time. */
		while (taken + 5 < put_in)
			assert_next(lanes, taken++);
		lanes_release(lanes);
	}
	g_assert_cmpuint(lane_of(0)->written, >, 20 * SIZE);
	end(lanes);
}

/* Nothing behind such a record can be found; the other CPUs' go on. */
static void test_record_that_lies(void)
{
	static const guint32 lies[] = {61 + 8, 0xffffffff, PAYLOAD_MAX + 2 * MAC_ROOM + 1};

	for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
		struct lanes *lanes = begin();

		put(0, 10, 60);
		((struct packet_record *)lane_of(0)->bytes)->captured = lies[i];
		put(1, 20, 60);
		assert_next(lanes, 20);
		g_assert_null(lanes_peek(lanes));
		lanes_release(lanes);
		put(0, 30, 60);
		assert_next(lanes, 30);
		end(lanes);
	}
}

static void test_what_a_record_may_claim(void)
{
	struct packet_record record = {.captured = 96 + 14, .mac_length = 14};
	const gsize room = sizeof(record) + 96 + 14;

	g_assert_true(record_fits(&record, room));
	g_assert_false(record_fits(&record, room - 1));
	g_assert_false(record_fits(&record, 5));
	record.captured = 13; /* less than its link layer */
	g_assert_false(record_fits(&record, room));
	record.captured = 60;
	record.mac_length = MAC_ROOM + 1; /* more link layer than there is room */
	g_assert_false(record_fits(&record, room));
}

static void test_crowded(void)
{
	struct lanes *lanes = begin();

	g_assert_false(lanes_crowded(lanes));
	while (lane_of(2)->written <= SIZE / 4)
		put(2, 1, 1500);
	g_assert_true(lanes_crowded(lanes));
	while (lanes_peek(lanes))
		lanes_next(lanes);
	lanes_release(lanes);
	g_assert_false(lanes_crowded(lanes));
	end(lanes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lanes/places", test_places);
	g_test_add_func("/lanes/sizes", test_sizes);
	g_test_add_func("/lanes/room-is-given-back", test_room_is_given_back);
	g_test_add_func("/lanes/order-is-that-of-time", test_order_is_that_of_time);
	g_test_add_func("/lanes/rounds", test_rounds);
	g_test_add_func("/lanes/round-and-round", test_round_and_round);
	g_test_add_func("/lanes/record-that-lies", test_record_that_lies);
	g_test_add_func("/lanes/what-a-record-may-claim", test_what_a_record_may_claim);
	g_test_add_func("/lanes/crowded", test_crowded);
	return g_test_run();
}
