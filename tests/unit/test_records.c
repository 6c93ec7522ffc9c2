// SPDX-License-Identifier: GPL-2.0-or-later
/* test_records.c - what the kernel hands over: layouts, the ring's reader, events
 *
 * The kernel's part is played by a memory file, laid out as it lays out a ring: a page with the
 * reader's position, a page with the writers', the data twice in a row.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extcap/capture/events.h"
#include "extcap/capture/ring.h"
#include "shared/control.h"

/* ---- the kernel's part ---- */

#define BUSY	  0x80000000U
#define DISCARDED 0x40000000U

struct maker {
	int fd;
	gsize size, page;
	guint8 *memory; /* the whole file */
	unsigned long end;
};

static void maker_open(struct maker *maker, gsize size)
{
	gsize page = sysconf(_SC_PAGESIZE);

	*maker = (struct maker){.fd = memfd_create("ring", 0), .size = size, .page = page};
	g_assert_cmpint(maker->fd, >=, 0);
	g_assert_cmpint(ftruncate(maker->fd, 2 * page + 2 * size), ==, 0);
	maker->memory =
		mmap(NULL, 2 * page + 2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, maker->fd, 0);
	g_assert_true(maker->memory != MAP_FAILED);
}

static void maker_close(struct maker *maker)
{
	munmap(maker->memory, 2 * maker->page + 2 * maker->size);
	close(maker->fd);
}

static void put(struct maker *maker, unsigned long position, const void *bytes, gsize length)
{
	guint8 *data = maker->memory + 2 * maker->page;

	for (gsize i = 0; i < length; i++) {
		gsize at = (position + i) & (maker->size - 1);

		data[at] = data[at + maker->size] = ((const guint8 *)bytes)[i];
	}
}

/* Appends a record; returns where its header is. */
static unsigned long write_record(struct maker *maker, const void *bytes, guint32 length,
				  guint32 flags)
{
	unsigned long position = maker->end;
	guint32 header[2] = {length | flags, 0};

	put(maker, position, header, sizeof(header));
	put(maker, position + 8, bytes, length);
	maker->end += (8 + length + 7) & ~7UL;
	*(unsigned long *)(maker->memory + maker->page) = maker->end;
	return position;
}

static void set_header(struct maker *maker, unsigned long position, guint32 header)
{
	put(maker, position, &header, sizeof(header));
}

static unsigned long consumer(const struct maker *maker)
{
	return *(unsigned long *)maker->memory;
}

/* ---- what the engine asks of the kernel side ---- */

static struct maker events;
static struct control control;

int kernel_map(struct kernel *kernel, const char *name)
{
	(void)kernel;
	return strcmp(name, "events") == 0 ? events.fd : -1;
}

struct control *kernel_control(struct kernel *kernel)
{
	(void)kernel;
	return &control;
}

/* ---- layouts ---- */

/* Programs and engine are compiled by different compilers for different machines: no field may
 * lie where only one of them would put it. */
#define AT(type, field, offset) g_assert_cmpuint(offsetof(struct type, field), ==, offset)
#define BEHIND(type, before, field) \
	AT(type, field, offsetof(struct type, before) + sizeof(((struct type *)NULL)->before))

static void test_layout_of_packets(void)
{
	BEHIND(packet_record, time, number);
	BEHIND(packet_record, number, cookie);
	BEHIND(packet_record, cookie, owner);
	BEHIND(packet_record, owner, peer);
	BEHIND(packet_record, peer, netns);
	BEHIND(packet_record, netns, ifindex);
	BEHIND(packet_record, ifindex, length);
	BEHIND(packet_record, length, captured);
	BEHIND(packet_record, captured, lost);
	BEHIND(packet_record, lost, hardware);
	BEHIND(packet_record, hardware, vlan_tci);
	BEHIND(packet_record, vlan_tci, vlan_proto);
	BEHIND(packet_record, vlan_proto, direction);
	BEHIND(packet_record, direction, evidence);
	BEHIND(packet_record, evidence, flags);
	BEHIND(packet_record, flags, mac_length);
	BEHIND(packet_record, mac_length, network);
	BEHIND(packet_record, network, reserved);
	BEHIND(packet_record, reserved, data);
	AT(packet_record, data, sizeof(struct packet_record));
}

static void test_layout_of_processes(void)
{
	BEHIND(process_event, time, kind);
	BEHIND(process_event, kind, flags);
	BEHIND(process_event, flags, path_length);
	BEHIND(process_event, path_length, args_length);
	BEHIND(process_event, args_length, owner);
	BEHIND(process_event, owner, parent_start);
	BEHIND(process_event, parent_start, parent_tgid);
	BEHIND(process_event, parent_tgid, pid);
	BEHIND(process_event, pid, cgroup_v2);
	BEHIND(process_event, cgroup_v2, cgroup_v1);
	BEHIND(process_event, cgroup_v1, cgroup_v1_hierarchy);
	BEHIND(process_event, cgroup_v1_hierarchy, netns);
	BEHIND(process_event, netns, pid_ns);
	BEHIND(process_event, pid_ns, mount_ns);
	BEHIND(process_event, mount_ns, comm);
	BEHIND(process_event, comm, data);
	AT(process_event, data, sizeof(struct process_event));
}

