# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# stop.sh - a capture ends when it is told to, at once, and leaves nothing in the kernel

# steady_traffic NS: some thousand packets a second until the test ends.
steady_traffic() {
	serve "$1" udp-server 127.0.0.1 5300 --silent
	spawn "$1" "$BUILD/tests/traffic/flood" 127.0.0.1 5300 100000000 100 5000
}

ends_promptly() { # SIGNAL
	netns a
	steady_traffic a
	capture a ptcpdump.any file
	eventually 20 grown file 1000000 || fail "hardly a packet: $(cat file.log)"
	local engine=${CAPTURES[file]} begin took status=0
	begin=$(now)
	kill "-$1" "$engine"
	wait "$engine" || status=$?
	took=$(milliseconds_since "$begin")
	figure "ended $took ms after SIG$1, with $(pcapng file packets) packets"
	[ $status = 0 ] || fail "status $status"
	[ "$(pcapng file statistics | wc -l)" = 1 ] || fail "no statistics"
	[ "$(pcapng file packets)" -gt 1000 ] || fail "only $(pcapng file packets) packets"
}

test_sigint_ends_it() { ends_promptly INT; }
test_sigterm_ends_it() { ends_promptly TERM; }

# The packets that are still in the ring at the end are in the file.
test_last_packet_is_in_the_file() {
	netns_pair a b
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300 --silent --messages 1
	local engine=${CAPTURES[file]}
	kill -INT "$engine"
	wait "$engine"
	[ "$(tshark -r file -Y 'udp.dstport==5300 and not icmp' | wc -l)" = 1 ] || fail "it is not"
}

test_duration_ends_it() {
	netns a
	local begin took
	begin=$(now)
	in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --duration 1.5 2>words
	took=$(milliseconds_since "$begin")
	figure "--duration 1.5 took $took ms"
	[ "$took" -ge 1400 ] || fail "took $took ms"
	[ "$(pcapng file statistics | wc -l)" = 1 ] || fail "no statistics"
	[ "$(wc -l <words)" = 1 ] || fail "by hand it says one line at the end: $(cat words)"
}

test_count_ends_it() {
	netns a
	steady_traffic a
	timeout 20 nsenter --net=/run/netns/a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --count 100
	[ "$(pcapng file packets)" = 100 ] || fail "$(pcapng file packets) packets"
}

test_standard_output() {
	netns a
	steady_traffic a
	timeout 20 nsenter --net=/run/netns/a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo - --count 50 >file
	[ "$(pcapng file packets)" = 50 ] || fail "$(pcapng file packets) packets"
}

# Whoever gave it to us goes on with it: flags belong to the pipe, not to a process.
test_standard_output_keeps_its_flags() {
	netns a
	in_ns a $PYTHON - "$ENGINE" <<-'END' || fail "a pipe has other flags after the capture"
		import fcntl, os, subprocess, sys
		reader, writer = os.pipe()
		before = fcntl.fcntl(writer, fcntl.F_GETFL)
		subprocess.run([sys.argv[1], "--capture", "--extcap-interface", "ptcpdump.any", "--fifo", "-", "--duration",
		                "0.3"], stdout=writer, check=True)
		sys.exit(fcntl.fcntl(writer, fcntl.F_GETFL) != before)
	END
}

# A socket as standard output, say of a remote shell, whose other end reads nothing.
test_ends_though_the_reader_of_a_socket_sleeps() {
	netns a
	steady_traffic a
	in_ns a timeout 60 $PYTHON - "$ENGINE" <<-'END' || fail "the engine waits for a reader that reads nothing"
		import socket, subprocess, sys, time
		reader, writer = socket.socketpair()
		engine = subprocess.Popen([sys.argv[1], "--capture", "--extcap-interface", "ptcpdump.any", "--fifo", "-"],
		                          stdout=writer)
		time.sleep(3)
		engine.terminate()
		engine.wait(timeout=25)
	END
}

# --- the reader goes ----------------------------------------------------------------------------

reader_goes() {
	mkfifo fifo
	sleep 300 <fifo & # a reader that reads nothing, and then is gone
	local reader=$! engine begin
	capture a ptcpdump.any fifo
	engine=${CAPTURES[fifo]}
	sleep 0.5
	begin=$(now)
	kill "$reader"
	eventually 5 gone "$engine" || fail "the engine goes on without a reader"
	figure "ended $(milliseconds_since "$begin") ms later"
}

