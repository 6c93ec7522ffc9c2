// SPDX-License-Identifier: GPL-2.0-or-later
/* tcx.c - other people's programs on a device's ingress hook, by the bare system call
 *
 *   tcx first|last INTERFACE COUNT FILE	attaches as many; at SIGTERM what each has
 *							counted is in FILE, a line each
 *   tcx xdp INTERFACE 1 FILE			the same before that hook, in the driver
 *   tcx count INTERFACE				how many there are
 */
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define XDP_INGRESS 37
#define TCX_INGRESS 46
#define BEFORE	    8
#define MOST	    64

struct create_link {
	__u32 program, ifindex, type, flags;
	__u64 more[2];
};

struct query {
	__u32 ifindex, type, query_flags, attach_flags;
	__u64 ids;
	__u32 count, reserved;
	__u64 more[4];
};

static int bpf(int command, void *attr, unsigned size)
{
	int result = (int)syscall(SYS_bpf, command, attr, size);

	if (result < 0) {
		fprintf(stderr, "tcx: bpf(%d): %s\n", command, strerror(errno));
		exit(errno == EINVAL ? 77 : 1);
	}
	return result;
}

static int new_counter(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static unsigned long long counted(int map)
{
	unsigned long long value = 0;
	unsigned key = 0;
	union bpf_attr attr = {0};

	attr.map_fd = (unsigned)map;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)&value;
	bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
	return value;
}

/* Counts, and lets whoever comes next decide: TCX_NEXT, XDP_PASS. */
static int new_program(int map, unsigned type)
{
	struct bpf_insn code[] = {
		{.code = BPF_LD | BPF_DW | BPF_IMM,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_PSEUDO_MAP_VALUE,
		 .imm = map},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW,
		 .dst_reg = BPF_REG_1,
		 .src_reg = BPF_REG_2,
		 .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = BPF_REG_0,
		 .imm = type == TCX_INGRESS ? -1 : 2},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = type == TCX_INGRESS ? BPF_PROG_TYPE_SCHED_CLS : BPF_PROG_TYPE_XDP,
		.insns = (unsigned long)code,
		.insn_cnt = sizeof(code) / sizeof(code[0]),
		.license = (unsigned long)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void attach(unsigned ifindex, unsigned type, unsigned flags, int program)
{
	struct create_link create = {
		.program = (unsigned)program,
		.ifindex = ifindex,
		.type = type,
		.flags = flags,
	};

	bpf(BPF_LINK_CREATE, &create, sizeof(create));
}

static unsigned count_attached(unsigned ifindex)
{
	struct query query = {.ifindex = ifindex, .type = TCX_INGRESS};

	bpf(BPF_PROG_QUERY, &query, sizeof(query));
	return query.count;
}

int main(int argc, char **argv)
{
	unsigned type = argc > 1 && strcmp(argv[1], "xdp") == 0 ? XDP_INGRESS : TCX_INGRESS;
	unsigned ifindex = argc > 2 ? if_nametoindex(argv[2]) : 0;
	int maps[MOST], signal;
	unsigned count;
	sigset_t set;
	FILE *file;

	if (!ifindex)
		return 2;
	if (strcmp(argv[1], "count") == 0) {
		printf("%u\n", count_attached(ifindex));
		return 0;
	}
	count = (unsigned)atoi(argv[3]);
	if (count > MOST)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (unsigned i = 0; i < count; i++) {
		maps[i] = new_counter();
		attach(ifindex, type, strcmp(argv[1], "first") == 0 ? BEFORE : 0,
		       new_program(maps[i], type));
	}
	file = fopen(argv[4], "w");
	if (!file)
		return 1;
	sigwait(&set, &signal);
	for (unsigned i = 0; i < count; i++)
		fprintf(file, "%llu\n", counted(maps[i]));
	return fclose(file) ? 1 : 0;
}
