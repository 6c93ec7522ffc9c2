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

/* The state of a socket that packets are captured of; both tracepoints fire for every family. */
static __always_inline struct socket_state *state_of(struct sock *sk)
{
	u16 family = sk->__sk_common.skc_family;

	if (family != AF_INET && family != AF_INET6 && family != AF_PACKET)
		return NULL;
	if (running_task()->flags & PF_KTHREAD)
		return NULL;
	return bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline void used(struct sock *sk, struct socket_state *state, struct owner *user)
{
	owner_of_task(running_task(), user, RANK_USED);
	learn_use(state, bpf_get_socket_cookie(sk), user);
}

/* What a read took: of a TCP stream the sequence numbers up to what is copied now, of other
 * sockets which datagram. Multipath TCP's numbers are not those of its packets. */
static __always_inline void read_what(struct read_event *event, struct sock *sk, u32 datagram)
{
	if (datagram) {
		event->position = datagram;
		event->end = datagram + 1;
		event->flags = READ_POSITION;
	} else if (sk->sk_protocol == IPPROTO_TCP) {
		event->end = BPF_CORE_READ((struct tcp_sock *)sk, copied_seq);
		event->position = event->end - event->length;
		event->flags = READ_POSITION;
	}
}

/* Who will have read a packet is what its process is named by (extcap/capture/reads.c). A
 * socket that one process alone uses is told of once. */
static __always_inline void tell_read(struct sock *sk, struct socket_state *state,
				      const struct owner *user, u32 length, u32 datagram)
{
	struct read_event *event;

	if (state->has_read && !state->shared)
		return;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&control.events_lost, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time = bpf_ktime_get_ns();
	event->kind = SOCKET_READ;
	event->length = length;
	event->cookie = bpf_get_socket_cookie(sk);
	event->owner = *user;
	read_what(event, sk, datagram);
	state->has_read = 1;
	bpf_ringbuf_submit(event, wakeup());
}

/* @result is above 0 only where bytes moved: what fails must not steal the socket. */
static __always_inline int sent(struct sock *sk, int result)
{
	struct socket_state *state;
	struct owner user;

	if (result <= 0)
		return 0;
	state = state_of(sk);
	if (state)
		used(sk, state, &user);
	return 0;
}

/* Who peeks takes nothing: the tracepoint's text says 0 bytes then, its argument does not. An
 * empty datagram is taken, and counted, but nobody's use. */
static __always_inline int received(struct sock *sk, int result, int flags)
{
	struct socket_state *state;
	struct owner user;
	u32 datagram = 0;

	if (flags & MSG_PEEK || result < 0)
		return 0;
	state = state_of(sk);
	if (!state)
		return 0;
	/* Readers on several CPUs count at once. */
	if (sk->sk_type != SOCK_STREAM)
		datagram = __sync_fetch_and_add(&state->datagrams, 1) + 1;
	if (!result)
		return 0;
	used(sk, state, &user);
	tell_read(sk, state, &user, result, datagram);
	return 0;
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(on_sock_send, struct sock *sk, int result, int flags)
{
	return sent(sk, result);
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(on_sock_recv, struct sock *sk, int result, int flags)
{
	return received(sk, result, flags);
}

/* Before 6.3 there are no such tracepoints: there the functions that all sends and receives of
 * these families go through, as they return. Tried only where the tracepoints are missing. */
SEC("?fexit/inet_sendmsg")
int BPF_PROG(on_inet_send, struct socket *socket, struct msghdr *message, u64 size, int result)
{
	return sent(socket->sk, result);
}

SEC("?fexit/inet6_sendmsg")
int BPF_PROG(on_inet6_send, struct socket *socket, struct msghdr *message, u64 size, int result)
{
	return sent(socket->sk, result);
}

SEC("?fexit/inet_recvmsg")
int BPF_PROG(on_inet_recv, struct socket *socket, struct msghdr *message, u64 size, int flags,
	     int result)
{
	return received(socket->sk, result, flags);
}

SEC("?fexit/inet6_recvmsg")
int BPF_PROG(on_inet6_recv, struct socket *socket, struct msghdr *message, u64 size, int flags,
	     int result)
{
	return received(socket->sk, result, flags);
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
	struct socket_state held = {};
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
	owner_of_task(task, &held.owner, RANK_HELD);
	held.cookie = bpf_get_socket_cookie(sk);
	/* The value is taken only where there is none. */
	bpf_sk_storage_get(&sockets, sk, &held, BPF_SK_STORAGE_GET_F_CREATE);
	return 0;
}
