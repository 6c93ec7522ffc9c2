/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sink.h - where the stream goes: Wireshark's FIFO, a file, standard output
 *
 * Never blocks on a pipe or a socket: what the reader does not take stays in a buffer, and the
 * session leaves packets in the kernel's ring until it is gone.
 */
#ifndef PTCPDUMP_EXTCAP_OUTPUT_SINK_H
#define PTCPDUMP_EXTCAP_OUTPUT_SINK_H

#include <glib.h>
#include <stdbool.h>

struct sink;

/**
 * sink_open() - open what --fifo names, with the user's own rights
 * @path:	a FIFO, a file (made or overwritten) or "-" for standard output
 *
 * A FIFO is Wireshark's: it must belong to the user, and have a reader within ten seconds.
 */
struct sink *sink_open(const char *path, GError **error);

/** sink_free() - close it; what is still in the buffer is lost */
void sink_free(struct sink *sink);
typedef struct sink sink_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sink_t, sink_free)

/** sink_buffer() - blocks are appended here, then sink_flush() is called */
GByteArray *sink_buffer(struct sink *sink);

/**
 * sink_flush() - write what the reader takes now
 *
 * Return: 0, also when some is left; -EPIPE when the reader has gone; another negative
 *         errno when writing failed (-ENOSPC: the disk is full).
 */
int sink_flush(struct sink *sink);

/** sink_waiting() - is there anything that the reader has not taken yet? */
bool sink_waiting(const struct sink *sink);

/** sink_taken() - how many bytes of the buffer it has */
gsize sink_taken(const struct sink *sink);

/** sink_take_back() - a file ends behind the first @whole bytes of the buffer again; what
 *  another reader has taken it has, and nothing is done */
void sink_take_back(struct sink *sink, gsize whole);

/** sink_fd() - to poll for room and for the reader's going; -1 for a file */
int sink_fd(const struct sink *sink);

/**
 * sink_is_deep() - does a full output keep its reader busy until our next look?
 *
 * Then nobody needs to wake us when there is room again: that would be at each page that
 * the reader has read.
 */
bool sink_is_deep(const struct sink *sink);

/** sink_by_hand() - a person gave a file or standard output: no FIFO, so not Wireshark */
bool sink_by_hand(const struct sink *sink);

#endif
