// SPDX-License-Identifier: GPL-2.0-or-later
/* load.c - a generated filter, as a program of the kernel */
#include "extcap/filter/load.h"

int filter_load(const struct sock_filter *code, guint length, const struct filter_place *place,
		const struct filter_hook *hook)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = hook->attach,
		    .attach_btf_id = hook->btf_id);
	g_autoptr(GArray) program = NULL;
	int error = filter_translate(code, length, place, &program);

	if (error)
		return error;
	return bpf_prog_load(hook->type, hook->name, "GPL",
			     (const struct bpf_insn *)(const void *)program->data, program->len,
			     &opts);
}
