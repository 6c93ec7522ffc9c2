// SPDX-License-Identifier: GPL-2.0-or-later
/* hooks.c - the eBPF programs: what each is for, and what is lost without it */
#include "extcap/capture/hooks.h"

#include <string.h>

const struct hook hooks[] = {
	{"exec", "on_exec", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "a process that starts during the capture has its parent's name"},
	{"fork", "on_fork", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "processes that start during the capture have no name before their exec"},
	{"exit", "on_exit", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "ended processes are never forgotten"},
	{"rename", "on_rename", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "a thread that renames itself keeps its old name"},
	{"cgroup-new", "on_cgroup_mkdir", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "the containers of the capture's own time are met with their first process"},
	{"cgroup-move", "on_cgroup_attach", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "a container's first process is not known to be in it"},
	{"cgroup-gone", "on_cgroup_release", PLACE_TRACEPOINT, STAGE_PROCESS, false,
	 "the cgroups of containers that ended are never forgotten"},
	{"softirq-entry", "on_softirq_entry", PLACE_SOFTIRQ, STAGE_LEARN, false,
	 "the running process is no evidence: a shared socket's packets go to its last user"},
	{"softirq-exit", "on_softirq_exit", PLACE_SOFTIRQ, STAGE_LEARN, false,
	 "the running process is no evidence: a shared socket's packets go to its last user"},
	{"sock-create", "on_sock_create", PLACE_CGROUP, STAGE_LEARN, false,
	 "a socket has no owner before its first use"},
	{"send", "on_sock_send", PLACE_TRACEPOINT, STAGE_LEARN, false,
	 "senders are learnt from their packets alone"},
	{"receive", "on_sock_recv", PLACE_TRACEPOINT, STAGE_LEARN, false,
	 "who reads from a socket is not learnt: its packets go to who made it or sent last"},
	{"stream", "on_stream_read", PLACE_TRACEPOINT, STAGE_LEARN, false,
	 "who reads from a connection by splice or sendfile is not learnt"},
	{"send-inet", "on_inet_send", PLACE_FUNCTION, STAGE_LEARN, false,
	 "as without send, over IPv4"},
	{"send-inet6", "on_inet6_send", PLACE_FUNCTION, STAGE_LEARN, false,
	 "as without send, over IPv6"},
	{"receive-inet", "on_inet_recv", PLACE_FUNCTION, STAGE_LEARN, false,
	 "as without receive, over IPv4"},
	{"receive-inet6", "on_inet6_recv", PLACE_FUNCTION, STAGE_LEARN, false,
	 "as without receive, over IPv6"},
	{"tcp-state", "on_tcp_state", PLACE_TRACEPOINT, STAGE_LEARN, false,
	 "packets for connections that were just reset may be given to their last owner"},
	{"egress", "on_egress", PLACE_CGROUP, STAGE_LEARN, true,
	 "outgoing packets would have no owner"},
	{"ingress", "on_ingress", PLACE_CGROUP, STAGE_LEARN, true,
	 "incoming packets would have no owner"},
	{"known-processes", "find_processes", PLACE_ITERATOR, STAGE_FIND, false,
	 "processes older than the capture have no name"},
	{"held-sockets", "find_held_sockets", PLACE_ITERATOR, STAGE_FIND, false,
	 "sockets older than the capture have no owner before their next use"},
	{"transmit", "on_transmit", PLACE_TRACEPOINT, STAGE_WIRE, true,
	 "no outgoing packets would be seen"},
	{"receive-packet", "on_receive", PLACE_TRACEPOINT, STAGE_WIRE, true,
	 "no incoming packets would be seen"},
	{"reentry", "on_reentry", PLACE_DEVICE, STAGE_WIRE, false,
	 "what VLAN, macvlan, bond and such interfaces receive shows on the one below only"},
	{"wanted-transmit", "on_wanted_transmit", PLACE_FILTER, STAGE_WIRE, true,
	 "with a capture filter no outgoing packets would be captured"},
	{"wanted-receive-packet", "on_wanted_receive", PLACE_FILTER, STAGE_WIRE, true,
	 "with a capture filter no incoming packets would be captured"},
	{"wanted-reentry", "on_wanted_reentry", PLACE_FILTER, STAGE_WIRE, false,
	 "with a capture filter, as without reentry"},
};

const guint hooks_count = G_N_ELEMENTS(hooks);

const struct hook *hook_by_program(const char *program)
{
	for (guint i = 0; i < hooks_count; i++)
		if (strcmp(hooks[i].program, program) == 0)
			return &hooks[i];
	return NULL;
}
