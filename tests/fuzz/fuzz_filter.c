// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_filter.c - any bytes as a classic program and a packet
 *
 * The first byte is how many instructions of 8 bytes follow, the rest is the packet. What the
 * rules accept must translate to a program that is sound by a machine that trusts nothing, and
 * says what the interpreter says. Needs no kernel; the unit tests compare both with that one's.
 */
#include <errno.h>
#include <stdint.h>

#include "extcap/filter/interpret.h"
#include "extcap/filter/translate.h"
#include "extcap/filter/verify.h"
#include "tests/fuzz/ebpf_machine.h"

/* All that is not the packet: told from one another by their values. */
static void fill(struct filter_context *context, const uint8_t *packet, size_t size)
{
	memset(context, 0xa5, sizeof(*context));
	context->length = (guint32)size;
	context->captured = MIN(context->length, FILTER_BYTES);
	context->protocol = 0x0800;
	context->packet_type = 4;
	context->ifindex = 3;
	context->hardware = 1;
	context->vlan_tag = 100;
	context->vlan_present = 1;
	context->vlan_protocol = 0x8100;
	if (size)
		memcpy(context->bytes, packet, context->captured);
}

static void compare(const struct sock_filter *code, const GArray *program, const uint8_t *packet,
		    size_t size)
{
	const struct filter_packet whole = {packet, (guint32)size, (guint32)size};
	struct filter_context context;
	struct ebpf_machine machine = {.context = &context};
	bool truth;
	guint32 verdict;

	fill(&context, packet, size);
	truth = classic_matches(code, &whole, &context);
	verdict = machine_run(&machine, program);
	g_assert(verdict <= FILTER_UNSURE);
	g_assert(verdict == FILTER_UNSURE || truth == (verdict == FILTER_MATCH));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct filter_place place = {.contexts = 7, .captures = -1};
	g_autofree struct sock_filter *code = NULL;
	g_autoptr(GArray) program = NULL;
	gsize length, bytes;
	int error;

	if (!size)
		return 0;
	length = MIN(data[0], (size - 1) / sizeof(*code));
	bytes = length * sizeof(*code);
	code = g_memdup2(data + 1, bytes);
	error = filter_translate(code, (guint)length, &place, &program);
	g_assert(error == -EOPNOTSUPP || error == classic_verify(code, (guint)length));
	if (!error)
		compare(code, program, data + 1 + bytes, size - 1 - bytes);
	return 0;
}
