// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* socket.bpf.c - the socket side: where a packet leaves its socket, where one takes it
 *
 * Theory of operation
 * cgroup_skb/egress runs in ip_finish_output with the packet's full socket (for a
 * SYN-ACK its listener), before the device's queue: whoever runs then is the sender,
 * if it is evidence at all; else it is who used the socket last. The answer is left
 * under the address of the packet's data for the wire side (struct note).
 *
 * cgroup_skb/ingress runs with the socket that the kernel itself chose for an incoming
 * packet, in the same softirq in which the wire side saw it. The record is out by
 * then, so the answer goes to the late table, under the record's number.
 *
 * Both always return 1: 0 would drop the packet.
 */
#ifdef PAYLOAD_PERF /* for kernels before 6.12 */
#define PACKET_BY_ADDRESS
#endif
#include "bpf/multipath.h"
#include "bpf/owner.h"
#include "bpf/pending.h"
#include "bpf/whole.h"
#include "shared/flow.h"

/* The first row of the evidence for outgoing packets. TCP also sends when it merely
 * processes what arrived (a tap writer is "running" on a local server's ACK): only the
 * holder of the socket's lock is in a system call on it. The kernel's control sockets
 * (RST, TIME_WAIT's ACK) are raw ones that nobody created: they have no state. */
static __always_inline bool running_is_evidence(struct bpf_sock *sk, struct task_struct *task,
						bool has_state)
{
	struct tcp_sock *tcp;

	if (!running_counts(task, &has_state))
		return false;
	if (sk->type == SOCK_DGRAM)
		return true;
	if (sk->type == SOCK_RAW)
		return has_state;
	tcp = (struct tcp_sock *)bpf_skc_to_tcp_sock(sk);
	return tcp && tcp->inet_conn.icsk_inet.sk.sk_lock.owned;
}

static __always_inline u32 flow_hash(const struct flow_key *key)
{
	const u32 *words = (const u32 *)key;
	u32 hash = 0x9e3779b9;

#pragma unroll
	for (u32 i = 0; i < sizeof(*key) / sizeof(u32); i++)
		hash = (hash ^ words[i]) * 0x85ebca6b;
	return hash | 1; /* 0 is "none" */
}

/* Remembers whose tuple this is, for when the socket is gone: once for a TCP connection
 * and its owner; for others when the far end is another one than last time, and now and
 * then, so that what is in use does not age. */
static __always_inline void learn_flow(struct __sk_buff *ctx, struct sk_buff *skb,
				       struct socket_state *state, struct bpf_sock *sk)
{
	bool tcp = sk->protocol == IPPROTO_TCP;
	struct flow_key key = {};
	struct flow flow = {};
	u8 bytes[FLOW_TUPLE] = {};
	u32 hash, second;
	u64 now;

	/* A UDP port may be open to all: the tuple of its packets proves nothing. */
	if (sk->protocol == IPPROTO_UDP || (tcp && (state->flow || sk->state == TCP_LISTEN)))
		return;
	/* The shortest packets that have a tuple are shorter than all we may look at. */
	if (bpf_skb_load_bytes(ctx, 0, bytes, 48) && bpf_skb_load_bytes(ctx, 0, bytes, 28))
		return;
	if (!flow_of(bytes, true, &key))
		return;
	hash = flow_hash(&key);
	now = bpf_ktime_get_ns();
	second = now / 1000000000;
	if (state->flow == hash && second < state->flow_second + FLOW_TELL_SECONDS)
		return;
	key.netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
	flow.owner = state->owner;
	flow.cookie = state->cookie;
	flow.since = flow.time = now;
	flow.lasting = tcp;
	flow.shared = state->shared;
	if (bpf_map_update_elem(&flows, &key, &flow, BPF_ANY)) {
		__sync_fetch_and_add(&control.flows_refused, 1);
		return;
	}
	state->flow = hash;
	state->flow_second = second;
}

