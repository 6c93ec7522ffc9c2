/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* maps.h - all state of the kernel side
 *
 * Each map says who writes it, who reads it, who deletes from it, and what happens
 * when it is full. They are weak because every object file has them: the linker
 * (bpftool gen object) keeps one.
 */
#ifndef PTCPDUMP_BPF_MAPS_H
#define PTCPDUMP_BPF_MAPS_H

#include "bpf/kernel_types.h"
#include "shared/filter_context.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Sizes marked "set at load" depend on options and on the machine. */
#define NOTES		 8192
#define PENDING		 256
#define WHOLES		 64
#define HOPS		 6 /* two namespaces behind bridges of their own, and a router between */
#define FLOWS		 65536
#define SCOPE		 1024
#define SELECTED	 65536
#define SELECTED_NAMES	 1024
#define SELECTED_USERS	 1024
#define SELECTED_CGROUPS 65536
#define DEVICES		 16384

extern const volatile struct config config;
extern struct control control;

/* A socket's owner, with the socket. Written by the learners (learn.bpf.c, socket.bpf.c),
 * read everywhere; it goes when the socket goes. Full (memory cgroup): the socket stays
 * without an owner. */
struct socket_state {
	struct owner owner;
	u64 cookie;	 /* of the socket that this was written for: an accepted one has a copy */
	u32 flow;	 /* hash of the tuple that the flow table has for this socket; 0: none */
	u32 flow_second; /* when it was told; CLOCK_MONOTONIC */
	u32 datagrams;	 /* received so far: datagrams.h */
	u32 arrived;	 /* that came for it */
	u32 sure;	 /* of those received: in what order is known */
	u32 read_to;	 /* a stream's: sequence number, as "stream" says */
	u8 shared;	 /* several processes have used it */
	u8 has_read;	 /* its owner has, and the engine was told */
	u8 stream;	 /* of enum stream */
	u8 numbered;	 /* of enum numbered */
	u32 last_cpu;	 /* that brought the last datagram */
	u64 last_numbers[HOPS]; /* of its records; 0: none */
};

/* Which numbers of a socket are known. */
enum numbered {
	NUMBERED_NOT,
	NUMBERED_DATAGRAMS, /* datagrams, arrived, sure */
	NUMBERED_MULTIPATH, /* arrived: where the stream begins; sure, read_to: multipath.h */
};

/* How far a TCP stream has been read. */
enum stream {
	STREAM_UNKNOWN, /* it is older than the capture */
	STREAM_NEW,	/* nothing of it */
	STREAM_SEEN,	/* to read_to at most, before we could see by whom */
	STREAM_READ,	/* to read_to, by whom we know */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct socket_state);
} sockets __weak SEC(".maps");

/* Who sent the packet with this data, from cgroup_skb/egress to the wire. Direct mapped:
 * a later packet may overwrite a slot, then the socket's storage answers. The slots are
 * shared by all CPUs without a lock, because a queued packet may come out on another one;
 * the seal tells a slot that two CPUs wrote at once. Memory is used again, a socket's
 * too: its cookie is not, and keeps a stale note from fitting another socket's packet, or
 * one that is merely forwarded. */
struct note {
	u64 head;
	u64 carrier; /* cookie of the socket on the packet: of Multipath TCP the subflow's */
	u64 cookie;
	struct owner owner;
	u64 shared; /* several processes have used the socket */
	u32 evidence;
	u32 seal;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOTES);
	__type(key, u32);
	__type(value, struct note);
} notes __weak SEC(".maps");

/* A packet's own marks, which neither a device nor a reassembly changes: see mark_of(). */
struct mark {
	u32 id;
	u32 ports;
	u32 addresses; /* of both ends, hashed */
	u32 sequence;  /* of a TCP segment */
	u16 length;
	u8 protocol;
	u8 fragment;  /* FRAGMENT_*; 0: it is none */
	u16 segments; /* of a datagram that may be cut into so many; else 0 */
	u16 reserved;
};

#define FRAGMENT_FIRST 1
#define FRAGMENT_LATER 2

/* A packet on its way through this machine, from device to device, until a socket takes it
 * (cgroup_skb/ingress in the softirq of the last one). Which records it has made, for they
 * all are told who took it, and who sent it, for a router takes the socket off. Keyed by the
 * data's address, which clones for several receivers share. The data's memory is used again
 * at once, so the way and the packet's own marks must fit, too: see goes_on().
 * Overwritten by later packets: the records stay without a receiver. */