/* Told apart from those by the same field of the same ring. */
static void test_layout_of_other_events(void)
{
	AT(link_event, kind, offsetof(struct process_event, kind));
	BEHIND(link_event, time, kind);
	BEHIND(link_event, kind, hardware);
	BEHIND(link_event, hardware, netns);
	BEHIND(link_event, netns, ifindex);
	BEHIND(link_event, ifindex, reserved);
	BEHIND(link_event, reserved, name);

	AT(cgroup_event, kind, offsetof(struct process_event, kind));
	BEHIND(cgroup_event, time, kind);
	BEHIND(cgroup_event, kind, flags);
	BEHIND(cgroup_event, flags, path_length);
	BEHIND(cgroup_event, path_length, reserved);
	BEHIND(cgroup_event, reserved, id);
	BEHIND(cgroup_event, id, hierarchy);
	BEHIND(cgroup_event, hierarchy, reserved_too);
	BEHIND(cgroup_event, reserved_too, data);
	AT(cgroup_event, data, sizeof(struct cgroup_event));

	AT(read_event, kind, offsetof(struct process_event, kind));
	BEHIND(read_event, time, kind);
	BEHIND(read_event, kind, flags);
	BEHIND(read_event, flags, length);
	BEHIND(read_event, length, cookie);
	BEHIND(read_event, cookie, owner);
	BEHIND(read_event, owner, position);
	BEHIND(read_event, position, end);
}

static void test_layout_of_tables(void)
{
	BEHIND(late_owner, number, cookie);
	BEHIND(late_owner, cookie, owner);
	BEHIND(late_owner, owner, receivers);
	g_assert_cmpuint(sizeof(struct late_owner) % 8, ==, 0); /* written field by field, read
								   whole: in place in an array */
	BEHIND(owner, start, tgid);
	BEHIND(owner, tgid, tid);
	BEHIND(owner, tid, uid);
	BEHIND(owner, uid, rank);
	BEHIND(flow_key, local_port, remote_port);
	BEHIND(flow_key, remote_port, local);
	BEHIND(flow_key, local, remote);
	BEHIND(flow_key, remote, protocol);
	g_assert_cmpuint(sizeof(struct flow_key), ==,
			 offsetof(struct flow_key, protocol) + sizeof(guint32)); /* hashed */
	/* The offset that a tail of NAME_MAX bytes may be written to lies in the path's part. */
	g_assert_cmpuint(PATH_LENGTH & (PATH_LENGTH - 1), ==, 0);
	g_assert_cmpuint(MAC_ROOM & (MAC_ROOM - 1), ==, 0);
}

/* ---- the ring ---- */

static void test_ring(void)
{
	struct maker maker;
	struct ring *ring;
	gsize length;
	unsigned long busy;

	maker_open(&maker, 4096);
	ring = ring_open(maker.fd, 4096);
	g_assert_nonnull(ring);
	g_assert_true(ring_empty(ring));
	g_assert_null(ring_peek(ring, &length));

	write_record(&maker, "first", 5, 0);
	busy = write_record(&maker, "second", 6, BUSY);
	write_record(&maker, "third", 5, 0);
	g_assert_cmpmem(ring_peek(ring, &length), 5, "first", 5);
	g_assert_cmpuint(length, ==, 5);
	/* Again, until it is passed. */
	g_assert_cmpmem(ring_peek(ring, &length), 5, "first", 5);
	ring_next(ring);
	/* What is being written holds up what comes behind it. */
	g_assert_null(ring_peek(ring, &length));
	g_assert_false(ring_empty(ring));
	set_header(&maker, busy, 6);
	g_assert_cmpmem(ring_peek(ring, &length), 6, "second", 6);
	/* Nothing was given back so far. */
	g_assert_cmpuint(consumer(&maker), ==, 0);
	ring_release(ring, ring_position(ring));
	g_assert_cmpuint(consumer(&maker), ==, 16);
	ring_next(ring);
	ring_next((ring_peek(ring, &length), ring));
	g_assert_null(ring_peek(ring, &length));
	g_assert_true(ring_empty(ring));
	ring_free(ring);
	maker_close(&maker);
}

static void test_ring_discarded(void)
{
	struct maker maker;
	struct ring *ring;
	gsize length;

	maker_open(&maker, 4096);
	ring = ring_open(maker.fd, 4096);
	write_record(&maker, "x", 1, DISCARDED);
	write_record(&maker, "y", 1, DISCARDED);
	g_assert_null(ring_peek(ring, &length));
	g_assert_true(ring_empty(ring));
	write_record(&maker, "z", 1, DISCARDED);
	write_record(&maker, "good", 4, 0);
	g_assert_cmpmem(ring_peek(ring, &length), length, "good", 4);
	ring_free(ring);
	maker_close(&maker);
}

