# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# namespaces.sh - which network namespaces, and both ends of what passes between them

ADDRESSES=(--local 10.77.0.1,fd77::1)

names() { pcapng "$1" interfaces | cut -d' ' -f1 | sort | xargs; }

# expect_names FILE NAME...: these interfaces and no other
expect_names() {
	local file=$1 expected
	shift
	expected=$(printf '%s\n' "$@" | sort | xargs)
	[ "$(names "$file")" = "$expected" ] || fail "interfaces $(names "$file"), not $expected"
}

# expect_packets_on FILE NAME...: packets on each of these, and on no other
expect_packets_on() {
	local file=$1 expected there
	shift
	expected=$(printf '%s\n' "$@" | sort | xargs)
	there=$(pcapng "$file" owners | awk '{ print $2 }' | sort -u | xargs)
	[ "$there" = "$expected" ] || fail "packets on $there, not $expected"
}

# --- by whatever name ---------------------------------------------------------------------------

# captured_from_c NETNS: from c, which has no part in it
captured_from_c() {
	netns_pair a b
	netns c
	serve a udp-server :: 5300
	serve b udp-server :: 5300
	SERVER=$SPAWNED
	reference a va va.pcap
	capture c ptcpdump.any file --netns "$1"
	talk a udp-client 10.77.0.2 5300
	talk a udp-client 127.0.0.1 5300
	talk c refused 127.0.0.1 99
	capture_stop
	reference_stop
}

test_by_name() {
	captured_from_c a
	expect_packets_on file va@a lo@a
	expect_same_packets file va@a va.pcap
	expect_owners file "${ADDRESSES[@]}" --right 0 --at-least 10
}

test_by_path() {
	captured_from_c /run/netns/a
	expect_packets_on file va@a lo@a
	expect_same_packets file va@a va.pcap
}

test_by_process() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	capture c ptcpdump.any file --netns "/proc/$SPAWNED/ns/net"
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_packets_on file vb@b
	expect_owners file --local 10.77.0.2 --right 100 --at-least 10
}

test_several() {
	captured_from_c a,/run/netns/b
	expect_packets_on file va@a lo@a vb@b
}

test_our_own_among_others() {
	captured_from_c a,c
	expect_packets_on file va@a lo@a lo
}

test_source_of_a_namespace() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	reference a va va.pcap
	capture c ptcpdump.netns.a file
	talk a udp-client 10.77.0.2 5300
	talk b udp-client 127.0.0.1 5300
	capture_stop
	reference_stop
	expect_packets_on file va@a
	expect_same_packets file va@a va.pcap
	expect_owners file "${ADDRESSES[@]}" --right 100 --at-least 10
}

# A namespace without a name goes by its number, as a source and in the interfaces' names.
test_source_of_a_nameless_namespace() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	spawn a sleep 60
	eventually 5 grep -qx sleep "/proc/$SPAWNED/comm" # it is in there by now
	local inode
	inode=$(stat -L -c %i "/proc/$SPAWNED/ns/net")
	umount /run/netns/a
	rm /run/netns/a
	capture c "ptcpdump.netns.$inode" file
	nsenter --net="/proc/$SPAWNED/ns/net" $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300
	capture_stop
	expect_packets_on file "va@$inode"
	expect_owners file "${ADDRESSES[@]}" --right 100 --at-least 10
	kill "$SPAWNED"
}

test_namespace_that_is_not_there() {
	netns a
	expect_sentence 'blue' in_ns a "$ENGINE" --capture --fifo file --extcap-interface ptcpdump.any --netns blue
	expect_sentence 'blue' in_ns a "$ENGINE" --capture --fifo file --extcap-interface ptcpdump.netns.blue
	expect_sentence 'no-such' in_ns a "$ENGINE" --capture --fifo file --extcap-interface ptcpdump.any \
		--netns a,/run/no-such
	: >/run/netns/plain
	expect_sentence 'plain' in_ns a "$ENGINE" --capture --fifo file --extcap-interface ptcpdump.any --netns plain
	expect_sentence 'namespace' in_ns a "$ENGINE" --capture --fifo file --extcap-interface ptcpdump.if.lo --netns a
	rm /run/netns/plain
}

