# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# owners.sh - every packet has the owner that the design's section 5.1 gives it
#
# Two namespaces joined by a veth pair; what is captured in a is checked packet by packet against
# what the programs themselves say they sent and read.

LOCAL=(--local 10.77.0.1,fd77::1)

# --- one client, one server: both ends, every family --------------------------------------------

test_tcp_client() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	talk a tcp-client fd77::2 8080
	talk a tcp-client ::ffff:10.77.0.2 8080 --bytes 5000
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 40
}

test_tcp_server() {
	netns_pair a b
	serve a tcp-server :: 8080
	capture a ptcpdump.any file
	talk b tcp-client 10.77.0.1 8080
	talk b tcp-client fd77::1 8080 --bytes 5000
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 30
}

test_udp_client() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300
	talk a udp-client 10.77.0.2 5300 --connected
	talk a udp-client fd77::2 5300
	talk a udp-client fd77::2 5300 --connected
	talk a udp-client ::ffff:10.77.0.2 5300
	talk a udp-client ::ffff:10.77.0.2 5300 --connected
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 60
}

test_udp_server() {
	netns_pair a b
	serve a udp-server :: 5300
	serve a udp-server 10.77.0.1 5301
	capture a ptcpdump.any file
	talk b udp-client 10.77.0.1 5300
	talk b udp-client fd77::1 5300 --connected
	talk b udp-client 10.77.0.1 5301
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 30
}

# The check itself: with another truth it must fail.
test_the_check_finds_what_is_wrong() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300
	capture_stop
	sed 's/"pid": \([0-9]*\)/"pid": 1\1/' "$TRUTH" >others
	! $PYTHON "$TRAFFIC/check_owners.py" file others --right 0 >words || fail "it takes any owner: $(cat words)"
	sed 's/"args": "/"args": "not /' "$TRUTH" >others
	! $PYTHON "$TRAFFIC/check_owners.py" file others --right 0 >words || fail "it takes any arguments: $(cat words)"
}

# On loopback a packet is shown once, and is its sender's.
test_loopback() {
	netns a
	serve a tcp-server :: 8080 --worker fork
	serve a udp-server :: 5300
	capture a ptcpdump.any file
	talk a tcp-client 127.0.0.1 8080 --bytes 40000
	talk a tcp-client ::1 8080
	talk a udp-client 127.0.0.1 5300
	talk a udp-client ::1 5300 --connected
	capture_stop
	expect_owners file --right 100 --at-least 40
}

# --- icmp ---------------------------------------------------------------------------------------

# icmp_claim PID: all echo requests of this namespace, and the replies to them, are one process's.
icmp_claim() {
	local proto
	for proto in icmp icmp6; do
		printf '{"proto": "%s", "local": "* *", "remote": "*", "data": true, "pid": %d}\n' $proto "$1" >>"$TRUTH"
	done
}

ping_is_owner() { # ADDRESS
	netns_pair a b
	[ -z "${1:-}" ] || in_ns a sysctl -q -w net.ipv4.ping_group_range="$1"
	capture a ptcpdump.any file
	spawn a ping -q -c 4 -i 0.1 10.77.0.2
	icmp_claim "$SPAWNED"
	wait "$SPAWNED"
	# The answers to another's requests are the kernel's.
	in_ns b ping -q -c 2 -i 0.1 10.77.0.1
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 12
}

test_ping_by_raw_socket() { ping_is_owner "1 0"; }
test_ping_by_datagram_socket() { ping_is_owner "0 2147483647"; }

test_ping6() {
	netns_pair a b
	capture a ptcpdump.any file
	spawn a ping -q -c 4 -i 0.1 fd77::2
	icmp_claim "$SPAWNED"
	wait "$SPAWNED"
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 8
}

# --- nobody's -----------------------------------------------------------------------------------

test_closed_port_answers_for_nobody() {
	netns_pair a b
	capture a ptcpdump.any file
	talk b refused 10.77.0.1 9
	talk a refused 10.77.0.2 99
	capture_stop
	# What is sent to and by port 9 of a is nobody's; what a's client sends is its own.
	expect_owners file "${LOCAL[@]}" --right 75 --at-least 4
}

