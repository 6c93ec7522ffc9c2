/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ring.h - reading a BPF ring buffer in place
 *
 * Theory of operation
 * The kernel maps a ring as: one page with the reader's position, one with the
 * writers', then the data twice in a row, so that a record that wraps is contiguous.
 * libbpf's reader gives one record to a callback and frees it; ours looks at records
 * without freeing them, and frees a batch at once.
 *
 * A record begins with 8 bytes: its length with two flags (busy, discarded), and an
 * offset that is the kernel's own (Documentation/bpf/ringbuf.rst).
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_RING_H
#define PTCPDUMP_EXTCAP_CAPTURE_RING_H

#include <glib.h>
#include <stdbool.h>

struct ring;

/** ring_open() - map the ring of map @fd; NULL with errno set */
struct ring *ring_open(int fd, gsize size);
void ring_free(struct ring *ring);

/**
 * ring_peek() - the next record that ring_next() has not passed
 * @length:	set to its size
 *
 * Return: the record, in place; NULL when there is none, or the next is being written.
 */
const void *ring_peek(struct ring *ring, gsize *length);

/** ring_next() - pass the record that ring_peek() gave */
void ring_next(struct ring *ring);

/** ring_position() - of the record that ring_peek() gave, or would give next */
unsigned long ring_position(const struct ring *ring);

/** ring_release() - give the space of all records before @position back to the kernel */
void ring_release(struct ring *ring, unsigned long position);

/** ring_empty() - true when not even a record that is being written is there */
bool ring_empty(const struct ring *ring);

#endif
