# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# pressure.sh - where there is too much or too little of something, every packet is accounted for

# What is sent from a to 10.77.0.9 is dropped at the far end of the cable: no card has its address.
stage() {
	netns_pair a b
	ip -n a neigh add 10.77.0.9 lladdr 02:00:00:00:00:09 dev va
}
# flood COUNT [BYTES [PER-SECOND]]: that many packets for sure, from va.
flood() { in_ns a "$BUILD/tests/traffic/flood" 10.77.0.9 9 "$1" "${2:-64}" "${3:-0}" >/dev/null; }
# flood_on [BYTES [PER-SECOND]]: in the background until the test ends, or $SPAWNED is killed.
flood_on() { spawn a "$BUILD/tests/traffic/flood" 10.77.0.9 9 1000000000 "${1:-64}" "${2:-0}" >/dev/null; }

expect_accounts() { # FILE WORDS [OPTION...]
	$PYTHON "$TRAFFIC/accounts.py" "$@" >accounts 2>&1 || {
		cat accounts
		fail "$(tail -n 1 accounts)"
	}
	cat accounts
}

# --- at any stop --------------------------------------------------------------------------------

# passed PACKETS: so many have left va since $BEFORE.
sent_packets() { in_ns a cat /proc/net/dev | awk '$1 == "va:" { print $11 }'; }
passed() { [ $(($(sent_packets) - BEFORE)) -ge "$1" ]; }

# stops_under_flood OPTION...: at moments that nobody has chosen, on both CPUs, with records of each size.
stops_under_flood() {
	local i
	stage
	for i in 1 2 3; do
		flood_on $((i * 450))
		local first=$SPAWNED
		flood_on 64
		capture a ptcpdump.any file "$@"
		BEFORE=$(sent_packets)
		sleep "0.$((RANDOM % 500 + 100))"
		eventually 10 passed 2000
		kill -INT "${CAPTURES[file]}" 2>/dev/null || true # it may have enough
		wait "${CAPTURES[file]}"
		kill "$SPAWNED" "$first"
		expect_accounts file file.err --at-least 1000
		rm file
	done
}
test_stop_under_flood() { stops_under_flood --buffer-size 1; }
test_stop_under_flood_with_perf_rings() { stops_under_flood --buffer-size 1 --without dynptr; }
test_stop_under_flood_with_a_large_buffer() { stops_under_flood --snapshot-length 128; }
# The records that nobody takes any more are read by one who ends in the middle of them.
test_count_under_flood() { stops_under_flood --count 20000; }

# What is lost is told at its place, also where the next packet is another CPU's, and what was sent is what
# was seen.
test_losses_are_told() {
	need taskset
	stage
	taskset -cp 0 $BASHPID >/dev/null
	capture a ptcpdump.if.va file --buffer-size 1
	kill -STOP "${CAPTURES[file]}"
	flood 50000
	kill -CONT "${CAPTURES[file]}"
	eventually 10 is_written file
	taskset -cp "$(($(nproc) - 1))" $BASHPID >/dev/null
	flood 100
	capture_stop
	expect_accounts file file.err --at-least 50100 --lost
	$PYTHON - file <<-'PY'
		import os, re, sys
		sys.path.insert(0, os.environ["SOURCE"] + "/tests/traffic")
		from read_pcapng import File
		packets = File(sys.argv[1]).packets
		gaps = [(number, packet.lost) for number, packet in enumerate(packets) if packet.lost]
		dropped = sum(packet.lost for packet in packets)
		print("figure:", len(packets), "packets, gaps before", gaps)
		lost = int(re.search(r"(\d+) lost", open("file.err").read())[1])
		assert dropped == lost, f"{lost} were lost, the packets tell of {dropped}"
		assert gaps[-1][0] >= len(packets) - 110, "a gap stands elsewhere than where it was"
	PY
	grep -q "packets are being lost" file.log || fail "the log does not tell of losses"
}

# is_written FILE: and nothing more comes.
is_written() {
	local size
	size=$(stat -c %s "$1")
	sleep 1
	! grown "$1" $((size + 1))
}

# An interface that changes its name under load has its packets under both, and none twice.
test_names_change_under_flood() {
	stage
	flood_on 64 20000
	local i
	capture a ptcpdump.any file
	for i in 1 2 3 4 5 6; do
		ip -n a link set va name "va$i" 2>/dev/null || break
		sleep 0.1
		ip -n a link set "va$i" name va
		sleep 0.1
	done
	capture_stop
	expect_accounts file file.err --at-least 1000
	figure "$(pcapng file interfaces | wc -l) interface blocks"
}

# --- readers ------------------------------------------------------------------------------------

