// SPDX-License-Identifier: GPL-2.0-or-later
/* ancillary.c - what a classic filter may ask that does not stand in the packet */
#include "extcap/filter/ancillary.h"

#include <errno.h>
#include <glib.h>
#include <stddef.h>

#include "shared/filter_context.h"

#define FIELD(name) offsetof(struct filter_context, name)

static const struct {
	unsigned int question;
	int field;
} answers[] = {
	{SKF_AD_PROTOCOL, FIELD(protocol)},
	{SKF_AD_PKTTYPE, FIELD(packet_type)},
	{SKF_AD_IFINDEX, FIELD(ifindex)},
	{SKF_AD_HATYPE, FIELD(hardware)},
	{SKF_AD_MARK, FIELD(mark)},
	{SKF_AD_QUEUE, FIELD(queue)},
	{SKF_AD_RXHASH, FIELD(hash)},
	{SKF_AD_CPU, FIELD(cpu)},
	{SKF_AD_VLAN_TAG, FIELD(vlan_tag)},
	{SKF_AD_VLAN_TAG_PRESENT, FIELD(vlan_present)},
	{SKF_AD_VLAN_TPID, FIELD(vlan_protocol)},
	{SKF_AD_RANDOM, FIELD(random)},
	{SKF_AD_NLATTR, -EOPNOTSUPP},
	{SKF_AD_NLATTR_NEST, -EOPNOTSUPP},
	{SKF_AD_PAY_OFFSET, -EOPNOTSUPP},
	{SKF_AD_ALU_XOR_X, -EOPNOTSUPP},
};

bool ancillary_is(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_LD && BPF_MODE(insn->code) == BPF_ABS &&
	       insn->k >= (unsigned int)SKF_AD_OFF;
}

int ancillary_field(const struct sock_filter *insn)
{
	unsigned int question = insn->k - (unsigned int)SKF_AD_OFF;

	for (guint i = 0; i < G_N_ELEMENTS(answers); i++)
		if (answers[i].question == question)
			return answers[i].field;
	return -EINVAL;
}