# --- all of them --------------------------------------------------------------------------------

# Those that are born during the capture as well, their first packet included.
test_all_with_one_born_meanwhile() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	capture c ptcpdump.any file --netns all
	talk a udp-client 10.77.0.2 5300
	netns born
	reference born lo born.pcap
	serve born udp-server 127.0.0.1 5300
	talk born udp-client 127.0.0.1 5300
	ip link add young netns born type veth peer name old netns c
	ip -n born addr add 10.80.0.1/24 dev young
	ip -n c addr add 10.80.0.2/24 dev old
	ip -n born link set young up
	ip -n c link set old up
	eventually 5 link_is_up born young
	talk born refused 10.80.0.2 99
	capture_stop
	reference_stop
	expect_same_packets file lo@born born.pcap
	local name there
	there=$(pcapng file owners | awk '{ print $2 }' | sort -u)
	for name in va@a vb@b lo@born young@born old; do
		grep -qx "$name" <<<"$there" || fail "no packets on $name, but $(names file)"
	done
}

# The same name and the same index, in two namespaces: two blocks, and no packet in the other's.
test_same_name_and_index() {
	netns a b
	netns c
	ip link add eth7 index 77 netns a type veth peer name peer netns c
	ip link add eth7 index 77 netns b type veth peer name peer2 netns c
	local ns last=0
	for ns in a b; do
		ip -n $ns addr add "10.8$last.0.1/24" dev eth7
		ip -n $ns link set eth7 up
		ip -n c link set "$([ $ns = a ] && echo peer || echo peer2)" up
		eventually 5 link_is_up $ns eth7
		last=1
	done
	ip -n c addr add 10.80.0.2/24 dev peer
	ip -n c addr add 10.81.0.2/24 dev peer2
	[ "$(ip -n a -o link show eth7 | cut -d: -f1)" = "$(ip -n b -o link show eth7 | cut -d: -f1)" ] || fail "other indices"
	serve c udp-server 10.80.0.2 5300
	serve c udp-server 10.81.0.2 5300
	reference a eth7 a.pcap
	reference b eth7 b.pcap
	capture c ptcpdump.any file --netns a,b
	talk a udp-client 10.80.0.2 5300 --messages 4
	talk b udp-client 10.81.0.2 5300 --messages 6
	capture_stop
	reference_stop
	expect_packets_on file eth7@a eth7@b
	expect_same_packets file eth7@a a.pcap
	expect_same_packets file eth7@b b.pcap
	[ "$(pcapng file statistics | grep -c ^eth7@)" = 2 ] || fail "not two statistics: $(pcapng file statistics)"
	expect_owners file --local 10.80.0.1,10.81.0.1 --right 100 --at-least 20
}