test_ends_when_the_reader_goes_while_packets_come() {
	netns a
	steady_traffic a
	reader_goes
}

test_ends_when_the_reader_goes_and_no_packet_comes() {
	netns a
	reader_goes
}

# A reader that reads nothing is no reason not to end.
test_ends_though_the_reader_sleeps() {
	netns a
	mkfifo fifo
	sleep 300 <fifo &
	steady_traffic a
	capture a ptcpdump.any fifo
	sleep 2
	local engine=${CAPTURES[fifo]} begin
	begin=$(now)
	kill -TERM "$engine"
	eventually 10 gone "$engine" || fail "the engine waits for a reader that reads nothing"
	figure "ended $(milliseconds_since "$begin") ms after SIGTERM"
}

test_single_packet_arrives_promptly() {
	netns_pair a b
	mkfifo fifo
	{ capture a ptcpdump.any fifo; sleep 300; } &
	in_ns a $PYTHON - <<-'END' || fail "it does not"
		import os, select, socket, sys, time
		fifo = os.open("fifo", os.O_RDONLY)
		took = []
		time.sleep(1.5)
		poll = select.poll()
		poll.register(fifo, select.POLLIN)
		def drain():
		    data = b""
		    while poll.poll(0):
		        data += os.read(fifo, 1 << 20)
		    return data
		sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		sender.sendto(b"first", ("10.77.0.2", 9)) # and ARP
		time.sleep(0.5)
		for number in range(10):
		    drain()
		    words = b"packet number %d" % number
		    begin = time.monotonic()
		    sender.sendto(words, ("10.77.0.2", 9))
		    data = b""
		    while words not in data:
		        if not poll.poll(20000):
		            sys.exit("not there after 20 s")
		        data += os.read(fifo, 1 << 20)
		    took.append(time.monotonic() - begin)
		    time.sleep(0.05)
		print(f"figure: a single packet is at the reader after {max(took) * 1000:.1f} ms at worst")
		sys.exit(min(took) > 0.5) # none was
	END
}

# --- nothing is left ----------------------------------------------------------------------------

# ids_of PID KIND: of the programs, links or maps that a process holds.
ids_of() { sed -n "s/^$2_id:[ \t]*//p" /proc/"$1"/fdinfo/* | sort -un; }
none_is_left() { # KIND FILE-OF-IDS
	! bpftool "$1" show | grep -oE '^[0-9]+' | grep -qxFf "$2"
}

leaves_nothing() { # SIGNAL
	need bpftool
	netns_pair a b
	in_ns a tc qdisc show >tc.before
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300 --silent
	local engine=${CAPTURES[file]} kind
	for kind in prog link map; do
		ids_of "$engine" $kind >$kind.ids
		[ -s $kind.ids ] || fail "the engine has no $kind"
		! none_is_left $kind $kind.ids || fail "bpftool does not see the engine's"
	done
	kill "-$1" "$engine"
	wait "$engine" 2>/dev/null || true
	for kind in prog link map; do
		eventually 5 none_is_left $kind $kind.ids || fail "a $kind is left: $(bpftool $kind show)"
	done
	in_ns a tc qdisc show | cmp - tc.before || fail "traffic control is not as before"
	in_ns a tc filter show dev va ingress >filters
	[ ! -s filters ] || fail "a filter is left: $(cat filters)"
	figure "$(wc -l <prog.ids) programs, $(wc -l <link.ids) links, $(wc -l <map.ids) maps: none left after SIG$1"
}

test_kill_9_leaves_nothing() { leaves_nothing KILL; }
test_sigterm_leaves_nothing() { leaves_nothing TERM; }

# A capture costs nobody their namespace: deleting it works while it is captured elsewhere, too.
test_deleted_namespace_goes() {
	netns_pair a b
	capture a ptcpdump.any file
	ip netns del b
	eventually 5 link_is_gone a va || fail "the other end's namespace is kept alive"
	capture_stop
}
link_is_gone() { ! ip -n "$1" link show dev "$2" 2>/dev/null; }

test_two_captures_at_once() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any first
	capture a ptcpdump.any second
	talk a tcp-client 10.77.0.2 8080
	capture_stop first
	talk a tcp-client 10.77.0.2 8080
	capture_stop second
	expect_owners first --right 100 --local 10.77.0.1,fd77::1 --at-least 15
	expect_owners second --right 100 --local 10.77.0.1,fd77::1 --at-least 30
}
