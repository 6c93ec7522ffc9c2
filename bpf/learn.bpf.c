// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* learn.bpf.c - the hooks that learn who owns a socket
 *
 * Theory of operation
 * Four ways, the strongest first; a weaker one never overwrites a stronger:
 *   used       a send or receive by a system call (here), or a packet that a running
 *              process sends (socket.bpf.c)
 *   created    socket(2), of every namespace, at the root of the cgroup2 hierarchy
 *   inherited  accept(2): the new socket gets a copy of its listener's state
 *   held       sockets older than the capture: who has one in its descriptor table
 *
 * None of it depends on what is captured: a filter that hides a request must not hide
 * who asked it.
 */
#include "bpf/owner.h"

const volatile struct config config SEC(".rodata.config");
struct control control SEC(".data.control");

SEC("cgroup/sock_create")
int on_sock_create(struct bpf_sock *sk)
{
	struct socket_state *state;
	struct task_struct *task = running_task();

	if (task->flags & PF_KTHREAD)
		return 1;
	state = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (state) {
		owner_of_task(task, &state->owner, RANK_CREATED);
		state->cookie = bpf_get_socket_cookie(sk);
	}
	return 1; /* 0 would refuse the socket */
}

/* @result is above 0 only where bytes moved: a receive that fails or peeks takes nothing
 * (the tracepoint gives 0 for MSG_PEEK), and must not steal the socket from its reader.
 * Both tracepoints fire for every family. */
static __always_inline int used(struct sock *sk, int result)
{
	u16 family = sk->__sk_common.skc_family;
	struct socket_state *state;
	struct owner user;

	if (result <= 0 || (family != AF_INET && family != AF_INET6 && family != AF_PACKET))
		return 0;
	if (running_task()->flags & PF_KTHREAD)
		return 0;
	state = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state)
		return 0;
	owner_of_task(running_task(), &user, RANK_USED);
	learn_use(state, bpf_get_socket_cookie(sk), &user);
	return 0;
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(on_sock_send, struct sock *sk, int result, int flags)
{
	return used(sk, result);
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(on_sock_recv, struct sock *sk, int result, int flags)
{
	return used(sk, result);
}

/* Before 6.3 there are no such tracepoints: there the functions that all sends and receives of
 * these families go through, as they return. Tried only where the tracepoints are missing. */
static __always_inline int received(struct socket *socket, int flags, int result)
{
	return flags & MSG_PEEK ? 0 : used(socket->sk, result);
}

SEC("?fexit/inet_sendmsg")
int BPF_PROG(on_inet_send, struct socket *socket, struct msghdr *message, u64 size, int result)
{
	return used(socket->sk, result);
}

SEC("?fexit/inet6_sendmsg")
int BPF_PROG(on_inet6_send, struct socket *socket, struct msghdr *message, u64 size, int result)
{
	return used(socket->sk, result);
}

SEC("?fexit/inet_recvmsg")
int BPF_PROG(on_inet_recv, struct socket *socket, struct msghdr *message, u64 size, int flags,
	     int result)
{
	return received(socket, flags, result);
}

SEC("?fexit/inet6_recvmsg")
int BPF_PROG(on_inet6_recv, struct socket *socket, struct msghdr *message, u64 size, int flags,
	     int result)
{
	return received(socket, flags, result);
}

SEC("?tp_btf/softirq_entry")
int BPF_PROG(on_softirq_entry, unsigned int vector)
{
	u32 zero = 0, *flag = bpf_map_lookup_elem(&in_softirq, &zero);

	if (flag)
		*flag = 1;
	return 0;
}

SEC("?tp_btf/softirq_exit")
int BPF_PROG(on_softirq_exit, unsigned int vector)
{
	u32 zero = 0, *flag = bpf_map_lookup_elem(&in_softirq, &zero);

	if (flag)
		*flag = 0;
	return 0;
}

/* Sockets that were there before the learners: read through once, after those are on, so
 * that none falls in between. Create-only, it never overwrites what they know. */
SEC("?iter/task_file")
int find_held_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket_state *state;
	struct socket *socket;
	struct sock *sk;
	u16 family;

	if (!task || !file || task->pid != task->tgid)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6 && family != AF_PACKET)
		return 0;
	state = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (state && !state->owner.start) {
		owner_of_task(task, &state->owner, RANK_HELD);
		state->cookie = bpf_get_socket_cookie(sk);
	}
	return 0;
}
