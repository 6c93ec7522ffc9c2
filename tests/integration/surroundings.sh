# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# surroundings.sh - what happens around a capture: the time is set, somebody stops, others come and go, things vanish

. "$SOURCE/tests/integration/pressure.sh" # stage, flood, expect_accounts

# --- time ---------------------------------------------------------------------------------------

# The seconds since 1970 of each packet, as whole numbers, in the order of the file.
seconds() { tshark -r "$1" -Y "udp.dstport == 5300" -T fields -e frame.time_epoch | sed 's/\..*//'; }

# expect_at WHEN FROM TO: those packets are of then, some seconds more or less.
expect_at() {
	seconds file | sed -n "$2,$3p" | awk -v when="$1" '{ n++; if ($1 < when - 50 || $1 > when + 50) bad++ } END { exit bad || !n }' ||
		fail "packets $2 to $3 are not of $1: $(seconds file | xargs)"
}

# Forward by an hour, back by two: packets have the time of then, and owners do not care.
test_time_of_day_is_set() {
	local now
	netns_pair a b
	serve b udp-server :: 5300 --silent
	mkfifo set
	echo 0 >ahead
	CLOCK_AHEAD=$PWD/ahead CLOCK_SET=$PWD/set CLOCK_ARMED=$PWD/armed LD_PRELOAD=$BUILD/tests/faults/clock.so \
		capture a ptcpdump.any file
	# When it is set, and not before the year 2200: one that has come would be told of for ever.
	[ "$(cut -d' ' -f 1 armed)" = 3 ] && [ "$(cut -d' ' -f 2 armed)" -gt 7258118400 ] || fail "waits for $(cat armed)"
	now=$(date +%s)
	talk a udp-client 10.77.0.2 5300 --silent --messages 5
	set_clock 3600
	talk a udp-client 10.77.0.2 5300 --silent --messages 5
	set_clock -3600
	talk a udp-client 10.77.0.2 5300 --silent --messages 5
	capture_stop
	expect_at "$now" 1 5
	expect_at $((now + 3600)) 6 10
	expect_at $((now - 3600)) 11 15
	expect_owners file --local 10.77.0.1 --right 100 --at-least 15
}
set_clock() {
	sleep 0.2
	echo "$1" >ahead
	: >armed
	printf '%8s' "$1" >set
	eventually 5 test -s armed || fail "the engine does not look at the time again"
}

# In a time namespace our monotonic clock is not the kernel's, nor are start times in /proc.
test_time_namespace() {
	local now
	unshare --time true 2>/dev/null || lack "no time namespaces here"
	netns_pair a b
	serve b udp-server :: 5300
	serve a udp-server :: 5301 # older than the capture
	printf '#!/bin/sh\nexec unshare --time --monotonic %s --boottime %s "%s" "$@"\n' 1000000 2000000 "$ENGINE" >engine
	chmod +x engine
	ENGINE=$PWD/engine capture a ptcpdump.any file
	now=$(date +%s)
	talk a udp-client 10.77.0.2 5300
	talk b udp-client 10.77.0.1 5301
	capture_stop
	expect_at "$now" 1 5
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 20
}

# --- what the machine has -----------------------------------------------------------------------