/* The socket that a process holds, as far as we know it. */
struct held_socket {
	struct socket_state *state; /* NULL: nothing is known */
	u64 carrier;		    /* cookie of the socket on the packet */
	u64 cookie;		    /* of the one that a process has */
	struct mptcp_sock *msk;	    /* NULL: it is none */
	bool kernel;		    /* no process ever sees it */
};

/* Multipath TCP: packets carry a subflow, which the kernel makes and no process ever sees;
 * it stands for the msk that it belongs to (Go listens with MPTCP since 1.24). */
static __always_inline bool find_msk(struct bpf_sock *sk, struct held_socket *held)
{
	struct mptcp_sock *msk;

	/* Only a stream: 6.1 takes any socket of this protocol for one of TCP, reads behind the
	 * end of a raw one (the kernel's own, which sends RSTs, is one), and crashes. */
	if (!config.has_mptcp || sk->protocol != IPPROTO_TCP || sk->type != SOCK_STREAM)
		return false;
	msk = (struct mptcp_sock *)bpf_skc_to_mptcp_sock(sk);
	if (!msk)
		return false;
	held->state = bpf_sk_storage_get(&sockets, msk, NULL, 0);
	held->cookie = msk_cookie(msk->sk.icsk_inet.sk.__sk_common.skc_cookie.counter, msk->token);
	held->msk = msk;
	return true;
}

/* A socket that the kernel made for itself. Its control sockets are raw ones (RST, TIME_WAIT's
 * ACK, echo replies): what they send answers for no socket, and is nobody's. */
static __always_inline bool is_the_kernels(struct sk_buff *skb, struct bpf_sock *sk)
{
	struct sock *kernel_sk = READ(skb, sk);

	return sk->type != SOCK_RAW && kernel_sk &&
	       BPF_CORE_READ_BITFIELD_PROBED(kernel_sk, sk_kern_sock);
}

static __always_inline void find_held(struct __sk_buff *ctx, struct bpf_sock *sk,
				      struct held_socket *held)
{
	held->carrier = bpf_get_socket_cookie(ctx);
	if (find_msk(sk, held))
		return;
	held->state = bpf_sk_storage_get(&sockets, sk, NULL, 0);
	held->cookie = held->carrier;
	/* Nothing is ever learnt of one, so most packets need not be asked. */
	held->kernel = !held->state && is_the_kernels(skb_of(ctx), sk);
}

static __always_inline u32 owner_of_held(const struct held_socket *held, struct owner *owner)
{
	if (held->kernel) {
		owner->start = KERNEL_START;
		owner->uid = KERNEL_UID;
		owner->rank = RANK_USED;
		return EVIDENCE_SOCKET;
	}
	if (!held->state || !held->state->owner.start)
		return EVIDENCE_NONE;
	*owner = held->state->owner;
	owner->rank = rank_of(held->state, held->cookie);
	return EVIDENCE_SOCKET;
}

/* Who sends: the running process where it is evidence, else who used the socket last. */
static __always_inline u32 find_sender(struct bpf_sock *sk, struct held_socket *held,
				       struct owner *owner)
{
	struct task_struct *task = running_task();

	/* The kernel's own sends for whoever wants something of it, and for others after that. */
	if (held->kernel || !running_is_evidence(sk, task, held->state != NULL))
		return owner_of_held(held, owner);
	owner_of_task(task, owner, RANK_USED);
	if (!held->state)
		held->state = bpf_sk_storage_get(&sockets, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (held->state)
		learn_use(held->state, held->cookie, owner);
	return EVIDENCE_RUNNING;
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct sk_buff *skb = skb_of(ctx);
	struct held_socket held = {};
	struct sender sender = {};

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 1;
	find_held(ctx, sk, &held);
	sender.evidence = find_sender(sk, &held, &sender.owner);
	if (held.state && sender.evidence != EVIDENCE_NONE)
		learn_flow(ctx, skb, held.state, sk);
	sender.cookie = held.cookie;
	sender.shared = held.state && held.state->shared;
	leave_note(head_of(skb), held.carrier, &sender);
	return 1;
}

/* Every datagram counts, also one that is not captured (@record is NULL). Returns its arrival. */
static __always_inline u32 place_datagram(struct sock *sk, struct socket_state *state,
					  struct late_owner *receiver, const struct pending *record)
{
	bool overtaken = false;
	u32 arrival;

