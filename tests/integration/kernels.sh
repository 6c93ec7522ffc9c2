# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# kernels.sh - what other kernels lack is taken away here: the capture goes on, and names nobody wrong
#
# "--without HOOK" is as if the kernel refused that hook; "--without dynptr" makes packets come by
# perf output, as they do before 6.12. tests/matrix runs these and others on such kernels.

LOCAL=(--local 10.77.0.1,fd77::1)

# Every capture of these tests is without these.
WITHOUT=()
eval "engine_$(declare -f capture)"
capture() { engine_capture "$@" "${WITHOUT[@]}"; }

# The same claims as on this kernel.
. "$SOURCE/tests/integration/owners.sh"
. "$SOURCE/tests/integration/links.sh"

# --- which hooks there are ----------------------------------------------------------------------

# For people: what this kernel has. Fails only where nothing can be captured at all.
test_hooks_of_this_kernel() {
	netns a
	capture a ptcpdump.any file --log-level debug
	capture_stop file
	figure "$(uname -r): packets by $(grep -q 'by perf output' file.log && echo perf output || echo dynptr)"
	figure "instead: $(sed -n 's/.* info: hook \([a-z0-9-]*\) is on$/\1/p' file.log | paste -sd ' ' || true)"
	figure "off: $(sed -n 's/.* hook \([a-z-]*\) is off.*/\1/p' file.log | paste -sd ' ' || true)"
	[ "$(grep -c 'hook .* is on$' file.log)" -ge 6 ] || fail "hardly a hook is on"
}

# What bpf/stack.h says of interrupts, asked of this kernel: with user space and the kernel both busy
# they come in every place.
test_stack_tells_of_softirqs() {
	[ "$(uname -m)" = x86_64 ] && ! uname -v | grep -q PREEMPT_RT || skip "softirqs have no stack here"
	netns_pair a b
	serve b udp-server 10.77.0.2 5300 --silent
	spawn a sh -c 'while :; do :; done'
	spawn a "$BUILD/tests/traffic/flood" 10.77.0.2 5300 300000 64 100000
	"$BUILD/tests/kernel/softirqs" 3 >counted || fail "wrong: $(cat counted)"
	figure "$(cat counted)"
	awk '{ exit !($1 > 1000 && $5 > 10 && $15 > 1000) }' counted || fail "too few: $(cat counted)"
}

# --- without one hook each ----------------------------------------------------------------------

# A bit of all: clients and servers, older than the capture and younger, forked, brief.
some_of_all() {
	netns_pair a b
	serve a tcp-server :: 8080 --worker fork
	serve a udp-server :: 5300
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	capture a ptcpdump.any file "$@"
	serve a tcp-server :: 8081
	talk b tcp-client 10.77.0.1 8080
	talk b tcp-client fd77::1 8081
	talk b udp-client 10.77.0.1 5300
	talk a tcp-client 10.77.0.2 8080
	talk a udp-client fd77::2 5300 --connected
	talk a udp-client 10.77.0.2 5300
	in_ns a $PYTHON "$TRAFFIC/many.py" 10 2 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	capture_stop
}

# without HOOK RIGHT [CONTEXT]: at least RIGHT per cent have their owner, and of its words those
# of CONTEXT are as they must be.
FILTER=()
without() {
	some_of_all --without "$1${STANDS_IN:-}" "${FILTER[@]}"
	[ "$(grep -c "hook $1 is off" file.log)" = 1 ] || fail "the log does not say once that $1 is off: $(cat file.log)"
	expect_owners file "${LOCAL[@]}" --right "$2" --context "${3:-process,thread,user,parentproc}" --at-least 150
}

# Names come from these: without, the owners are still right.
test_without_exec() { without exec 99 user; }
test_without_fork() { without fork 99 user; }
test_without_exit() { without exit 99; }
test_without_rename() { without rename 99; }
test_without_known_processes() { without known-processes 99 user; }

# Owners come from these.
test_without_softirq_entry() { without softirq-entry 80; }
test_without_softirq_exit() { without softirq-exit 80; }

