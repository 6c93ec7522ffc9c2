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
#include "bpf/multipath.h"
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
		state->stream = STREAM_NEW;
		state->numbered = NUMBERED_DATAGRAMS;
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
	if (BPF_CORE_READ_BITFIELD(sk, sk_kern_sock))
		return NULL; /* NFS sends in the system call of whoever writes a file */
	return bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
}

static __always_inline bool is_msk(struct sock *sk)
{
	return config.has_mptcp && sk->sk_protocol == IPPROTO_MPTCP;
}

static __always_inline u32 token_of(struct sock *sk)
{
	return BPF_CORE_READ((struct mptcp_sock *)sk, token);
}

static __always_inline u64 cookie_of(struct sock *sk)
{
	u64 cookie = bpf_get_socket_cookie(sk);

	return is_msk(sk) ? msk_cookie(cookie, token_of(sk)) : cookie;
}

static __always_inline void used(struct sock *sk, struct socket_state *state, struct owner *user)
{
	owner_of_task(running_task(), user, RANK_USED);
	learn_use(state, cookie_of(sk), user);
}

/* The numbers of what was copied now. */
static __always_inline struct part stream_part(struct sock *sk, struct socket_state *state,
					       u32 length)
{
	struct part part = {};

	if (is_msk(sk))
		return multipath_part(sk, state, length);
	if (sk->sk_protocol == IPPROTO_TCP) {
		part.end = BPF_CORE_READ((struct tcp_sock *)sk, copied_seq);
		part.position = part.end - length;
	}
	return part;
}

/* Who will have read a packet is what its process is named by (extcap/capture/reads.c). A
 * socket that one process alone uses is told of once. */
static __always_inline void tell_read(struct sock *sk, struct socket_state *state,
				      const struct owner *user, u32 length, const struct part *part)
{
	struct read_event *event;

	if (state->has_read && !state->shared)
		return;
	if (is_msk(sk) && !token_of(sk))
		return; /* its cookie is its listener's, too */
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		__sync_fetch_and_add(&control.events_lost, 1);
		return;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time = bpf_ktime_get_ns();
	event->kind = SOCKET_READ;
	event->length = length;
	event->cookie = cookie_of(sk);
	event->owner = *user;
	event->position = part->position;
	event->end = part->end;
	if (part->position != part->end)
		event->flags |= READ_POSITION;
	if (part->one_of)
		event->flags |= READ_ONE_OF;
	if (!state->shared)
		event->flags |= READ_ALONE;
	state->has_read = 1;
	bpf_ringbuf_submit(event, wakeup_flags());
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

/* Who peeks takes nothing: the tracepoint's text says 0 bytes then, its argument does not; nor
 * does who is told of an error. An empty datagram is taken, and counted, but nobody's use. */
static __always_inline int received(struct sock *sk, int result, int flags)
{
	struct socket_state *state;
	struct owner user;
	struct part part;

	if (flags & (MSG_PEEK | MSG_ERRQUEUE) || result < 0)
		return 0;
	state = state_of(sk);
	if (!state)
		return 0;
	if (sk->sk_type == SOCK_STREAM)
		part = stream_part(sk, state, result);
	else
		part = number_received(sk, state);
	if (!result)
		return 0;
	used(sk, state, &user);
	if (part.recounted)
		return 0;
	if (sk->sk_protocol == IPPROTO_TCP) {
		if (state->stream == STREAM_READ && state->read_to == part.end)
			return 0; /* on_stream_read has told it */
		state->stream = STREAM_READ;
		state->read_to = part.end;
	}
	tell_read(sk, state, &user, result, &part);
	return 0;
}

/* recvmsg(2) comes by for each packet that it copies, before it lets go of it; its own hook tells
 * of the whole. */
static __always_inline bool is_in_recvmsg(struct sock *sk, u32 copied)
{
	struct sk_buff *first = NULL;
	u32 end = 0;

	if (!sk->sk_receive_queue.qlen)
		return false;
	BPF_CORE_READ_INTO(&first, sk, sk_receive_queue.next);
	bpf_core_read(&end, sizeof(end), &((struct tcp_skb_cb *)first->cb)->end_seq);
	return end == copied;
}

/* What was read since the last read that we know of. Nothing, where one only peeks, or finds the
 * stream's end. Of an older stream that is known from the second time on. */
static __always_inline bool read_since(struct tcp_sock *tcp, struct socket_state *state, u8 stream,
				       struct part *part)
{
	u64 received = BPF_CORE_READ(tcp, bytes_received);

	part->end = BPF_CORE_READ(tcp, copied_seq);
	part->position = state->read_to;
	/* The numbers of the connection that the socket had before are of no use. */
	if (stream == STREAM_NEW || (u32)(part->end - part->position) > received)
		part->position = BPF_CORE_READ(tcp, rcv_nxt) - (u32)received;
	return stream != STREAM_UNKNOWN && (int)(part->end - part->position) > 0;
}

/* A stream was read in some way: splice(2) and sendfile(2) raise no other event. Called with the
 * stream's lock held, by a process or, for the kernel's own readers, in a softirq. */
static __always_inline int stream_read(struct sock *sk, const void *here)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	struct socket_state *state;
	struct owner user;
	struct part part = {};
	u8 stream;

	if (is_in_recvmsg(sk, BPF_CORE_READ(tcp, copied_seq)))
		return 0;
	if (!sk->sk_lock.owned || !running_counts(running_task(), here))
		return 0;
	state = state_of(sk);
	if (!state)
		return 0;
	stream = stream_of(state, bpf_get_socket_cookie(sk));
	if (read_since(tcp, state, stream, &part)) {
		used(sk, state, &user);
		tell_read(sk, state, &user, part.end - part.position, &part);
		state->stream = STREAM_READ;
		state->read_to = part.end;
	} else if (stream == STREAM_UNKNOWN) {
		state->cookie = bpf_get_socket_cookie(sk);
		state->stream = STREAM_SEEN;
		state->read_to = part.end;
	}
	return 0;
}

SEC("?tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_stream_read, struct sock *sk)
{
	return stream_read(sk, ctx);
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
	struct socket_state held = {}, *state;
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
	if (sk->sk_protocol == IPPROTO_TCP && sk->__sk_common.skc_state != TCP_LISTEN) {
		held.stream = STREAM_SEEN;
		held.read_to = BPF_CORE_READ((struct tcp_sock *)sk, copied_seq);
	}
	if (sk->sk_type != SOCK_STREAM)
		number_held(sk, &held);
	/* The value is taken only where there is none. Else somebody else has the socket as well:
	 * who uses it first need not be alone, nor be who accepts from it. */
	state = bpf_sk_storage_get(&sockets, sk, &held, BPF_SK_STORAGE_GET_F_CREATE);
	if (!state || state->cookie != held.cookie)
		return 0;
	if (!state->owner.start)
		state->owner = held.owner;
	else if (!same_process(&state->owner, &held.owner))
		state->shared = 1;
	return 0;
}