/* Many times round, with lengths that end everywhere: a record that wraps is in one piece. */
static void test_ring_wraps(void)
{
	struct maker maker;
	struct ring *ring;
	guint8 bytes[700];

	maker_open(&maker, 4096);
	ring = ring_open(maker.fd, 4096);
	for (guint i = 0; i < 1000; i++) {
		gsize wanted = 1 + i * 37 % sizeof(bytes), length;
		const void *record;

		memset(bytes, i, wanted);
		write_record(&maker, bytes, wanted, 0);
		record = ring_peek(ring, &length);
		g_assert_cmpmem(record, length, bytes, wanted);
		ring_next(ring);
		ring_release(ring, ring_position(ring));
	}
	g_assert_cmpuint(maker.end, >, 50 * 4096);
	ring_free(ring);
	maker_close(&maker);
}

static void test_ring_that_is_none(void)
{
	g_assert_null(ring_open(-1, 4096));
}

/* Nothing of it is looked at: kernel_map() and its like are this file's. */
static struct kernel *const kernel = (struct kernel *)&control;

/* ---- the process ring ---- */

#define SECOND 1000000000ULL

static void write_event(guint16 kind, guint64 time, guint32 tgid)
{
	struct process_event event = {.time = time, .kind = kind};

	event.owner.tgid = tgid;
	event.owner.start = 1;
	write_record(&events, &event, sizeof(event), 0);
}

static void write_read(guint64 time, guint32 tgid, guint64 cookie)
{
	struct read_event event = {.time = time, .kind = SOCKET_READ, .cookie = cookie};

	event.owner.tgid = tgid;
	event.owner.start = 1;
	write_record(&events, &event, sizeof(event), 0);
}

/* The reader of what came at time 0; 0: nobody yet. */
static guint32 reader(const struct events *it, guint64 cookie)
{
	const struct place place = {.cookie = cookie};
	struct owner owner;

	return reads_find(events_reads(it), &place, &owner) == READ_BY ? owner.tgid : 0;
}

static void test_events(void)
{
	struct processes *processes = processes_new();
	struct owner alice = {.tgid = 11, .start = 1};
	struct events *it;
	unsigned long busy;

	maker_open(&events, 4 << 20);
	it = events_open(kernel, processes, NULL);
	g_assert_nonnull(it);
	g_assert_true(events_drain(it));

	write_event(PROCESS_EXEC, 1, 11);
	write_read(2, 11, 77);
	write_record(&events, "short", 5, 0);
	write_event(LINK_SEEN, 4, 99); /* nobody asked for them */
	g_assert_false(events_empty(it));
	g_assert_true(events_drain(it));
	g_assert_true(events_empty(it));
	g_assert_cmpuint(consumer(&events), ==, events.end);
	g_assert_nonnull(processes_find(processes, &alice));
	g_assert_cmpuint(processes_count(processes), ==, 1);
	g_assert_cmpuint(reader(it, 77), ==, 11);
	g_assert_cmpuint(reader(it, 78), ==, 0);

	/* A second later no packet waits for it any more. */
	write_read(SECOND, 13, 80);
	g_assert_true(events_drain(it));
	g_assert_cmpuint(reader(it, 77), !=, 0);
	write_read(SECOND + 3, 14, 81);
	g_assert_true(events_drain(it));
	g_assert_cmpuint(reader(it, 77), ==, 0);
	g_assert_cmpuint(reader(it, 80), ==, 13);

	/* One is being written: what comes behind is not known yet, and that is told. */
	busy = events.end;
	write_event(PROCESS_EXIT, 5, 11);
	set_header(&events, busy, sizeof(struct process_event) | BUSY);
	write_read(SECOND + 4, 15, 82);
	g_assert_false(events_drain(it));
	g_assert_cmpuint(reader(it, 82), ==, 0);
	set_header(&events, busy, sizeof(struct process_event));
	g_assert_true(events_drain(it));
	g_assert_cmpuint(reader(it, 82), !=, 0);

	events_free(it);
	processes_free(processes);
	maker_close(&events);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/records/layouts/packets", test_layout_of_packets);
	g_test_add_func("/records/layouts/processes", test_layout_of_processes);
	g_test_add_func("/records/layouts/other-events", test_layout_of_other_events);
	g_test_add_func("/records/layouts/tables", test_layout_of_tables);
	g_test_add_func("/records/ring", test_ring);
	g_test_add_func("/records/ring-discarded", test_ring_discarded);
	g_test_add_func("/records/ring-wraps", test_ring_wraps);
	g_test_add_func("/records/ring-that-is-none", test_ring_that_is_none);
	g_test_add_func("/records/events", test_events);
	return g_test_run();
}
