// SPDX-License-Identifier: GPL-2.0-or-later
/* conntrack.c - where the kernel's conntrack keeps a connection's addresses */
#include "extcap/capture/conntrack.h"

#include <bpf/btf.h>
#include <glib.h>
#include <stddef.h>
#include <unistd.h>

#include "extcap/log.h"

#define MODULE	     "nf_conntrack"
#define CONNECTION   "nf_conn"
#define TUPLES	     "tuplehash"
#define WITH_TUPLE   "nf_conntrack_tuple_hash"
#define TUPLE	     "tuple"
#define IS_THERE     "/proc/sys/net/netfilter/nf_conntrack_max"
#define TUPLE_LENGTH 40 /* of struct nf_conntrack_tuple: bpf/conntrack.h */

typedef struct btf types;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(types, btf__free)

/* The offset of a member in bytes; negative: there is none. */
static int offset_of(const struct btf *btf, const char *structure, const char *name)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, id);

	for (int i = 0; type && i < btf_vlen(type); i++)
		if (g_str_equal(btf__name_by_offset(btf, btf_members(type)[i].name_off), name))
			return btf_member_bit_offset(type, i) / 8;
	return -1;
}

static int size_of(const struct btf *btf, const char *structure)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);

	return id < 0 ? id : (int)btf__type_by_id(btf, id)->size;
}

static bool find_in(const struct btf *btf, struct config *config)
{
	int tuples = offset_of(btf, CONNECTION, TUPLES);
	int tuple = offset_of(btf, WITH_TUPLE, TUPLE);
	int stride = size_of(btf, WITH_TUPLE);

	if (tuples < 0 || tuple < 0 || stride < tuple + TUPLE_LENGTH)
		return false;
	config->conntrack_tuple = tuples + tuple;
	config->conntrack_stride = stride;
	return true;
}

void conntrack_find(struct config *config)
{
	g_autoptr(types) kernel = NULL;
	g_autoptr(types) module = NULL;

	if (access(IS_THERE, F_OK))
		return;
	kernel = btf__load_vmlinux_btf();
	if (kernel && find_in(kernel, config))
		return;
	module = kernel ? btf__load_module_btf(MODULE, kernel) : NULL;
	if (!module || !find_in(module, config))
		log_warning("conntrack's records cannot be read: packets that are translated may "
			    "have no owner on their way through this machine");
}