	receiver->position = number_arrival(sk, state, &arrival, &overtaken);
	if (overtaken)
		tell_unsure_to_all(state->last_numbers);
#pragma unroll
	for (u32 i = 0; i < HOPS; i++)
		state->last_numbers[i] = record ? record->numbers[i] : 0;
	return arrival;
}

SEC("cgroup_skb/ingress")
int on_ingress(struct __sk_buff *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct sk_buff *skb = skb_of(ctx);
	struct pending *record = awaiting(skb);
	struct late_owner receiver = {};
	struct held_socket held = {};
	struct sock *full = READ(skb, sk); /* the same */
	u32 arrival = 0;

	if (!sk)
		return 1;
	sk = bpf_sk_fullsock(sk);
	if (!sk || !full)
		return 1;
	if (!record && sk->protocol == IPPROTO_UDP)
		record = awaiting_whole(skb);
	if (!record && sk->type == SOCK_STREAM)
		return 1;
	find_held(ctx, sk, &held);
	if (held.state && sk->type != SOCK_STREAM)
		arrival = place_datagram(full, held.state, &receiver, record);
	if (!record)
		return 1;
	owner_of_held(&held, &receiver.owner);
	receiver.cookie = held.cookie;
	if (held.state)
		receiver.shared = held.state->shared;
	if (held.msk)
		place_in_connection(full, held.msk, held.state, &receiver);
	if (sk->state == TCP_LISTEN)
		note_listener(held.carrier, &receiver.owner, held.cookie);
	tell_receiver_to_all(record, &receiver);
	if (receiver.position && !came_alone(held.state, arrival))
		tell_unsure_to_all(record->numbers);
	return 1;
}

static __always_inline void end_flow(struct flow_key *key, bool time_wait)
{
	struct flow *flow;

	if (!time_wait) {
		bpf_map_delete_elem(&flows, key);
		return;
	}
	flow = bpf_map_lookup_elem(&flows, key);
	if (flow) {
		flow->time = bpf_ktime_get_ns();
		flow->lasting = 0;
	}
}

/* A connection ends. Those that leave a TIME_WAIT behind keep their entry (the engine ages
 * it): its packets have no socket any more. All others are gone from here on: what the
 * kernel answers for a port that closed a moment ago is nobody's. */
SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(on_tcp_state, struct sock *sk, int old_state, int new_state)
{
	struct inet_sock *inet = (struct inet_sock *)sk;
	struct flow_key key = {};

	if (new_state != TCP_CLOSE || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	key.netns = sk->__sk_common.skc_net.net->ns.inum;
	key.protocol = IPPROTO_TCP;
	key.local_port = BPF_CORE_READ(inet, inet_sport); /* skc_num is 0 by now */
	key.remote_port = sk->__sk_common.skc_dport;
	if (sk->__sk_common.skc_family == AF_INET) {
		v4_mapped(key.local, sk->__sk_common.skc_rcv_saddr);
		v4_mapped(key.remote, sk->__sk_common.skc_daddr);
	} else {
		/* A v4-mapped peer has its mapped addresses here, as the key wants them. */
		BPF_CORE_READ_INTO(&key.local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
		BPF_CORE_READ_INTO(&key.remote, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
	}
	end_flow(&key, old_state == TCP_FIN_WAIT1 || old_state == TCP_FIN_WAIT2 ||
			       old_state == TCP_CLOSING);
	return 0;
}
