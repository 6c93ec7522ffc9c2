/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* record.h - what the kernel side hands to user space
 *
 * Fixed-width types, no padding holes, the same bytes on both sides. Times are
 * nanoseconds of CLOCK_MONOTONIC, but for the start time of a process, which the
 * kernel keeps in CLOCK_BOOTTIME. Numbers are in host order, addresses and ports
 * as on the wire.
 *
 * Packets come by the lanes of their CPUs (lane.h), all else by a ring that is drained first,
 * so that a flood of packets never costs a process its name.
 */
#ifndef PTCPDUMP_SHARED_RECORD_H
#define PTCPDUMP_SHARED_RECORD_H

#ifdef __bpf__
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
#else
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
#endif

/* How firmly a socket's owner is known: a stronger claim replaces a weaker one. */
enum rank {
	RANK_NONE,	/* nobody is known */
	RANK_HELD,	/* found in a descriptor table when the capture began */
	RANK_INHERITED, /* accepted: copied from the listening socket */
	RANK_CREATED,	/* made the socket */
	RANK_USED,	/* sent or received by it */
};

/* Why a record names its owner. */
enum evidence {
	EVIDENCE_NONE,	  /* nobody is named */
	EVIDENCE_RUNNING, /* the process whose system call sent it */
	EVIDENCE_SOCKET,  /* the socket's storage */
	EVIDENCE_FLOW,	  /* the flow table, where no socket answers any more */
};

/* An owner is (tgid, start), never a bare pid: pids come back. */
struct owner {
	u64 start; /* of the thread group's leader, CLOCK_BOOTTIME; 0: nobody */
	u32 tgid;
	u32 tid; /* the thread that did it */
	u32 uid; /* effective, at that use */
	u32 rank;
};

/* The owner of a socket that the kernel made for itself (NFS, WireGuard, VXLAN): pid 0, which no
 * process has, and a start at which none has begun. It is no user's. */
#define KERNEL_START 1
#define KERNEL_UID   0xffffffffU

enum direction { DIRECTION_IN = 1, DIRECTION_OUT = 2 };

/* flags of a packet record */
#define PACKET_VLAN	 0x01 /* a tag stood in metadata: vlan_tci and vlan_proto */
#define PACKET_MULTICAST 0x02 /* several sockets may receive it */
#define PACKET_PASSING	 0x04 /* outgoing, without a socket: forwarded, or the kernel's own */
#define PACKET_UNSURE	 0x08 /* the engine decides whether the capture filter wants it; whole */

struct packet_record {
	u64 time;
	u64 number; /* place in the late table, and its check; 0: not there */
	u64 cookie; /* of the socket; 0: none, or not yet known */
	struct owner owner;
	struct owner peer; /* incoming: the sender, where it is on this machine */
	u32 netns;	   /* inode number of the network namespace */
	u32 ifindex;	   /* in that namespace */
	u32 length;	   /* of the packet as tcpdump would count it, without a tag in metadata */
	u32 captured;
	u32 lost;     /* packets of this interface lost before this one, on this CPU */
	u16 hardware; /* ARPHRD_* of the device */
	u16 vlan_tci;
	u16 vlan_proto; /* network order, as in the frame */
	u8 direction;
	u8 evidence;
	u8 flags;
	u8 mac_length; /* of the captured bytes: link layer that the kernel had taken off */
	u8 network;    /* from there to the network header, where it still stands behind its
			* link layer */
	u8 reserved;
	u8 data[]; /* the packet: captured bytes */
};

/* The most that was taken off: Ethernet's link layer has 14 bytes, InfiniBand's 24. A power of two:
 * the kernel side masks with it. */
#define MAC_ROOM 32

/* The most of a packet that a record holds. A block of over 262,144 bytes ends dumpcap's
 * capture; what it leaves is for the options, comments above all. */
#define PAYLOAD_MAX 196608

/* What cgroup_skb/ingress learns after the packet's record was made: which socket took it. */
struct late_owner {
	u64 number; /* of the record; anything else: overwritten, or never filled */
	u64 cookie;
	struct owner owner;
	u32 receivers; /* sockets of different owners that took it: above 1 nobody is named */
	u32 position;  /* of a datagram: which one it is for its socket; 0: not known */
	u32 more;      /* datagrams behind that one, which the packet was cut into */
	u8 shared;     /* several processes have used the socket */
	u8 forwarded;  /* another device has sent it on; receivers may be 0 */
	u16 multipath; /* bits of enum multipath */
	u32 subflow;   /* sequence number that the subflow's mappings count from */
	u32 begin;     /* data sequence number of the connection's first byte */
};

/* What is known of a packet's place in a Multipath TCP connection. */
enum multipath {
	MULTIPATH_SUBFLOW = 1, /* it is one's, and "subflow" is known */
	MULTIPATH_BEGIN = 2,   /* "begin" is known, too */
};

enum process_event_kind {
	PROCESS_KNOWN, /* was there when the capture began */
	PROCESS_FORK,
	PROCESS_EXEC,
	PROCESS_RENAME, /* a thread's name changed */
	PROCESS_EXIT,	/* the last thread is gone */
	THREAD_NEW,
	THREAD_EXIT,
	SOCKET_READ,  /* a struct read_event */
	LINK_SEEN,    /* a struct link_event */
	PROCESS_MOVE, /* it is in other cgroups now */
	CGROUP_NEW,   /* a struct cgroup_event: it was made, or is that of a process */
	CGROUP_GONE,  /* likewise: nothing is in it, nor will be */
};