# reader PYTHON-LINES: in the background, with the FIFO's bytes in `file` as it takes them; $READER.
reader() {
	mkfifo fifo
	$PYTHON -c "
import os, time, sys
fifo, file = os.open('fifo', os.O_RDONLY), os.open('file', os.O_WRONLY | os.O_CREAT)
def take(size):
    data = os.read(fifo, size)
    os.write(file, data)
    return data
$1" &
	READER=$!
}

test_reader_that_stalls() {
	stage
	serve b tcp-server :: 8080
	reader "
take(100)
while not os.path.exists('enough'): time.sleep(0.05)
while take(1 << 20): pass"
	capture a ptcpdump.any fifo --buffer-size 16
	talk a tcp-client 10.77.0.2 8080 --messages 20
	flood 200000
	talk a tcp-client 10.77.0.2 8080 --messages 20
	sleep 5
	touch enough
	eventually 10 grown file 2000000 && eventually 20 is_written file || fail "the reader does not get on"
	talk a tcp-client 10.77.0.2 8080 --messages 20
	capture_stop
	wait "$READER"
	grep -q "the reader takes too little" fifo.log || fail "the log does not tell why packets are lost"
	expect_accounts file fifo.log --at-least 200000 --lost
	expect_owners file --right 100 --local 10.77.0.1 --at-least 40
}

# The reader has got half of a packet when we end: it gets the rest, and the statistics. One byte at a time would make
# room in the pipe, which is by pages, too late.
test_reader_of_a_few_bytes_at_a_time() {
	stage
	reader "
while not os.path.exists('ended'): take(61), time.sleep(0.0001)
while take(1 << 16): pass"
	capture a ptcpdump.any fifo --buffer-size 4
	flood_on 64 50000
	eventually 20 grep -q "packets are being lost" fifo.log || fail "nothing is lost"
	kill -INT "${CAPTURES[fifo]}"
	eventually 10 gone "${CAPTURES[fifo]}" || fail "the engine does not end"
	touch ended
	wait "$READER"
	# It may not have come to the statistics in the time that there was.
	expect_accounts file fifo.log --cut-short --at-least 10000 --lost
}

test_reader_that_dies() {
	stage
	reader "
for _ in range(50): take(1 << 16)
time.sleep(1)"
	capture a ptcpdump.any fifo --buffer-size 4
	flood_on 64 50000
	eventually 10 gone "${CAPTURES[fifo]}" || fail "the engine goes on without a reader"
	local line
	line=$(grep -o "[0-9]* packets captured.*" fifo.log) || fail "nothing is said of what became of the packets"
	figure "$line"
	[[ $line != *unaccounted* ]] || fail "not all are accounted for"
}

# --- the disk -----------------------------------------------------------------------------------

# The file ends with a whole packet, and the engine says what has become of the others.
test_disk_that_fills() {
	stage
	mkdir disk
	mount -t tmpfs -o size=3m tmpfs disk
	: >disk/keep # so that the folder is there for its log
	"${INTERRUPTIBLE[@]}" nsenter --net=/run/netns/a "$ENGINE" --capture --extcap-interface ptcpdump.any \
		--fifo disk/file --log-file log --log-level info 2>words &
	local engine=$! status=0
	eventually 10 grep -qs capturing log || fail "the engine does not capture"
	flood_on 500 20000
	eventually 20 gone "$engine" || fail "the engine goes on without a disk"
	wait "$engine" || status=$?
	cp disk/file file
	umount disk
	cat words
	[ $status -eq 1 ] || fail "status $status"
	grep -qi "no space left on device" words || fail "does not say why it ended"
	expect_accounts file words --cut-short --at-least 1000
	tshark -r file >/dev/null 2>tshark.err || fail "not a whole file: $(cat tshark.err)"
	! grep -i "cut short" tshark.err || fail "not a whole file"
}

test_file_that_may_not_grow() {
	stage
	local status=0
	flood_on 500 20000
	(
		ulimit -f 2000
		in_ns a timeout 20 "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file 2>words
	) || status=$?
	cat words
	[ $status -eq 1 ] || fail "status $status"
	grep -qi "file too large" words || fail "does not say why it ended"
	expect_accounts file words --cut-short --at-least 1000
}

# --- memory and CPUs ----------------------------------------------------------------------------

# little_memory BYTES: a memory cgroup of its own, for whoever enters it: $LITTLE.
little_memory() {
	local mount
	mount=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
	if [ -n "$mount" ]; then
		LITTLE=$mount/ptcpdump-little.$$
		mkdir "$LITTLE"
		echo "$1" >"$LITTLE/memory.limit_in_bytes"
	else
		mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
		grep -qw memory "$mount/cgroup.subtree_control" || skip "no memory cgroup here"
		LITTLE=$mount/ptcpdump-little.$$
		mkdir "$LITTLE"
		echo "$1" >"$LITTLE/memory.max"
	fi
	export LITTLE
	trap 'test_ends; rmdir "$LITTLE" 2>/dev/null || true' EXIT
}
# In front of a command, which keeps its pid.
IN_LITTLE=(bash -c 'echo $$ >"$LITTLE/cgroup.procs" && exec "$@"' bash)

