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
	ring->position = *ring->consumer;
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

const void *ring_peek(struct ring *ring, gsize *length)
{
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

	while (ring->position < end) {
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

gsize ring_used(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

bool ring_empty(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) == ring->position;
}
