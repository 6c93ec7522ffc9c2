# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# truth.sh - the truth machine: a thousand processes of forty kinds, and every packet's owner
#
# traffic/truth_machine.c starts them, in two namespaces and between, with pids that come back at
# once; each writes down what it sends and reads. TRUTH_PROCESSES=10000 tests/run truth is the
# long one; TRUTH_SEED and TRUTH_KINDS repeat what one has found.

stage() {
	netns_pair a b
	ip -n a route add 239.0.0.0/8 dev va
	ip -n b route add 239.0.0.0/8 dev vb
	in_ns a sysctl -q -w net.ipv4.ping_group_range="0 2147483647"
	in_ns b sysctl -q -w net.ipv4.ping_group_range="0 2147483647"
	SEED=${TRUTH_SEED:-$RANDOM}
	figure "seed $SEED"
}

machine() { # PROCESSES
	# shellcheck disable=SC2086 # the kinds are words
	"$BUILD/tests/traffic/truth_machine" log /run/netns/a /run/netns/b "$SEED" "$1" ${TRUTH_KINDS:-} 2>machine.log ||
		fail "the machine: $(tail -n 3 machine.log)"
}

# Where less is known than elsewhere, and why; nowhere is anybody wrong.
#   packet              no hook tells who reads from a packet socket
LESS=(packet/data=0)

expect_truth() { # [OPTION...]
	figure "$(tail -n 1 machine.log)"
	figure "$(tail -n 1 file.err)"
	# The thread of tcp-io-uring may be a worker of the kernel's, which did it for the process.
	$PYTHON "$TRAFFIC/truth_packets.py" file log --words tcp-io-uring/data --all 95 --share "${LESS[@]}" >answer || {
		sed 's/^figure: //' answer
		fail "$(tail -n 1 answer)"
	}
}

test_truth_machine() {
	local begin
	stage
	capture a ptcpdump.any file --netns a,b --buffer-size 256
	begin=$(now)
	machine "${TRUTH_PROCESSES:-1000}"
	figure "ran for $(milliseconds_since "$begin") ms"
	capture_stop
	expect_truth
	cat answer
}
LIMIT[test_truth_machine]=600

# The servers and their sockets are older than the capture. tcp-prefork and tcp-threads talk to the one whose workers
# all accept from one listener, so nothing but a read tells whose a connection is. A worker serves one at a time: on a
# busy machine data wait longer for one that is free than a packet may (HOLD_ACCEPTED_NS), and are nobody's then.
test_truth_machine_that_was_there_before() {
	local LESS=("${LESS[@]}" tcp-threads/data=75 tcp-prefork/data=75)
	stage
	TRUTH_GO=go machine "${TRUTH_PROCESSES:-500}" &
	local machine=$!
	eventually 10 grep -qs '^L udp 7106' log
	sleep 0.3
	capture a ptcpdump.any file --netns a,b --buffer-size 256
	touch go
	wait $machine
	capture_stop
	expect_truth
	tail -n 3 answer
}
LIMIT[test_truth_machine_that_was_there_before]=600

# Several take datagrams from one socket at once, as fast as they can: not one may be the other's.
test_truth_of_datagrams_that_several_read() {
	local TRUTH_KINDS=udp-prefork
	stage
	capture a ptcpdump.any file --netns a,b --buffer-size 256
	machine 2000
	capture_stop
	expect_truth
	tail -n 3 answer
}