# 64 MiB are enough for a buffer of 16, under a flood that fills it, with a crowd of processes.
test_little_memory() {
	stage
	little_memory $((64 << 20))
	serve b tcp-server :: 8080
	: >file.log
	"${IN_LITTLE[@]}" "${INTERRUPTIBLE[@]}" nsenter --net=/run/netns/a "$ENGINE" --capture --extcap-interface ptcpdump.any \
		--fifo file --buffer-size 16 --snapshot-length 128 --log-file file.log --log-level info 2>file.err &
	CAPTURES[file]=$!
	eventually 10 captures_or_ended file
	grep -q capturing file.log || fail "it does not start: $(cat file.err)"
	kill -STOP "${CAPTURES[file]}"
	flood 300000
	kill -CONT "${CAPTURES[file]}"
	in_ns a $PYTHON "$TRAFFIC/many.py" 300 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	talk a tcp-client 10.77.0.2 8080 --messages 20
	figure "the engine: $(awk '/VmHWM|RssAnon/ { printf "%s %d MiB ", $1, $2 / 1024 }' "/proc/${CAPTURES[file]}/status")"
	figure "$(cat "$LITTLE"/memory.max_usage_in_bytes "$LITTLE"/memory.peak 2>/dev/null) bytes at most, refused $(cat "$LITTLE"/memory.failcnt 2>/dev/null) times"
	capture_stop
	expect_accounts file file.err --at-least 300000
}

# Less than it takes to start: a sentence says so, nothing is left.
test_too_little_memory() {
	netns a
	little_memory $((16 << 20))
	expect_sentence "memory|buffer-size" "${IN_LITTLE[@]}" nsenter --net=/run/netns/a "$ENGINE" --capture \
		--extcap-interface ptcpdump.any --fifo file
}

# Both CPUs are others': what is lost is counted, whoever is named is right.
test_busy_cpus() {
	local i hogs=()
	stage
	serve b tcp-server :: 8080
	for ((i = 0; i < 3 * $(nproc); i++)); do
		$PYTHON -c 'while True: pass' &
		hogs+=($!)
	done
	capture a ptcpdump.any file --buffer-size 4
	flood 100000
	talk a tcp-client 10.77.0.2 8080 --messages 20
	in_ns a $PYTHON "$TRAFFIC/many.py" 100 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	kill "${hogs[@]}"
	capture_stop
	expect_accounts file file.err --at-least 100100
	expect_owners file --right 95 --local 10.77.0.1 --at-least 1000
}
LIMIT[test_busy_cpus]=120

# --- tables that are full -----------------------------------------------------------------------

# More interfaces than there is room for: their packets are told of in one sum.
test_too_many_interfaces() {
	local i
	netns a
	serve a tcp-server :: 8080
	for ((i = 0; i < 12; i++)); do
		netns "n$i"
		ip link add "v$i" netns a type veth peer name eth0 netns "n$i"
		ip -n a addr add "10.80.$i.1/24" dev "v$i"
		ip -n "n$i" addr add "10.80.$i.2/24" dev eth0
		ip -n a link set "v$i" up
		ip -n "n$i" link set eth0 up
	done
	capture a ptcpdump.any file --table-size 8
	for ((i = 0; i < 12; i++)); do
		talk "n$i" tcp-client "10.80.$i.1" 8080
	done
	eventually 10 grep -q "too many interfaces" file.log || fail "the log does not tell"
	capture_stop
	grep -oE "[1-9][0-9]* of interfaces for which there was no room" file.err || fail "the closing line does not tell: $(cat file.err)"
	expect_accounts file file.err --at-least 50
	expect_owners file --right 95 --local 10.80.0.1,10.80.1.1,10.80.2.1,10.80.3.1,10.80.4.1,10.80.5.1,10.80.6.1,10.80.7.1 --at-least 10
}

# Namespaces come and go, as containers do. Nobody tells of the end of their interfaces, but those that are
# silent leave the table, and are back as soon as they speak.
test_interfaces_of_namespaces_that_come_and_go() {
	local round i
	netns a
	capture a ptcpdump.any file --netns all --table-size 64
	for round in 1 2 3; do
		for ((i = 0; i < 30; i++)); do
			netns "n$round-$i"
			in_ns "n$round-$i" ping -q -c 1 127.0.0.1 >/dev/null
		done
		sleep 11
	done
	in_ns n1-0 ping -q -c 1 127.0.0.1 >/dev/null
	capture_stop
	! grep -q "no room" file.err || fail "$(cat file.err)"
	expect_accounts file file.err --at-least 180
	[ "$(pcapng file interfaces | grep -c '^lo@n1-0 ')" = 1 ] || fail "an interface that is back is another one"
	[ "$(pcapng file owners | grep -c ' lo@n1-0 ')" = 4 ] || fail "packets of lo@n1-0: $(pcapng file owners | grep -c ' lo@n1-0 ')"
}
LIMIT[test_interfaces_of_namespaces_that_come_and_go]=120