# As with PREEMPT_RT: the tracepoints tell.
test_without_softirq_stacks() {
	some_of_all --without softirq-stacks --log-level debug
	grep -q 'hook softirq-entry is on' file.log || fail "the tracepoints are not asked"
	expect_owners file "${LOCAL[@]}" --right 99 --at-least 150
}
test_without_sock_create() { without sock-create 80; }
test_without_send() { without send 95; }
test_without_receive() { without receive 80; }
test_without_tcp_state() { without tcp-state 99; }
test_without_held_sockets() { without held-sockets 80; }

test_without_stream() { without stream 95; }

# Containers come from these: the owners are who they were.
test_without_cgroup_new() { without cgroup-new 99; }
test_without_cgroup_move() { without cgroup-move 99; }
test_without_cgroup_gone() { without cgroup-gone 99; }
test_without_reentry() { without reentry 99; }
test_without_wanted_reentry() { FILTER=(--extcap-capture-filter 'ip or ip6'); without wanted-reentry 99; }

# What stands in for send and receive, where these are missing, too.
test_without_send_inet() { STANDS_IN=,send,receive without send-inet 80; }
test_without_send_inet6() { STANDS_IN=,send,receive without send-inet6 80; }
test_without_receive_inet() { STANDS_IN=,send,receive without receive-inet 80; }
test_without_receive_inet6() { STANDS_IN=,send,receive without receive-inet6 80; }

# A hook that is not required is one that some kernel refuses: what is lost then has its test here.
test_each_hook_that_may_be_missing_has_its_test() {
	. "$SOURCE/tests/integration/faults.sh"
	local name program required untested=() seen=0
	while read -r name program required; do
		seen=$((seen + 1))
		[ "$required" = true ] || declare -F "test_without_${name//-/_}" >/dev/null || untested+=("$name")
	done < <(hooks)
	[ $seen -ge 25 ] || fail "only $seen hooks are met"
	[ ${#untested[@]} = 0 ] || fail "no test is without ${untested[*]}"
}

# As on 6.1, which has neither tracepoint.
test_without_send_and_receive() {
	some_of_all --without send,receive,dynptr
	expect_owners file "${LOCAL[@]}" --right 80 --at-least 150
}

# Everything that can be missing is: packets come all the same.
test_with_the_least() {
	some_of_all --without exec,fork,exit,rename,softirq-entry,softirq-exit,sock-create,send,receive,tcp-state,known-processes,held-sockets,dynptr
	expect_owners file "${LOCAL[@]}" --right 0 --context "" --at-least 150
}

# --- packets by perf output ---------------------------------------------------------------------

for name in tcp_client tcp_server udp_client udp_server loopback ping_by_raw_socket ping_by_datagram_socket \
	closed_port_answers_for_nobody prefork_worker_owns_what_it_serves shared_datagram_socket \
	processes_of_a_millisecond order_is_that_of_time acceptance_sixty_curls_and_a_forking_server \
	same_packets_as_tcpdump_on_veth vlan_tag_is_in_its_place snapshot_length_cuts \
	one_statistics_block_for_each_interface burst_of_a_hundred_thousand burst_into_a_small_ring; do
	declare -F "test_$name" >/dev/null || continue
	eval "test_by_perf_output_$name() { WITHOUT=(--without dynptr); test_$name; }"
done

# A sample has 16 bits for its length. What TCP hands to a device at once fits; of what is longer,
# which only loopback has, the end is missing, and the length tells so.
test_by_perf_output_longest_packets_are_cut() {
	WITHOUT=(--without dynptr)
	netns a
	serve a udp-server :: 5300
	capture a ptcpdump.any file
	talk a udp-client 127.0.0.1 5300 --bytes 65184 --messages 1 # with its headers, 65,226
	talk a udp-client 127.0.0.1 5300 --bytes 65507 --messages 2
	capture_stop
	tshark -r file -T fields -e frame.cap_len -e frame.len | sort | uniq -c >lengths
	cat lengths
	[ "$(awk '$2 == 65226 && $3 == 65226 { print $1 }' lengths)" = 1 ] || fail "a packet of 65,226 bytes is not whole"
	[ "$(awk '$2 > 65226 && $3 == 65549 { print $1 }' lengths)" = 2 ] || fail "longer ones are not cut as they should be"
}
