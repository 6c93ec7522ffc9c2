// SPDX-License-Identifier: GPL-2.0-or-later
/* lanes.c - the packet records of all CPUs, as one row in the order of time */
#include "extcap/capture/lanes.h"

#include <sys/mman.h>
#include <unistd.h>

#include "shared/lane.h"

/* A record was written by another CPU, and is in that one's cache: we ask for it before we need it.
 */
#define AHEAD	   1024
#define CACHE_LINE 64

struct reader {
	struct lane *lane;
	guint64 position; /* up to where records were passed */
	guint64 end;	  /* up to where they are written, as of this round's look */
};

struct lanes {
	struct reader *readers; /* one for each CPU */
	guint cpus;
	gsize size;
	void *memory;
	gsize length;
	struct reader *current; /* has the oldest record; NULL: to be found */
	guint64 until;		/* and is read on until one is younger than this */
	bool looked;
};

gsize lanes_size(gsize room, guint cpus)
{
	return (gsize)1 << g_bit_nth_msf(CLAMP(room / cpus, LANE_MIN, LANE_MAX), -1);
}

gsize lanes_stride(gsize size)
{
	gsize page = sysconf(_SC_PAGESIZE);

	return (LANE_BYTES(size) + page - 1) / page * page;
}

struct lanes *lanes_open(int fd, guint cpus, gsize size)
{
	gsize stride = lanes_stride(size);
	void *memory = mmap(NULL, cpus * stride, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct lanes *lanes;

	if (memory == MAP_FAILED)
		return NULL;
	lanes = g_new0(struct lanes, 1);
	lanes->readers = g_new0(struct reader, cpus);
	lanes->cpus = cpus;
	lanes->size = size;
	lanes->memory = memory;
	lanes->length = cpus * stride;
	for (guint cpu = 0; cpu < cpus; cpu++)
		lanes->readers[cpu].lane = (struct lane *)((guint8 *)memory + cpu * stride);
	return lanes;
}

void lanes_free(struct lanes *lanes)
{
	if (!lanes)
		return;
	munmap(lanes->memory, lanes->length);
	g_free(lanes->readers);
	g_free(lanes);
}

static guint64 written(const struct reader *reader)
{
	return __atomic_load_n(&reader->lane->written, __ATOMIC_ACQUIRE);
}

static const struct packet_record *head_of(const struct lanes *lanes, const struct reader *reader)
{
	return (const void *)(reader->lane->bytes + (reader->position & (lanes->size - 1)));
}

static guint64 behind_head(const struct lanes *lanes, const struct reader *reader)
{
	const struct packet_record *record = head_of(lanes, reader);

	return lane_after(reader->position, record->captured, lanes->size);
}

bool record_fits(const struct packet_record *record, gsize room)
{
	return room >= sizeof(*record) && record->mac_length <= MAC_ROOM &&
	       record->captured >= record->mac_length && record->captured <= room - sizeof(*record);
}

/* Nobody but the kernel side writes there; still, nothing behind a record that claims too much
 * could be found. */
static bool has_head(const struct lanes *lanes, struct reader *reader)
{
	if (reader->position == reader->end)
		return false;
	if (record_fits(head_of(lanes, reader), LANE_RECORD_MAX) &&
	    behind_head(lanes, reader) <= reader->end)
		return true;
	reader->position = reader->end;
	return false;
}

static void look_around(struct lanes *lanes)
{
	for (guint cpu = 0; cpu < lanes->cpus; cpu++)
		lanes->readers[cpu].end = written(&lanes->readers[cpu]);
	lanes->current = NULL;
	lanes->looked = true;
}

static void find_oldest(struct lanes *lanes)
{
	guint64 oldest = G_MAXUINT64;

	lanes->current = NULL;
	lanes->until = G_MAXUINT64;
	for (guint cpu = 0; cpu < lanes->cpus; cpu++) {
		struct reader *reader = &lanes->readers[cpu];
		guint64 time;

		if (!has_head(lanes, reader))
			continue;
		time = head_of(lanes, reader)->time;
		if (lanes->current && time >= oldest) {
			lanes->until = MIN(lanes->until, time);
			continue;
		}
		if (lanes->current)
			lanes->until = oldest;
		oldest = time;
		lanes->current = reader;
	}
}

const struct packet_record *lanes_peek(struct lanes *lanes)
{
	if (!lanes->looked)
		look_around(lanes);
	if (!lanes->current || !has_head(lanes, lanes->current) ||
	    head_of(lanes, lanes->current)->time > lanes->until)
		find_oldest(lanes);
	return lanes->current ? head_of(lanes, lanes->current) : NULL;
}

void lanes_next(struct lanes *lanes)
{
	struct reader *reader = lanes->current;
	guint64 behind = behind_head(lanes, reader);
	const guint8 *ahead = reader->lane->bytes + ((behind + AHEAD) & (lanes->size - 1));

	for (gsize i = 0; i < MIN(behind - reader->position, AHEAD); i += CACHE_LINE)
		__builtin_prefetch(ahead + i);
	reader->position = behind;
}

void lanes_release(struct lanes *lanes)
{
	for (guint cpu = 0; cpu < lanes->cpus; cpu++) {
		struct reader *reader = &lanes->readers[cpu];

		if (reader->lane->read != reader->position)
			__atomic_store_n(&reader->lane->read, reader->position, __ATOMIC_RELEASE);
	}
	lanes->looked = false;
}

bool lanes_empty(const struct lanes *lanes)
{
	for (guint cpu = 0; cpu < lanes->cpus; cpu++)
		if (written(&lanes->readers[cpu]) != lanes->readers[cpu].position)
			return false;
	return true;
}

bool lanes_crowded(const struct lanes *lanes)
{
	for (guint cpu = 0; cpu < lanes->cpus; cpu++)
		if (written(&lanes->readers[cpu]) - lanes->readers[cpu].lane->read >
		    lanes->size / 4)
			return true;
	return false;
}
