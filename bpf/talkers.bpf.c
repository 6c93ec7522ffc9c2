// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* talkers.bpf.c - which processes have network sockets, for the list of sources
 *
 * /proc/PID/fd of other users' processes is closed to ordinary users, so the list comes
 * from an iterator over all open files. It is an object of its own, with no map and one
 * program: Wireshark asks for the list again and again, and it must cost little.
 */
#include "bpf/kernel_types.h"
#include "bpf/pidns.h"
#include "shared/socket_record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void fill(struct socket_record *record, struct task_struct *task,
				 struct sock *sk)
{
	const struct sock_common *common = &sk->__sk_common;

	struct pidns here;

	pidns_of_reader(&here);
	record->pid = number_in(&here, task);
	record->start = task->start_boottime;
	record->tgid = task->tgid;
	record->uid = BPF_CORE_READ(task, cred, euid.val);
	record->local_port = common->skc_num;
	record->remote_port = bpf_ntohs(common->skc_dport);
	record->family = common->skc_family;
	record->protocol = sk->sk_protocol;
	record->state = common->skc_state;
	if (common->skc_family == AF_INET)
		__builtin_memcpy(record->remote, (const void *)&common->skc_daddr, 4);
	else
		BPF_CORE_READ_INTO(record->remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	__builtin_memcpy(record->comm, task->comm, sizeof(record->comm));
}

SEC("iter/task_file")
int find_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket_record record = {};
	struct socket *socket;
	struct sock *sk;

	if (!task || !file || task->pid != task->tgid)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	if (sk->__sk_common.skc_family != AF_INET && sk->__sk_common.skc_family != AF_INET6)
		return 0;
	if (!sk->__sk_common.skc_num)
		return 0; /* neither bound nor connected */
	fill(&record, task, sk);
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}
