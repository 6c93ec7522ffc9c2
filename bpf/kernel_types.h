/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* kernel_types.h - the few kernel structs we read, with the fields we read
 *
 * preserve_access_index makes every access relocatable: libbpf looks the field up
 * by name in the running kernel's BTF, so neither order nor offset matters here
 * (CO-RE). A whole vmlinux.h would be 3 MB of text for these fields.
 */
#ifndef PTCPDUMP_BPF_KERNEL_TYPES_H
#define PTCPDUMP_BPF_KERNEL_TYPES_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include <stdbool.h>

#include "shared/record.h"
#include "shared/control.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* namespaces and devices */

struct ns_common {
	unsigned int inum;
};

struct ipv6_devconf {
	int forwarding;
};

struct netns_ipv6 {
	struct ipv6_devconf *devconf_all;
};

struct net {
	struct ns_common ns;
	struct netns_ipv6 ipv6;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct Qdisc {
	int (*enqueue)(void);
};

struct netdev_queue {
	struct Qdisc *qdisc;
};

#define DEVCONF_FORWARDING 0 /* IPV4_DEVCONF_FORWARDING counts from 1 */

struct ipv4_devconf {
	int data[1];
};

struct in_device {
	struct ipv4_devconf cnf;
};

struct net_device {
	unsigned int flags;
	struct in_device *ip_ptr;
	void *rx_handler; /* of a bridge, a bond, a macvlan's lower device, Open vSwitch */
	void *xdp_prog;
	void *nf_hooks_ingress;
	void *tcx_ingress;   /* from 6.6 on */
	void *miniq_ingress; /* before */
	int ifindex;
	unsigned short type;
	char name[LINK_NAME_LENGTH];
	possible_net_t nd_net;
	struct netdev_queue *_tx;
};

/* sockets and packets */

typedef struct {
	long long counter;
} atomic64_t;

struct in6_addr {
	union {
		u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	unsigned short skc_family;
	volatile unsigned char skc_state;
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	u16 skc_num;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	possible_net_t skc_net;
	atomic64_t skc_cookie;	   /* 0 until somebody has asked for it */
	struct sock *skc_listener; /* of a request socket (TCP_NEW_SYN_RECV) */
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	int owned;
} socket_lock_t;

/* From 6.18 on drops are counted here. */
struct numa_drop_counters {
	atomic_t drops0;
	atomic_t drops1;
};

struct sk_buff_head {
	struct sk_buff *next;
	u32 qlen;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	socket_lock_t sk_lock;
	atomic_t sk_drops;
	struct numa_drop_counters *sk_drop_counters;
	u16 sk_type;
	u16 sk_protocol;
	u8 sk_kern_sock : 1;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	void *icsk_ulp_data;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	u32 copied_seq;
	u32 rcv_nxt;
	u64 bytes_received;
};

struct tcp_skb_cb {
	u32 end_seq;
};

struct udp_sock {
	struct sk_buff_head reader_queue;
};

struct mptcp_sock {
	struct inet_connection_sock sk;
	u64 ack_seq;
	u64 bytes_consumed; /* from 6.7 on */
	u32 token;
	bool can_ack;
	struct sock *first;
};

struct mptcp_subflow_context {
	u32 ssn_offset;
};

struct socket {
	struct sock *sk;
};

struct sk_buff {
	unsigned long _nfct;
	struct sock *sk;
	struct net_device *dev;
	unsigned char *head;
	unsigned char *data;
	unsigned int end; /* offset from head */
	unsigned int len;
	unsigned int data_len;
	__be16 protocol;
	__be16 vlan_proto;
	u16 vlan_tci;
	u16 mac_header;
	u16 network_header;
	u8 pkt_type : 3;
	char cb[48];
};

struct skb_shared_info {
	unsigned short gso_size;
	unsigned short gso_segs;
};

/* Up to 5.18 a bit says whether the tag counts, later "vlan_all is not 0" does. */
struct sk_buff___vlan_all {
	u32 vlan_all;
};

struct sk_buff___vlan_present {
	u8 vlan_present : 1;
};

/* processes */

typedef struct {
	unsigned int val;
} kuid_t;

struct cred {
	kuid_t euid;
};

struct signal_struct {
	atomic_t live;
};

struct qstr {
	u32 len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	struct file *exe_file;
};

/* cgroups and namespaces */

enum cgroup_subsys_id {
	cpuset_cgrp_id,
	memory_cgrp_id,
	devices_cgrp_id,
	pids_cgrp_id,
};

struct kernfs_node {
	const char *name;
	u64 id;
};

struct cgroup_root {
	unsigned int subsys_mask;
	int hierarchy_id;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct cgroup {
	struct cgroup_subsys_state self;
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct pid_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* What the kernel keeps of user space's registers. */
struct pt_regs {
	unsigned long orig_ax; /* x86's: the system call's number, -1 where there is none */
};

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	u64 start_boottime;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	const struct cred *cred;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct css_set *cgroups;
	struct nsproxy *nsproxy;
	u8 in_execve : 1;
	char comm[COMM_LENGTH];
};

struct linux_binprm;
struct msghdr;

/* iterators */

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

#pragma clang attribute pop

/* A tracepoint's packet is a pointer that may be followed, which costs no call, and so is a
 * cgroup's from 6.2 on; of tc, and before, it is a number (PACKET_BY_ADDRESS). */
#ifdef PACKET_BY_ADDRESS
#define READ(pointer, field) BPF_CORE_READ(pointer, field)
#else
#define READ(pointer, field) ((pointer)->field)
#endif

/* Constants of the kernel's that no header gives to an eBPF program. */
#define AF_INET		 2
#define AF_INET6	 10
#define AF_PACKET	 17
#define MSG_PEEK	 2
#define MSG_ERRQUEUE	 0x2000
#define SOCK_STREAM	 1
#define SOCK_DGRAM	 2
#define SOCK_RAW	 3
#define IPPROTO_ICMP	 1
#define IPPROTO_TCP	 6
#define IPPROTO_UDP	 17
#define IPPROTO_FRAGMENT 44
#define IPPROTO_ICMPV6	 58
#define ETH_P_8021Q	 0x8100
#define ETH_P_8021AD	 0x88A8
#define VLAN_TAG_LENGTH	 4
#define IPPROTO_MPTCP	 262
#define ARPHRD_LOOPBACK	 772
#define IFF_LOOPBACK	 0x8
#define PF_EXITING	 0x00000004 /* include/linux/sched.h */
#define PF_IO_WORKER	 0x00000010
#define PF_KTHREAD	 0x00200000 /* io_uring's workers lack it */
#define TCP_FIN_WAIT1	 4
#define TCP_FIN_WAIT2	 5
#define TCP_CLOSE	 7
#define TCP_LISTEN	 10
#define TCP_CLOSING	 11
#define TCP_NEW_SYN_RECV 12
#define PACKET_TYPE_MANY(type)                                             \
	((type) == 1 || (type) == 2) /* PACKET_BROADCAST, PACKET_MULTICAST \
				      */

/* A copy of what this machine sends to many, for its own sockets. */
#define PACKET_TYPE_LOOPBACK 5

/* What the taps say of a packet that is sent; the packet itself does not. */
#define PACKET_TYPE_OUTGOING 4

/* A pointer's number. The verifier allows no arithmetic with pointers, but to negate one, which
 * makes it a number; where it has been one already it remains what it is. */
static __always_inline u64 number_of(const volatile void *pointer)
{
	u64 number = (u64)pointer;

	asm volatile("%0 = -%0; %0 = -%0" : "+r"(number));
	return number;
}

#define barrier() asm volatile("" ::: "memory")
#define likely(x) __builtin_expect(!!(x), 1)

#endif