# MiB in which the CPUs leave packets, less the fifth of one that each has beside its share; and how many share it.
buffer_of() { # PID
	local id
	for id in $(sed -n 's/^map_id:[ \t]*//p' "/proc/$1/fdinfo"/*); do
		bpftool -j map show id "$id" | $PYTHON -c '
import json, sys
map = json.load(sys.stdin)
if map["name"] == "lanes":
    print(round(map["bytes_value"] / 2**20 - 0.2) * map["max_entries"], map["max_entries"])'
	done
}

# Where nobody says how large the buffer is, it grows with the CPUs; the dialog says the same.
test_buffer_by_the_machine() {
	local cpus size
	need bpftool
	netns a
	cat >with <<-'END'
		#!/bin/sh
		exec unshare --mount --propagation private sh -c 'mount --bind present "$0" && exec "$@"' \
			/sys/devices/system/cpu/present "$PROGRAM" "$@"
	END
	chmod +x with
	for cpus in 2 16 64; do
		size=$((4 * cpus > 32 ? 4 * cpus : 32))
		awk -v size=$size '/^MemTotal/ { exit $2 / 2 ^ 16 < size }' /proc/meminfo || lack "too little memory for $size MiB"
		echo "0-$((cpus - 1))" >present
		PROGRAM=$ENGINE ENGINE=$PWD/with capture a ptcpdump.any "file$cpus"
		! grep -q 'by perf output' "file$cpus.log" || lack "no lanes before Linux 6.12"
		[ "$(buffer_of "${CAPTURES[file$cpus]}")" = "$size $cpus" ] ||
			fail "$cpus CPUs: $(buffer_of "${CAPTURES[file$cpus]}") MiB and CPUs, not $size"
		capture_stop
		PROGRAM=$EXTCAP/ptcpdump ./with --extcap-config --extcap-interface ptcpdump.any >dialog
		grep -q "{value=$size}.*{default=true}" dialog || fail "$cpus CPUs: the dialog says $(grep MiB dialog)"
	done
}

# --- somebody stops -----------------------------------------------------------------------------

# Half a minute without the engine: what happens meanwhile is in its rings, names of the dead as well. What others on
# this machine start in that time may have filled the ring of processes, which the log tells: then once more.
LIMIT[test_stopped_engine]=300
test_stopped_engine() {
	local try
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	cp "$TRUTH" servers
	for try in 1 2 3; do
		cp servers "$TRUTH"
		stop_for_half_a_minute
		expect_accounts file file.err --at-least 120
		grep -q "process records were lost" file.log || break
	done
	if grep -q "process records were lost" file.log; then
		figure "process records were lost three times: this says nothing of names"
		expect_owners file --local 10.77.0.1,fd77::1 --right 0 --context "" --at-least 120
	else
		expect_owners file --local 10.77.0.1,fd77::1 --right 95 --at-least 120
	fi
}
stop_for_half_a_minute() {
	local i begin stopped
	rm -f file
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	begin=$(now)
	kill -STOP "${CAPTURES[file]}"
	for i in 1 2 3 4 5; do
		talk a udp-client 10.77.0.2 5300
		talk a tcp-client 10.77.0.2 8080
		sleep 5
	done
	sleep 5
	grep -q '^State:.T' "/proc/${CAPTURES[file]}/status" || fail "it is not stopped"
	stopped=$(milliseconds_since "$begin")
	kill -CONT "${CAPTURES[file]}"
	figure "stopped for $stopped ms"
	talk a udp-client 10.77.0.2 5300
	capture_stop
}

# dumpcap takes nothing for half a minute: all of it is there afterwards.
LIMIT[test_stopped_dumpcap]=180
test_stopped_dumpcap() {
	local dumpcap begin stopped before
	stage
	spawn a tshark -q -i ptcpdump.any -w live.pcapng
	local tshark=$SPAWNED
	flood_on 64 200
	eventually 20 has_packets live.pcapng 100 || fail "does not capture"
	dumpcap=$(pgrep -P "$tshark" -x dumpcap)
	before=$(pcapng live.pcapng packets)
	begin=$(now)
	kill -STOP "$dumpcap"
	flood 20000
	sleep 30
	stopped=$(milliseconds_since "$begin")
	kill -CONT "$dumpcap"
	eventually 30 has_packets live.pcapng $((before + 20000 + 200 * 25)) || fail "only $(pcapng live.pcapng packets) packets"
	kill -INT "$tshark"
	wait "$tshark" || true
	[ -z "$(tshark -r live.pcapng -Y 'ptcpdump.lost' 2>/dev/null | head -n 1)" ] || fail "packets were lost"
	figure "stopped for $stopped ms; $before packets before, $(pcapng live.pcapng packets) in the end, none lost"
}
has_packets() { [ -s "$1" ] && [ "$(pcapng "$1" packets 2>/dev/null || echo 0)" -ge "$2" ]; }

# Its helpers stop, or die: the capture goes on without, and ends when it shall.
helpers_go() { # SIGNAL
	local engine begin
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	engine=${CAPTURES[file]}
	pkill "-$1" -P "$engine" ptcpdump-attac || fail "no ptcpdump-attach"
	ip netns pids a | while read -r pid; do
		[ "$(cat "/proc/$pid/comm")" != ptcpdump-names ] || kill "-$1" "$pid"
	done
	talk a udp-client 10.77.0.2 5300
	[ "$1" = STOP ] || eventually 5 grep -q "ptcpdump-attach has ended" file.log || fail "the log does not tell"
	[ "$1" = STOP ] || grep -q "ptcpdump-names has ended" file.log || fail "the log does not tell"
	begin=$(now)
	capture_stop
	figure "ended after $(milliseconds_since "$begin") ms"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}
test_helpers_that_stop() { helpers_go STOP; }
test_helpers_that_die() { helpers_go KILL; }

# --- others -------------------------------------------------------------------------------------

LIMIT[test_twenty_captures_at_once]=240
test_twenty_captures_at_once() {
	local i
	netns_pair a b
	serve b tcp-server :: 8080
	for i in $(seq 20); do
		capture a ptcpdump.any "file$i" --buffer-size 4
	done
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	for i in 1 7 20; do
		expect_owners "file$i" --right 100 --local 10.77.0.1,fd77::1 --at-least 15
	done
	# What one has all have.
	for i in $(seq 20); do
		tshark -r "file$i" -Y tcp -T fields -e tcp.seq_raw -e tcp.ack_raw -e ptcpdump.pid | sort | cksum
	done | uniq -c >same
	[ "$(wc -l <same)" = 1 ] || fail "they differ: $(cat same)"
}

# Other people's programs on the same hooks come and go: they see every packet, and so do we.
test_others_on_the_same_hooks() {
	local kind pids=()
	netns_pair a b
	serve a udp-server :: 5300
	reference a va va.pcap
	capture a ptcpdump.if.va file
	for kind in first last xdp; do
		spawn a "$BUILD/tests/traffic/tcx" $kind va 1 $kind
		eventually 5 test -e $kind || lack "no $kind here"
		pids+=("$SPAWNED")
		talk b udp-client 10.77.0.1 5300
	done
	# A filter that drops, in classic BPF: a kernel without modules has it.
	in_ns a tc qdisc add dev va clsact
	in_ns a tc filter add dev va ingress protocol ip bpf da bytecode '1,6 0 0 2,'
	talk b udp-client 10.77.0.1 5300 --silent --messages 7
	in_ns a tc -s qdisc show dev va >qdisc
	in_ns a tc qdisc del dev va clsact
	kill "${pids[@]}"
	wait "${pids[@]}"
	talk b udp-client 10.77.0.1 5300
	reference_stop
	capture_stop
	figure "they counted $(cat first), $(cat last) (tcx), $(cat xdp) (XDP); $(grep -o 'dropped [0-9]*' qdisc | tail -n 1) (tc)"
	# Five questions came in for each talk.
	[ "$(cat first)" -ge 15 ] && [ "$(cat last)" -ge 10 ] && [ "$(cat xdp)" -ge 5 ] || fail "somebody saw fewer"
	grep -A 1 clsact qdisc | grep -q 'dropped 7,' || fail "tc did not drop all seven: $(cat qdisc)"
	expect_same_packets file va va.pcap
	expect_owners file --local 10.77.0.1,fd77::1 --right 80 --at-least 40 # those that were dropped were nobody's
}

# --- things vanish ------------------------------------------------------------------------------

# Namespaces and interfaces that are gone before we are done with them.
LIMIT[test_deleted_while_it_is_attached]=120
test_deleted_while_it_is_attached() {
	local i churn
	netns_pair a b
	serve b udp-server :: 5300
	while :; do
		ip netns add gone
		ip -n a link add link va name mv netns gone type macvlan mode bridge
		ip -n gone addr add 10.77.0.9/24 dev mv
		ip -n gone link set mv up
		in_ns gone ping -c 3 -i 0.01 -W 1 10.77.0.2
		sleep "0.0$((RANDOM % 10))"
		ip netns del gone
	done >/dev/null 2>&1 &
	churn=$!
	for i in 1 2 3 4 5; do
		capture a ptcpdump.any file$i --netns all
		talk a udp-client 10.77.0.2 5300
		sleep 1
		capture_stop
		! grep -q ' error: ' file$i.log || fail "$(cat file$i.log)"
		tshark -r file$i -Y 'frame.interface_name contains "va"' -w a$i 2>/dev/null
		expect_owners a$i --local 10.77.0.1,fd77::1 --right 100 --at-least 10
	done
	kill "$churn"
	figure "$(cat file?.log | grep -c 'has the hook reentry') devices had the hook, $(cat file?.log | grep -c 'cannot have\|was not looked') were gone before"
}

# An interface that is captured alone is deleted before the engine has looked at its last packets, and made anew:
# that is another one, and the capture ends as ever.
test_deleted_interface_of_a_capture() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.if.va file
	talk a udp-client 10.77.0.2 5300
	sleep 0.3
	kill -STOP "${CAPTURES[file]}"
	talk a udp-client 10.77.0.2 5300
	ip -n a link del va
	veth_pair a b
	in_ns a ping -c 2 -i 0.1 10.77.0.2 >/dev/null
	kill -CONT "${CAPTURES[file]}"
	sleep 0.3
	capture_stop
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 20
	[ -z "$(tshark -r file -Y icmp)" ] || fail "packets of another interface"
	grep -q 'interface va is gone' file.log || fail "the log does not tell"
	expect_accounts file file.err --at-least 20
}

# The mount through which the hooks were attached goes: they stay.
test_cgroup_mount_that_goes() {
	netns_pair a b
	serve b udp-server :: 5300
	cat >engine <<-'END'
		#!/bin/sh
		exec unshare --mount --propagation private sh -c '
			(while ! grep -qs capturing file.log; do sleep 0.02; done; umount -l -a -t cgroup2; touch unmounted) &
			exec "$@"' sh "$REAL" "$@"
	END
	chmod +x engine
	REAL=$ENGINE ENGINE=$PWD/engine capture a ptcpdump.any file
	eventually 5 test -e unmounted || fail "cannot be unmounted"
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

# A container's cgroup is gone before the engine has looked at a packet of it.
test_cgroup_that_is_gone() {
	local id=36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd
	[ -n "$TEST_CGROUP" ] || skip "no cgroup2 here"
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	kill -STOP "${CAPTURES[file]}"
	mkdir -p "$TEST_CGROUP/docker/$id"
	CONTAINER=$TEST_CGROUP/docker/$id in_ns a sh -c 'echo $$ >"$CONTAINER/cgroup.procs"; exec "$@"' sh \
		$PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300
	eventually 5 rmdir "$TEST_CGROUP/docker/$id" || fail "the cgroup stays"
	rmdir "$TEST_CGROUP/docker"
	kill -CONT "${CAPTURES[file]}"
	capture_stop
	[ "$(tshark -r file -Y udp -T fields -e ptcpdump.container.id | sort -u)" = "$id" ] ||
		fail "of $(tshark -r file -Y udp -T fields -e ptcpdump.container.id | sort | uniq -c)"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

# --- a package is upgraded ----------------------------------------------------------------------

# Each file is replaced while a capture runs, as dpkg does it: that one goes on, the next is the new one's.
test_upgraded_while_it_captures() {
	local folder holder
	folder=$(dirname "$ENGINE")
	netns_pair a b
	serve b udp-server :: 5300
	cp -a "$folder" old
	unshare --mount --propagation private sh -c 'mount -t tmpfs tmpfs "$1" && cp -a old/. "$1" && touch ready && exec sleep 300' sh "$folder" &
	holder=$!
	eventually 5 test -e ready
	printf '#!/bin/sh\nexec nsenter --mount=/proc/%s/ns/mnt --wdns="%s" "%s" "$@"\n' "$holder" "$PWD" "$ENGINE" >engine
	chmod +x engine
	REAL=$ENGINE
	ENGINE=$PWD/engine capture a ptcpdump.any before
	talk a udp-client 10.77.0.2 5300
	nsenter --mount="/proc/$holder/ns/mnt" sh -c 'cd "$1" && for file in *; do cp -a "$file" ".$file.new" && mv ".$file.new" "$file"; done' sh "$folder"
	[[ $(readlink "/proc/${CAPTURES[before]}/exe") = "$REAL (deleted)" ]] || fail "nothing was replaced: $(readlink "/proc/${CAPTURES[before]}/exe")"
	nsenter --mount="/proc/$holder/ns/mnt" "$EXTCAP/ptcpdump" --extcap-config --extcap-interface ptcpdump.any >dialog 2>&1
	grep -q '^arg {number=' dialog || fail "the new one has no dialog: $(cat dialog)"
	ENGINE=$PWD/engine capture a ptcpdump.any after
	talk a udp-client 10.77.0.2 5300
	capture_stop before after
	expect_owners before --local 10.77.0.1,fd77::1 --right 100 --at-least 20
	expect_owners after --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}