#define EVENTS_RING_SIZE  (4 << 20)
#define COMM_LENGTH	  16
#define PATH_COMPONENTS	  24
#define PATH_LENGTH	  1024
#define ARGS_LENGTH	  4096
#define ARGS_LENGTH_SMALL 512

/* flags of a process event */
#define EVENT_ARGS_CUT 0x01
#define EVENT_PATH_CUT 0x02

struct process_event {
	u64 time;
	u16 kind;
	u16 flags;
	u16 path_length; /* bytes of data[]: the path's names, the last one first, each ended by NUL
			  */
	u16 args_length; /* bytes of data[] behind the path: the arguments, each ended by NUL */
	struct owner owner;
	u64 parent_start;
	u32 parent_tgid;
	u32 pid; /* in the engine's pid namespace; 0: not there, or not known */
	/* Its cgroups: of v2, and the first of some v1 hierarchies that is not their root; 0: none.
	 * Ids are of one hierarchy: another may have the same. */
	u64 cgroup_v2;
	u64 cgroup_v1;
	u32 cgroup_v1_hierarchy;
	/* Inode numbers of its namespaces; 0: it has none any more */
	u32 netns;
	u32 pid_ns;
	u32 mount_ns;
	char comm[COMM_LENGTH];
	char data[];
};

/* A cgroup, in the same ring. */
struct cgroup_event {
	u64 time;
	u16 kind;
	u16 flags;
	u16 path_length; /* bytes of data[]: as in a process event, of the path below the root */
	u16 reserved;
	u64 id;
	u32 hierarchy; /* 0: v2's */
	u32 reserved_too;
	char data[];
};

/* Who read from a socket, and what, in the same ring: told of each process's first read, and
 * of every one from a socket that several have used. */
#define READ_POSITION 0x01 /* position and end are known */
#define READ_ALONE    0x02 /* nobody else has used the socket: further reads are not told of */
#define READ_ONE_OF   0x04 /* of what lies from position to end; others may have read the rest */

struct read_event {
	u64 time;
	u16 kind;
	u16 flags;
	u32 length; /* bytes */
	u64 cookie;
	struct owner owner;
	/* What was read, from position to before end: of a TCP stream sequence numbers (of
	 * Multipath TCP data sequence numbers), else one of these datagrams, in the order of
	 * their arrival. They wrap. */
	u32 position;
	u32 end;
};

/* An interface's first packet, or its first under a new name: LINK_SEEN, in the same ring. */
#define LINK_NAME_LENGTH 16

struct link_event {
	u64 time;
	u16 kind;
	u16 hardware;
	u32 netns;
	u32 ifindex;
	u32 reserved;
	char name[LINK_NAME_LENGTH];
};

/* One per (namespace, interface) and CPU; they add up (see bpf/wire.bpf.c). */
struct counters {
	u64 seen;		     /* packets that passed the hook: rejected by the capture
				      * filter, unless any of these: */
	u64 unselected;		     /* not of a process that is wanted */
	u64 captured;		     /* records that have reached their lane */
	u64 lost;		     /* no room there */
	u64 reported;		     /* of lost: already told by a record */
	char name[LINK_NAME_LENGTH]; /* the interface's, as it was told last */
};

struct device_key {
	u32 netns;
	u32 ifindex;
};

/* The flow table: owners of packets that no socket answers for. */
struct flow_key {
	u32 netns;
	u16 local_port; /* of an ICMP echo its number */
	u16 remote_port;
	u8 local[16]; /* IPv4 as v4-mapped */
	u8 remote[16];
	u32 protocol;
};

struct flow {
	struct owner owner;
	u64 cookie;
	u64 since;    /* this socket has the tuple */
	u64 time;     /* it was last told, or the connection's end */
	u16 lasting;  /* of a TCP connection that has not ended: does not age */
	u16 replaced; /* another socket had the tuple before */
	u32 shared;   /* several processes have used the socket */
};

/* A flow that does not last is told again while it is in use, and forgotten when it was
 * not for longer than TIME_WAIT takes (60 s, TCP_TIMEWAIT_LEN). */
#define FLOW_TELL_SECONDS 20
#define FLOW_KEEP_SECONDS 70

_Static_assert(sizeof(struct owner) == 24, "no padding");
_Static_assert(sizeof(struct packet_record) == 104, "no padding");
_Static_assert(sizeof(struct late_owner) == 64, "no padding");
_Static_assert(sizeof(struct read_event) == 56, "no padding");
_Static_assert(sizeof(struct process_event) == 104, "no padding");
_Static_assert(sizeof(struct cgroup_event) == 32, "no padding");
_Static_assert(sizeof(struct link_event) == 40, "no padding");
_Static_assert(sizeof(struct counters) == 56, "no padding");
_Static_assert(sizeof(struct flow_key) == 44, "no padding: it is hashed as bytes");
_Static_assert(sizeof(struct flow) == 56, "no padding");

#endif