# Each interface of each namespace has its block before the first packet, by name, and the statistics
# say that nothing passed where nothing did.
test_interfaces_are_listed_before_their_packets() {
	netns_pair a b
	netns c
	# A namespace without a name, held by a process.
	unshare --net sleep 60 &
	local holder=$! nameless
	eventually 5 in_other_netns $holder
	nsenter --net=/proc/$holder/ns/net ip link add silent index 91 type veth peer name other index 92
	nameless=$(stat -L -c %i /proc/$holder/ns/net)
	# What IPv6 says of itself is filtered away.
	capture c ptcpdump.any file --netns "a,b,/proc/$holder/ns/net" --extcap-capture-filter "udp port 9"
	capture_stop
	expect_names file lo@a va@a lo@b vb@b "lo@$nameless" "silent@$nameless" "other@$nameless"
	[ "$(pcapng file packets)" = 0 ] || fail "somebody sent"
	[ "$(pcapng file statistics | wc -l)" = 7 ] || fail "statistics: $(pcapng file statistics)"
	# One that has changed its name since is a further block; one that has not is none.
	serve b udp-server :: 5300
	capture c ptcpdump.any renamed --netns a
	ip -n a link set va down
	ip -n a link set va name vx
	ip -n a link set vx up
	eventually 5 link_is_up a vx
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_names renamed lo@a va@a vx@a
	pcapng renamed owners | awk '{ print $2 }' | grep -x vx@a >/dev/null || fail "no packets on vx"
}
in_other_netns() { ! [ "/proc/$1/ns/net" -ef /proc/self/ns/net ]; }
# The very same ends of a connection in two namespaces at once, each with processes of its own.
test_same_flow_on_two_loopbacks() {
	netns a b
	serve a udp-server 127.0.0.1 5300
	serve b udp-server 127.0.0.1 5300
	capture a ptcpdump.any file --netns a,b
	in_ns a $PYTHON "$TRAFFIC/traps.py" same-port 127.0.0.1 5300 &
	local other=$!
	in_ns b $PYTHON "$TRAFFIC/traps.py" same-port 127.0.0.1 5300
	wait $other
	capture_stop
	$PYTHON "$TRAFFIC/truth_passing.py" file "$TRUTH" --interfaces lo,lo@b || fail "one's packets are the other's"
}

# --- that come and go ---------------------------------------------------------------------------

# A namespace that is deleted while we capture goes at once, and its end of a veth with it: that
# of its peer tells.
test_deleted_namespace_goes_at_once() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	capture c ptcpdump.any file --netns all
	talk a udp-client 10.77.0.2 5300
	local begin
	begin=$(now)
	ip netns del a
	eventually 5 no_link b vb || fail "the namespace is held: its veth is still there"
	figure "gone after $(milliseconds_since "$begin") ms"
	capture_stop
	pcapng file statistics | grep '^va@a ' >/dev/null || fail "no statistics of what has gone"
}
no_link() { ! ip -n "$1" link show dev "$2" >/dev/null 2>&1; }

test_deleted_source_of_a_capture() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	capture c ptcpdump.netns.a file
	talk a udp-client 10.77.0.2 5300
	ip netns del a
	eventually 5 no_link b vb || fail "the namespace is held: its veth is still there"
	capture_stop
	[ "$(pcapng file owners | grep -c va@a)" -ge 10 ] || fail "packets are missing"
}

# As on a machine that starts a hundred containers and ends them.
test_hundred_namespaces_during_a_capture() {
	netns c
	local begin started i inodes=$TEST_TMP/inodes
	begin=$(now)
	capture c ptcpdump.any file --netns all
	started=$(milliseconds_since "$begin")
	begin=$(now)
	for ((i = 0; i < 100; i++)); do
		ip netns add "n$i"
		ip -n "n$i" link set lo up
		in_ns "n$i" "$BUILD/tests/traffic/flood" 127.0.0.1 9 1 32 >/dev/null
		ip netns del "n$i"
	done
	local made
	made=$(milliseconds_since "$begin")
	begin=$(now)
	capture_stop
	local stopped
	stopped=$(milliseconds_since "$begin")
	figure "starts in $started ms; 100 namespaces made, used and deleted in $made ms; stops in $stopped ms"
	# Each had a packet to a port where nobody listens, and the ICMP error to it.
	local blocks
	blocks=$(pcapng file owners | awk '$5 == 74 && $2 ~ /^lo@/' | wc -l)
	figure "$blocks of 100 datagrams, on $(pcapng file interfaces | wc -l) interfaces"
	[ "$blocks" -ge 100 ] || fail "$blocks of 100 datagrams"
	[ "$(pcapng file owners | awk '$5 == 74 && $2 ~ /^lo@/ && $4 == "-"' | wc -l)" = 0 ] || fail "some without owner"
}
LIMIT[test_hundred_namespaces_during_a_capture]=120

