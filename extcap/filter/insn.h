/* SPDX-License-Identifier: GPL-2.0-or-later */
/* insn.h - eBPF instructions by name
 *
 * Classic BPF and eBPF share the codes of operations, sizes and operand kinds
 * (linux/bpf_common.h), so that an operation is carried over as it is.
 */
#ifndef PTCPDUMP_EXTCAP_FILTER_INSN_H
#define PTCPDUMP_EXTCAP_FILTER_INSN_H

#include <linux/bpf.h>

/* A 32-bit result clears the upper half of its register: every number stays unsigned. */
static inline struct bpf_insn alu32_imm(__u8 operation, __u8 to, __s32 number)
{
	return (struct bpf_insn){.code = BPF_ALU | operation | BPF_K, .dst_reg = to, .imm = number};
}

static inline struct bpf_insn alu32_reg(__u8 operation, __u8 to, __u8 from)
{
	return (struct bpf_insn){
		.code = BPF_ALU | operation | BPF_X, .dst_reg = to, .src_reg = from};
}

static inline struct bpf_insn alu64_imm(__u8 operation, __u8 to, __s32 number)
{
	return (struct bpf_insn){
		.code = BPF_ALU64 | operation | BPF_K, .dst_reg = to, .imm = number};
}

static inline struct bpf_insn alu64_reg(__u8 operation, __u8 to, __u8 from)
{
	return (struct bpf_insn){
		.code = BPF_ALU64 | operation | BPF_X, .dst_reg = to, .src_reg = from};
}

/* @size: BPF_B, BPF_H, BPF_W */
static inline struct bpf_insn load_mem(__u8 size, __u8 to, __u8 base, __s16 offset)
{
	return (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | size, .dst_reg = to, .src_reg = base, .off = offset};
}

static inline struct bpf_insn store_mem(__u8 size, __u8 base, __s16 offset, __u8 from)
{
	return (struct bpf_insn){
		.code = BPF_STX | BPF_MEM | size, .dst_reg = base, .src_reg = from, .off = offset};
}

static inline struct bpf_insn store_imm(__u8 size, __u8 base, __s16 offset, __s32 number)
{
	return (struct bpf_insn){
		.code = BPF_ST | BPF_MEM | size, .dst_reg = base, .off = offset, .imm = number};
}

/* From the network's order of bytes. */
static inline struct bpf_insn from_network(__u8 reg, __s32 bits)
{
	return (struct bpf_insn){
		.code = BPF_ALU | BPF_END | BPF_TO_BE, .dst_reg = reg, .imm = bits};
}

/* Goes @skip instructions beyond the next one if the comparison holds. */
static inline struct bpf_insn jump_imm(__u8 comparison, __u8 reg, __s32 number, __s16 skip)
{
	return (struct bpf_insn){
		.code = BPF_JMP | comparison | BPF_K, .dst_reg = reg, .off = skip, .imm = number};
}

static inline struct bpf_insn jump_reg(__u8 comparison, __u8 reg, __u8 other, __s16 skip)
{
	return (struct bpf_insn){.code = BPF_JMP | comparison | BPF_X,
				 .dst_reg = reg,
				 .src_reg = other,
				 .off = skip};
}

/* The same over 32 bits, which an immediate operand fills: 64 would extend its sign. */
static inline struct bpf_insn jump32_imm(__u8 comparison, __u8 reg, __s32 number, __s16 skip)
{
	return (struct bpf_insn){
		.code = BPF_JMP32 | comparison | BPF_K, .dst_reg = reg, .off = skip, .imm = number};
}

static inline struct bpf_insn jump32_reg(__u8 comparison, __u8 reg, __u8 other, __s16 skip)
{
	return (struct bpf_insn){.code = BPF_JMP32 | comparison | BPF_X,
				 .dst_reg = reg,
				 .src_reg = other,
				 .off = skip};
}

static inline struct bpf_insn jump_always(void)
{
	return (struct bpf_insn){.code = BPF_JMP | BPF_JA};
}

static inline struct bpf_insn call(__s32 helper)
{
	return (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper};
}

static inline struct bpf_insn leave(void)
{
	return (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
}

#endif
