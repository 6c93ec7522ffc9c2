/* SPDX-License-Identifier: GPL-2.0-or-later */
/* oracle.h - what the kernel's own classic filter says of a packet, and what ours says
 *
 * A pair of datagram sockets takes a classic filter, too: what matches arrives, what does not
 * is dropped, any bytes of any length. Ancillary answers are those of a packet without a
 * device: 0.
 *
 * Ours is loaded as a socket filter, whose context lies in memory that we share with it, and
 * run by BPF_PROG_TEST_RUN: what is passed in there is not looked at.
 */
#ifndef PTCPDUMP_TESTS_UNIT_ORACLE_H
#define PTCPDUMP_TESTS_UNIT_ORACLE_H

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extcap/filter/interpret.h"
#include "extcap/filter/load.h"

struct oracle {
	int sockets[2];
};

static inline void oracle_open(struct oracle *oracle)
{
	int room = 1 << 20;

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, oracle->sockets), ==, 0);
	setsockopt(oracle->sockets[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static inline void oracle_close(struct oracle *oracle)
{
	close(oracle->sockets[0]);
	close(oracle->sockets[1]);
}

/* 0, or the errno by which the kernel refuses the program. */
static inline int oracle_attach(struct oracle *oracle, const struct sock_filter *code, guint length)
{
	struct sock_fprog program = {.len = (unsigned short)length,
				     .filter = (struct sock_filter *)code};

	if (setsockopt(oracle->sockets[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return errno;
	return 0;
}

static inline bool oracle_matches(struct oracle *oracle, const guint8 *bytes, guint length)
{
	char first;

	g_assert_cmpint(send(oracle->sockets[0], bytes, length, 0), ==, length);
	return recv(oracle->sockets[1], &first, sizeof(first), 0) >= 0;
}

struct ours {
	int map;
	struct filter_context *context; /* shared with the program */
	int program;
};

static inline void ours_open(struct ours *ours)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	ours->map =
		bpf_map_create(BPF_MAP_TYPE_ARRAY, "contexts", 4, sizeof(*ours->context), 1, &opts);
	g_assert_cmpint(ours->map, >=, 0);
	ours->context = mmap(NULL, sizeof(*ours->context), PROT_READ | PROT_WRITE, MAP_SHARED,
			     ours->map, 0);
	g_assert_true(ours->context != MAP_FAILED);
	ours->program = -1;
}

static inline void ours_close(struct ours *ours)
{
	munmap(ours->context, sizeof(*ours->context));
	close(ours->map);
	if (ours->program >= 0)
		close(ours->program);
}

/* 0, or the negative errno by which it is refused, by us or by the verifier. */
static inline int ours_load(struct ours *ours, const struct sock_filter *code, guint length)
{
	const struct filter_place place = {.contexts = ours->map, .captures = -1};
	const struct filter_hook hook = {.name = "filter", .type = BPF_PROG_TYPE_SOCKET_FILTER};

	if (ours->program >= 0)
		close(ours->program);
	ours->program = filter_load(code, length, &place, &hook);
	return ours->program < 0 ? ours->program : 0;
}

/* As the surrounding program would: the first bytes, and how many there are. */
static inline void ours_fill(struct ours *ours, const guint8 *bytes, guint length)
{
	ours->context->length = length;
	ours->context->captured = MIN(length, FILTER_BYTES);
	memcpy(ours->context->bytes, bytes, ours->context->captured);
	/* What stood there before must not matter. */
	memset(ours->context->bytes + ours->context->captured, 0xa5,
	       sizeof(ours->context->bytes) - ours->context->captured);
}

static inline enum filter_verdict ours_run(struct ours *ours, guint32 repeat, guint32 *duration)
{
	guint8 dummy[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = dummy, .data_size_in = sizeof(dummy),
		    .repeat = (int)repeat);

	g_assert_cmpint(bpf_prog_test_run_opts(ours->program, &opts), ==, 0);
	if (duration)
		*duration = opts.duration;
	return opts.retval;
}

/* With what the engine decides where the kernel side is not sure. @linear: so many bytes are in one
 * piece. */
static inline bool ours_matches_linear(struct ours *ours, const struct sock_filter *code,
				       const guint8 *bytes, guint length, guint linear,
				       guint *unsure)
{
	const struct filter_packet packet = {.bytes = bytes, .captured = length, .length = length};
	enum filter_verdict verdict;

	ours_fill(ours, bytes, linear);
	ours->context->length = length;
	verdict = ours_run(ours, 1, NULL);
	if (verdict != FILTER_UNSURE)
		return verdict == FILTER_MATCH;
	++*unsure;
	return classic_matches(code, &packet, ours->context);
}

static inline bool ours_matches(struct ours *ours, const struct sock_filter *code,
				const guint8 *bytes, guint length, guint *unsure)
{
	return ours_matches_linear(ours, code, bytes, length, length, unsure);
}

#endif