# A packet that passes through belongs to nobody here, whoever listens on that port here.
test_forwarded_is_nobodys() {
	netns_pair a b
	netns c
	ip link add vac netns a type veth peer name vca netns c
	ip -n a addr add 10.78.0.1/24 dev vac
	ip -n c addr add 10.78.0.2/24 dev vca
	ip -n a link set vac up
	ip -n c link set vca up
	ip -n b route add 10.78.0.0/24 via 10.77.0.1
	ip -n c route add 10.77.0.0/24 via 10.78.0.1
	in_ns a sysctl -q -w net.ipv4.ip_forward=1
	TRUTH=$TEST_TMP/stranger serve a tcp-server :: 8080
	serve c tcp-server :: 8080
	capture a ptcpdump.any file
	talk b tcp-client 10.78.0.2 8080
	capture_stop
	# The ends are on this machine: either may be named, nobody else.
	$PYTHON - file <<-'END'
		import json, os, sys
		sys.path.insert(0, os.environ["SOURCE"] + "/tests/traffic")
		from read_pcapng import File
		from frames import Frame
		ends = {json.loads(line)["pid"] for line in open(os.environ["TRUTH"])}
		packets = [p for p in File(sys.argv[1]).packets if Frame(1, p.data).proto == "tcp"]
		named = [int(p.owner()[key]) for p in packets for key in ("PID", "PeerPID") if key in p.owner()]
		print(f"figure: {len(packets)} forwarded, {len(named)} named")
		assert len(packets) >= 20 and all(pid in ends for pid in named), (ends, named)
	END
}

# --- several receivers --------------------------------------------------------------------------

multicast() { # RECEIVERS
	netns_pair a b
	ip -n a route add 239.0.0.0/8 dev va
	ip -n b route add 239.0.0.0/8 dev vb
	local i receivers=()
	for ((i = 0; i < $1; i++)); do
		serve a multicast-receiver 239.1.2.3 5353 --local 10.77.0.1
		receivers+=("$SPAWNED")
	done
	capture a ptcpdump.any file
	talk b multicast-sender 239.1.2.3 5353 --local 10.77.0.2 --pause 0.01
	wait "${receivers[@]}"
	capture_stop
}

test_multicast_of_several_is_nobodys() {
	multicast 3
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 5
}

test_multicast_of_one_is_never_anothers() {
	multicast 1
	expect_owners file "${LOCAL[@]}" --right 0 --at-least 5
}

# --- sockets that go from hand to hand ----------------------------------------------------------

test_socket_open_before_the_capture() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	spawn a $PYTHON "$TRAFFIC/talk.py" tcp-client 10.77.0.2 8080 --go go
	local tcp=$SPAWNED
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300 --go go
	eventually 5 grep -q "\"pid\": $SPAWNED" "$TRUTH"
	eventually 5 grep -q "\"pid\": $tcp" "$TRUTH"
	capture a ptcpdump.any file
	touch go
	wait "$tcp" "$SPAWNED"
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 20
}

test_server_that_listens_before_the_capture_and_forks() {
	netns_pair a b
	serve a tcp-server :: 8080 --worker fork
	capture a ptcpdump.any file
	in_ns b $PYTHON "$TRAFFIC/many.py" 40 4 $PYTHON "$TRAFFIC/talk.py" tcp-client 10.77.0.1 8080 --messages 3
	capture_stop
	expect_owners file "${LOCAL[@]}" --at-least 400
}

test_prefork_worker_owns_what_it_serves() {
	netns_pair a b
	serve a prefork-server :: 8080
	capture a ptcpdump.any file
	in_ns b $PYTHON "$TRAFFIC/many.py" 40 4 $PYTHON "$TRAFFIC/talk.py" tcp-client 10.77.0.1 8080 --messages 3
	capture_stop
	expect_owners file "${LOCAL[@]}" --at-least 400
}

test_worker_that_execs_has_its_new_name() {
	netns_pair a b
	serve a tcp-server :: 8080 --worker exec
	capture a ptcpdump.any file
	for _ in 1 2 3 4 5; do
		talk b tcp-client 10.77.0.1 8080 --pause 0.1
	done
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 98 --at-least 50
}

# A process that speaks and then executes another program has two names.
test_name_is_that_of_the_moment() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a exec-client 10.77.0.2 8080
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 6
}

test_shared_datagram_socket() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talk a shared-udp 10.77.0.2 5300 --messages 20
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 99 --at-least 40
}

# In a group of listeners on one port, the kernel chooses; a SYN is the chosen one's.
test_reuseport_group() {
	netns_pair a b
	for _ in 1 2 3; do
		serve a tcp-server 10.77.0.1 8080 --reuseport
	done
	capture a ptcpdump.any file
	in_ns b $PYTHON "$TRAFFIC/many.py" 30 3 $PYTHON "$TRAFFIC/talk.py" tcp-client 10.77.0.1 8080 --messages 2
	capture_stop
	expect_owners file "${LOCAL[@]}" --at-least 200
}

# --- short-lived ones ---------------------------------------------------------------------------

test_processes_of_a_millisecond() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	in_ns a $PYTHON "$TRAFFIC/many.py" 200 2 "$BUILD/tests/traffic/brief" 10.77.0.2 8080 number {} of 200
	capture_stop
	expect_owners file "${LOCAL[@]}" --at-least 1500
}