struct pending {
	u64 head;
	u64 skb;
	u64 dev;
	u64 carrier;	   /* cookie of the sender's socket, while it is on */
	u64 numbers[HOPS]; /* of its records: at this device, at the one before, ...; 0: none */
	u64 cookie;	   /* of the sender's socket, and: */
	struct owner sender;
	struct mark mark;
	u32 evidence; /* for the sender */
	u32 shared;   /* several processes have used the sender's socket */
	u32 netns;
	u32 incoming;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PENDING);
	__type(key, u32);
	__type(value, struct pending);
} pending __weak SEC(".maps");

/* Under which address the record waits of a datagram that its socket may get in pieces
 * (whole.h). Found by the flow; written, read and overwritten as "pending" is. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WHOLES);
	__type(key, u32);
	__type(value, u64);
} wholes __weak SEC(".maps");

/* The address of an incoming packet's data by the packet's marks: a router copies the data of
 * one that others hold, too (skb_cow: every TCP segment, and what is being watched). */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PENDING);
	__type(key, u32);
	__type(value, u64);
} pending_by_mark __weak SEC(".maps");

/* Who took an incoming packet. Written by cgroup_skb/ingress, by the wire side (forwarded) and by
 * reads (unsure after all), read by the engine through its memory. About as many entries as records
 * fit the lanes (set at load). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct late_owner);
} late __weak SEC(".maps");

/* Owners for packets that no socket answers for: TIME_WAIT, ICMP echo, what merely passes
 * through. Written and deleted by the kernel side, aged by the engine. Full: refused and counted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FLOWS);
	__type(key, struct flow_key);
	__type(value, struct flow);
} flows __weak SEC(".maps");

/* What happened to each interface's packets. Written by the wire side, read by the engine, and
 * deleted by it when an interface of its own namespace is gone, or another has been silent for a
 * while. Full: packets of further devices are not captured, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, DEVICES);
	__type(key, struct device_key);
	__type(value, struct counters);
} devices __weak SEC(".maps");

/* Which device the packet that this CPU receives now was last seen on, by address. Written
 * by every hook that sees an incoming packet, read by tc's: see reentry.bpf.c. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} seen_on __weak SEC(".maps");

/* What a packet shows to the capture filter. Written by the wire side, read by the filter, which
 * answers in it, and by the capture that the filter calls. One per CPU is enough: all of them
 * run with softirqs off. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct filter_context);
} filter_contexts __weak SEC(".maps");

/* The capture filter, one program for each link kind, and behind them what it calls. Written by
 * the engine before the start; a kind that is missing has no packet that is wanted. Each hook
 * has its own: the kernel keeps programs of different hooks apart. */
struct filters {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, FILTER_CAPTURE + 1);
	__type(key, u32);
	__type(value, u32);
};

struct filters filters_out __weak SEC(".maps"), filters_in __weak SEC(".maps"),
	filters_above __weak SEC(".maps");

/* Is this CPU in a softirq: then the running process did not cause what happens. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} in_softirq __weak SEC(".maps");

/* Which namespaces are captured beside the first. Written by the engine before the start. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SCOPE);
	__type(key, u32);
	__type(value, u32);
} scope __weak SEC(".maps");

/* Whose packets are wanted. Written by the engine before the start, then by process.bpf.c
 * as processes fork, exec and change name; an entry outlives its process for its last
 * packets, and is deleted by the engine. Full: the process is not selected, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SELECTED);
	__type(key, struct process_key);
	__type(value, u32); /* bits of enum selected_by */
} selected __weak SEC(".maps");

/* Names that select: a thread group leader's comm, or the executable's file name. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SELECTED_NAMES);
	__type(key, struct process_name);
	__type(value, u32);
} selected_names __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SELECTED_USERS);
	__type(key, u32);
	__type(value, u32);
} selected_users __weak SEC(".maps");

/* Cgroups whose processes are wanted, or may be: see enum cgroup_wanted. A new one is as its
 * parent, or undecided (cgroup.bpf.c, which deletes it when it goes); the engine decides. Full:
 * its processes are not selected, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SELECTED_CGROUPS);
	__type(key, struct cgroup_key);
	__type(value, u32);
} selected_cgroups __weak SEC(".maps");

/* Network namespaces of containers that are wanted, or may be: what nobody in the container sends
 * there is wanted, too. Written by the engine. Full: refused, and told in the log. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SCOPE);
	__type(key, u32);
	__type(value, u32);
} selected_networks __weak SEC(".maps");

/* What is not a packet, to the engine. Full: the record is lost, and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_RING_SIZE);
} events __weak SEC(".maps");

#endif