test_start_with_a_hundred_namespaces() {
	netns c
	local i begin started alone
	begin=$(now)
	capture c ptcpdump.any alone --netns all
	alone=$(milliseconds_since "$begin")
	capture_stop alone
	for ((i = 0; i < 100; i++)); do
		ip netns add "n$i"
	done
	begin=$(now)
	capture c ptcpdump.any file --netns all
	started=$(milliseconds_since "$begin")
	begin=$(now)
	capture_stop
	figure "captures after $started ms with 100 namespaces, $alone ms before; stops in $(milliseconds_since "$begin") ms"
}

# --- both ends ----------------------------------------------------------------------------------

# expect_ends FILE [OPTION...]: see traffic/truth_ends.py
expect_ends() {
	$PYTHON "$TRAFFIC/truth_ends.py" "$1" "$TRUTH" "${@:2}" || fail "not both ends"
}

talks() { # NS ADDRESS...
	local address
	for address in "${@:2}"; do
		talk "$1" tcp-client "$address" 8080 --bytes 4000
		talk "$1" udp-client "$address" 5300
		talk "$1" udp-client "$address" 5300 --connected
	done
}

test_both_ends_over_veth() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	capture a ptcpdump.any file --netns a,b
	talks a 10.77.0.2 fd77::2
	capture_stop
	expect_ends file
}

test_both_ends_on_loopback() {
	netns a
	serve a tcp-server :: 8080
	serve a udp-server :: 5300
	capture a ptcpdump.any file
	talks a 127.0.0.1 ::1
	capture_stop
	expect_ends file
}

# Of one namespace, the other end is known for what comes in; of what goes out, at loopback only.
test_one_end_over_veth() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talks a 10.77.0.2 fd77::2
	capture_stop
	expect_ends file --peers 50
}

test_both_ends_with_a_forking_server() {
	netns_pair a b
	serve b tcp-server :: 8080 --worker fork
	serve b prefork-server :: 8082
	capture a ptcpdump.any file --netns a,b
	in_ns a $PYTHON "$TRAFFIC/many.py" 40 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	in_ns a $PYTHON "$TRAFFIC/many.py" 40 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8082
	capture_stop
	expect_ends file --peers 97
}

# Through a router: the ends are on this machine, the router's own namespace has none of them.
test_both_ends_through_a_router() {
	netns_pair a b
	netns c
	ip link add vbc netns b type veth peer name vcb netns c
	ip -n b addr add 10.78.0.1/24 dev vbc
	ip -n c addr add 10.78.0.2/24 dev vcb
	ip -n b link set vbc up
	ip -n c link set vcb up
	ip -n a route add 10.78.0.0/24 via 10.77.0.2
	ip -n c route add 10.77.0.0/24 via 10.78.0.1
	in_ns b sysctl -q -w net.ipv4.ip_forward=1
	serve c tcp-server :: 8080
	serve c udp-server :: 5300
	capture a ptcpdump.any file --netns a,b,c
	talks a 10.78.0.2
	capture_stop
	# In the middle neither end is near: known are the owners at both ends, and nobody is wrong.
	expect_ends file --peers 20
}

# A bridge between many: each packet floods or is sent to one, and names nobody wrong.
test_both_ends_through_a_bridge() {
	netns a b
	netns c
	netns bridge
	ip -n bridge link add br0 type bridge 2>/dev/null || skip "no bridge here"
	local ns last=1
	for ns in a b c; do
		ip link add "v$ns" netns $ns type veth peer name "p$ns" netns bridge
		ip -n bridge link set "p$ns" master br0 up
		ip -n $ns addr add 10.77.0.$last/24 dev "v$ns"
		ip -n $ns link set "v$ns" up
		last=$((last + 1))
	done
	ip -n bridge link set br0 up
	eventually 5 link_is_up a va
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	serve c udp-server :: 5300
	capture a ptcpdump.any file --netns a,b,c,bridge
	talks a 10.77.0.2
	talk a udp-client 10.77.0.3 5300
	capture_stop
	expect_ends file --peers 20
}
