// SPDX-License-Identifier: GPL-2.0-or-later
/* ring.c - reading a BPF ring buffer in place */
#include "extcap/capture/ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

struct ring {
	unsigned long *consumer; /* the reader's position, shared with the kernel */
	const unsigned long *producer;
	const guint8 *data;
	gsize page;
	gsize size;		/* a power of two */
	unsigned long position; /* up to where records were passed */
	unsigned long end;	/* the writers' position, as far as we know */
	unsigned long step;	/* of the record that was peeked at */
};

struct ring *ring_open(int fd, gsize size)
{
	gsize page = sysconf(_SC_PAGESIZE);
	struct ring *ring;
	void *consumer, *producer;

	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return NULL;
	producer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, page);
	if (producer == MAP_FAILED) {
		munmap(consumer, page);
		return NULL;
	}
	ring = g_new0(struct ring, 1);
	ring->consumer = consumer;
	ring->producer = producer;
	ring->data = (const guint8 *)producer + page;
	ring->page = page;
	ring->size = size;
	ring->position = ring->end = *ring->consumer;
	return ring;
}

void ring_free(struct ring *ring)
{
	if (!ring)
		return;
	munmap(ring->consumer, ring->page);
	munmap((void *)ring->producer, ring->page + 2 * ring->size);
	g_free(ring);
}

/* Is there a record? The writers' position is read only where we do not know of one: each look
 * takes its cache line from them, who need it for every packet. */
static bool has_more(struct ring *ring)
{
	if (ring->position == ring->end)
		ring->end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	return ring->position != ring->end;
}

const void *ring_peek(struct ring *ring, gsize *length)
{
	while (has_more(ring)) {
		const guint8 *record = ring->data + (ring->position & (ring->size - 1));
		guint32 header = __atomic_load_n((const guint32 *)record, __ATOMIC_ACQUIRE);
		guint32 size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

		if (header & BPF_RINGBUF_BUSY_BIT)
			return NULL;
		ring->step = (size + BPF_RINGBUF_HDR_SZ + 7) & ~7UL;
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			*length = size;
			return record + BPF_RINGBUF_HDR_SZ;
		}
		ring->position += ring->step;
	}
	return NULL;
}

void ring_next(struct ring *ring)
{
	ring->position += ring->step;
}

unsigned long ring_position(const struct ring *ring)
{
	return ring->position;
}

void ring_release(struct ring *ring, unsigned long position)
{
	__atomic_store_n(ring->consumer, position, __ATOMIC_RELEASE);
}

bool ring_empty(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) == ring->position;
}