# More processes are wanted than there is room for: some packets are missing, which is said; none is a
# stranger's.
test_too_many_selected() {
	stage
	serve b tcp-server :: 8080
	capture a ptcpdump.any file --pname brief --table-size 16
	in_ns a $PYTHON "$TRAFFIC/many.py" 60 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	talk a tcp-client 10.77.0.2 8080
	eventually 10 grep -q "too many processes are selected" file.log || fail "the log does not tell"
	capture_stop
	expect_accounts file file.err --at-least 100
	tshark -r file -Y 'ptcpdump and not ptcpdump.comm == "brief" and not ptcpdump.peer.comm == "brief"' >strangers 2>/dev/null
	[ ! -s strangers ] || fail "strangers: $(head -n 3 strangers)"
	[ "$(tshark -r file -Y 'ptcpdump.comm == "brief"' 2>/dev/null | wc -l)" -gt 50 ] || fail "nobody is selected"
}

test_too_many_namespaces() {
	local i names=a
	netns a
	for ((i = 0; i < 10; i++)); do
		netns "n$i"
		names+=,n$i
	done
	expect_sentence "fewer .*namespaces" nsenter --net=/run/netns/a "$ENGINE" --capture --extcap-interface ptcpdump.any \
		--fifo file --netns "$names" --table-size 8
}

# --- for long -----------------------------------------------------------------------------------

# What a machine does all day: connections of processes that come and go, datagrams, namespaces.
bustle() {
	local until=$((SECONDS + $1)) round=0
	while [ $SECONDS -lt "$until" ]; do
		round=$((round + 1))
		echo "$SECONDS $(awk '/^processes/ { print $2 }' /proc/stat)" >>forks
		in_ns a $PYTHON "$TRAFFIC/many.py" 40 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
		talk a tcp-client 10.77.0.2 8080 --messages 5
		flood 2000 1000 20000
		netns "s$round"
		ip link add "s$round" netns a type veth peer name eth0 netns "s$round"
		ip -n a link set "s$round" up
		in_ns "s$round" ping -q -c 1 127.0.0.1 >/dev/null
		ip netns del "s$round"
	done
	echo "$round" >rounds
}
anonymous_kib() { awk '/^RssAnon/ { print $2 }' "/proc/$1/status"; }
descriptors() { ls "/proc/$1/fd" | wc -l; }

# What the engine may have of its own, in KiB: so much for each process of the machine that has ended in the
# last two minutes, of which it remembers 16,384 at most, and a constant.
allowed_kib() {
	awk -v now=$SECONDS '{ last = $2 } $1 < now - 150 || !first { first = $2 }
		END { n = last - first; print 8192 + 4 * (n > 16384 ? 16384 : n) }' forks
}

# Memory is bounded, no descriptor is left over, everything is accounted for. SOAK_SECONDS=1200 is the long one.
test_soak() {
	local seconds=${SOAK_SECONDS:-120} engine early late begin
	stage
	serve b tcp-server :: 8080
	capture a ptcpdump.any file --netns all --snapshot-length 128
	engine=${CAPTURES[file]}
	begin=$(descriptors "$engine")
	bustle $((seconds / 3))
	early=$(anonymous_kib "$engine")
	bustle $((seconds - seconds / 3))
	late=$(anonymous_kib "$engine")
	figure "$(cat rounds) rounds in the last two thirds; RssAnon $early KiB after one third, $late at the end; $(descriptors "$engine") descriptors"
	[ "$(descriptors "$engine")" -le "$begin" ] || fail "$(descriptors "$engine") descriptors, $begin at the beginning"
	[ "$late" -lt "$(allowed_kib)" ] || fail "memory grows: $early KiB, then $late, not below $(allowed_kib)"
	capture_stop
	local captured packets
	captured=$(grep -oE '^ptcpdump-capture: [0-9]+' file.err | grep -oE '[0-9]+')
	read -r packets _ < <("$BUILD/tests/bench/count" file)
	figure "$(tail -n 1 file.err)"
	[ "$packets" = "$captured" ] || fail "$captured captured, $packets in the file"
	! grep -q unaccounted file.err || fail "not everything is accounted for"
}
LIMIT[test_soak]=1500
