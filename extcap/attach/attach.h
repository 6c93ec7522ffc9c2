/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attach.h - what the engine and ptcpdump-attach say to each other
 *
 * Over a SOCK_SEQPACKET socket, one structure a message. The engine asks for one namespace
 * after the other; each question has answers as they come, and ATTACH_DONE at the end.
 */
#ifndef PTCPDUMP_EXTCAP_ATTACH_ATTACH_H
#define PTCPDUMP_EXTCAP_ATTACH_ATTACH_H

#include <stdint.h>

/* The descriptors that ptcpdump-attach is started with. */
#define ATTACH_SOCKET	  3
#define ATTACH_PROGRAM	  4
#define ATTACH_EVERY	  0  /* instead of a namespace: all that there are */
#define ATTACH_SLOTS_MOST 16 /* programs of others on a hook; the kernel takes 64 */

struct attach_request {
	uint32_t netns;	  /* inode number */
	uint32_t ifindex; /* only this interface there; 0: all */
};

enum attach_what {
	ATTACH_DONE,	/* with the question; error: 0, or why the namespace was not entered */
	ATTACH_ON,	/* attached */
	ATTACH_FULL,	/* not, for there are too many programs of others: error tells how many */
	ATTACH_NO_TCX,	/* not: a kernel before 6.6, where only root may */
	ATTACH_FAILED,	/* not: error */
	ATTACH_CAPLESS, /* other namespaces cannot be entered: no capability */
};

struct attach_answer {
	uint32_t what;
	uint32_t netns;
	uint32_t ifindex;
	int32_t error; /* positive errno */
	char name[16]; /* of the interface; empty where there is none */
};

#endif