# The two acceptance measurements of the milestone.

http_serve() { # NS ADDRESS [--fork]
	rm -f ready
	spawn "$1" $PYTHON "$TRAFFIC/http_server.py" "$2" 8000 ready "${@:3}"
	eventually 10 test -e ready
}

sixty_curls() { # NS ADDRESS
	in_ns "$1" $PYTHON "$TRAFFIC/many.py" 60 4 curl "http://$2:8000/number/{}"
}

test_acceptance_sixty_curls_on_loopback() {
	netns a
	http_serve a 127.0.0.1
	serve a udp-server 127.0.0.1 5300
	serve a tcp-server 127.0.0.1 8080 --worker fork
	capture a ptcpdump.any file
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 127.0.0.1 5300 --messages 2000 --pause 0.001
	local others=("$SPAWNED")
	spawn a $PYTHON "$TRAFFIC/many.py" 40 1 $PYTHON "$TRAFFIC/talk.py" tcp-client 127.0.0.1 8080 --messages 20
	others+=("$SPAWNED")
	sixty_curls a 127.0.0.1
	wait "${others[@]}"
	capture_stop
	expect_owners file --right 99.5 --at-least 2000
}

test_acceptance_sixty_curls_and_a_forking_server() {
	netns_pair a b
	http_serve b 10.77.0.2 --fork
	capture a ptcpdump.any client
	capture b ptcpdump.any server
	sixty_curls a 10.77.0.2
	capture_stop
	expect_owners client "${LOCAL[@]}" --right 99.5 --at-least 600
	expect_owners server --local 10.77.0.2,fd77::2 --right 99.5 --at-least 600
}

# --- fragments, users, threads, order -----------------------------------------------------------

test_fragments_are_never_anothers() {
	netns_pair a b
	serve a udp-server :: 5300
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300 --bytes 20000
	talk a udp-client fd77::2 5300 --bytes 20000
	talk b udp-client 10.77.0.1 5300 --bytes 20000
	talk b udp-client fd77::1 5300 --bytes 20000
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 30 --at-least 200
}

# A later fragment has no ports: read as if it had, its sender would choose the owner shown.
test_forged_fragment_names_nobody() {
	netns_pair a b
	serve a udp-server 10.77.0.1 5300
	talk b udp-client 10.77.0.1 5300
	capture a ptcpdump.any file
	in_ns b $PYTHON "$TRAFFIC/forge.py" fragment vb 10.77.0.2 10.77.0.1 5300
	capture_stop
	[ "$(pcapng file owners | awk '$2 == "va" && $3 == "in" && $4 != "-"' | wc -l)" = 0 ] ||
		fail "a forged fragment has an owner"
	[ "$(pcapng file owners | awk '$2 == "va" && $5 > 1000' | wc -l)" -ge 1 ] || fail "not captured"
}

test_user_is_the_effective_one() {
	netns_pair a b
	chmod 777 . && : >"$TRUTH" && chmod 666 "$TRUTH"
	serve b udp-server :: 5300
	cp "$TRAFFIC/talk.py" "$TRAFFIC/truth.py" . # the tree may be closed to others
	capture a ptcpdump.any file
	in_ns a setpriv --reuid 65534 --clear-groups $PYTHON talk.py udp-client 10.77.0.2 5300
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 20
	grep -q '"uid": 65534' "$TRUTH"
}

test_only_the_context_that_was_asked_for() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file --context process
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --context process
	tshark -r file -T fields -e frame.comment | grep 'PID: ' >/dev/null || fail "no process"
	! tshark -r file -T fields -e frame.comment | grep -E 'ThreadId|UserId|ParentPID' || fail "more than the process"
}

test_order_is_that_of_time() {
	netns_pair a b
	serve a tcp-server :: 8080 --worker fork
	capture a ptcpdump.any file
	in_ns b $PYTHON "$TRAFFIC/many.py" 60 4 "$BUILD/tests/traffic/brief" 10.77.0.1 8080
	capture_stop
	local inversions
	read -r inversions by < <(pcapng file inversions)
	[ "$inversions" = 0 ] || fail "$inversions packets are older than the one before, by up to $by ns"
}

# "ip netns exec" mounts another /sys, without the cgroup mount: the way many will start tshark.
test_started_by_ip_netns_exec() {
	netns_pair a b
	serve b udp-server :: 5300
	"${INTERRUPTIBLE[@]}" ip netns exec a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file \
		--log-file file.log --log-level info 2>file.err &
	CAPTURES[file]=$!
	eventually 10 grep -qs capturing file.log || fail "no capture: $(cat file.err)"
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 10
}
