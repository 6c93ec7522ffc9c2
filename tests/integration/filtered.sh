# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# filtered.sh - captures with a capture filter, each beside tcpdump with the same

# Twenty, over the same packets, and all at once: ours in f0, f1, …, tcpdump's in t0, t1, …
EXPRESSIONS=(
	'tcp port 8080'
	'udp'
	'icmp or icmp6'
	'ip'
	'ip6 and not icmp6'
	'host 10.77.0.2 and not tcp and not arp'
	'src host 10.77.0.1 and tcp'
	'dst port 5300'
	'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'
	'tcp[tcpflags] & tcp-push != 0 and dst port 8080'
	'greater 1000'
	'less 80 and not arp'
	'portrange 5000-6000'
	'net 10.77.0.0/24 and tcp'
	'ip[2:2] > 500'
	'ip proto 17 or ip6 proto 17'
	'ip[6:2] & 0x1fff != 0'
	'tcp[((tcp[12] & 0xf0) >> 2):4] != 0'
	'udp[400] >= 0'
	'ether host 02:00:00:00:00:0b and ip'
)

filtered_start() { # NS INTERFACE EXPRESSION...
	local ns=$1 interface=$2 i=0 expression
	shift 2
	for expression; do
		reference "$ns" "$interface" "t$i" "$expression"
		capture "$ns" ptcpdump.any "f$i" --buffer-size 8 --extcap-capture-filter "$expression"
		i=$((i + 1))
	done
}

filtered_are_same() { # INTERFACE EXPRESSION...
	local interface=$1 i=0 expression different=
	shift
	capture_stop
	reference_stop
	for expression; do
		echo "$expression:"
		$PYTHON "$TRAFFIC/same_packets.py" "f$i" "$interface" "t$i" || different+=" \"$expression\""
		counts_add_up "f$i"
		i=$((i + 1))
	done
	[ -z "$different" ] || fail "not the packets that tcpdump has:$different"
}

# What was received is accepted or rejected, and what was accepted is there: FILE
counts_add_up() {
	local seen rejected written
	written=$(pcapng "$1" packets)
	read -r written seen rejected < <(sed -E 's/.*: ([0-9]+) packets captured.*; ([0-9]+) seen, ([0-9]+) rejected by.*, 0 of others than selected, 0 lost for want of room, 0 cut.*/\1 \2 \3/' "$1.err")
	[ "$written" = "$(pcapng "$1" packets)" ] || fail "the summary says $(cat "$1.err"), and there are $(pcapng "$1" packets)"
	[ $((seen - rejected)) = "$written" ] || fail "does not add up: $(cat "$1.err")"
	[ "$(pcapng "$1" statistics | awk '{ n += $3 } END { print n }')" = "$written" ] || fail "statistics: $(pcapng "$1" statistics)"
}

filtered_on_veth() { # EXPRESSION...
	ip -n b link set vb address 02:00:00:00:00:0b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	filtered_start a va "$@"
	mixed_traffic a 10.77.0.2 fd77::2
	in_ns b ping -q -c 2 -i 0.1 10.77.0.1
	filtered_are_same va "$@"
}

mixed_traffic() { # NS ADDRESS-V4 ADDRESS-V6
	talk "$1" tcp-client "$2" 8080 --bytes 300000 --messages 3
	talk "$1" tcp-client "$3" 8080
	talk "$1" udp-client "$2" 5300
	talk "$1" udp-client "$2" 5300 --bytes 1200
	talk "$1" udp-client "$3" 5300 --bytes 4000
	in_ns "$1" ping -q -c 2 -i 0.1 -s 3000 "$2"
	in_ns "$1" ping -q -c 2 -i 0.1 "$3"
}

test_as_tcpdump() {
	netns_pair a b
	filtered_on_veth "${EXPRESSIONS[@]}"
}
LIMIT[test_as_tcpdump]=180

test_as_tcpdump_without_offload() {
	need ethtool
	netns_pair a b
	in_ns a ethtool -K va tso off gso off gro off tx off sg off
	in_ns b ethtool -K vb tso off gso off gro off tx off sg off
	filtered_on_veth "${EXPRESSIONS[@]}"
}
LIMIT[test_as_tcpdump_without_offload]=180

test_as_tcpdump_on_loopback() {
	netns a
	serve a tcp-server :: 8080
	serve a udp-server :: 5300
	local expressions=('tcp port 8080' 'icmp' 'src port 5300' 'greater 5000' 'ip6' 'udp[400] >= 0')
	filtered_start a lo "${expressions[@]}"
	mixed_traffic a 127.0.0.1 ::1
	filtered_are_same lo "${expressions[@]}"
}
LIMIT[test_as_tcpdump_on_loopback]=120

test_as_tcpdump_on_tun() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24
	eventually 5 link_is_up a tun0 || fail "tun0 does not come up"
	local expressions=('udp' 'src host 10.79.0.2' 'dst port 5300' 'ip[8] > 1 and udp' 'greater 40')
	filtered_start a tun0 "${expressions[@]}"
	capture a ptcpdump.any refused --extcap-capture-filter 'ether host 02:00:00:00:00:01'
	talk a udp-client 10.79.0.2 5300 --messages 4
	filtered_are_same tun0 "${expressions[@]}"
	[ "$(pcapng refused packets)" = 0 ] || fail "ether host on a tun device captures $(pcapng refused packets)"
	grep -q "captures nothing on interface tun0" refused.log || fail "says nothing of tun0: $(cat refused.log)"
	! grep -q "captures nothing on interface lo" refused.log || fail "says so of lo: $(cat refused.log)"
}
LIMIT[test_as_tcpdump_on_tun]=120

# Tunnels have a hardware type of their own. tcpdump makes up a link layer for GRE's, which its filter does not
# see either: lengths, too, are those of the packet.
test_as_tcpdump_on_tunnels() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a
	local name expressions=('udp' 'greater 69' 'less 68' 'len = 68' 'ip[2:2] = len' 'src host 10.79.0.2 and port 5300' 'not ip6')
	for name in gre0 ipip0 sit0; do
		spawn a $PYTHON "$TRAFFIC/tun.py" $name 10.79.0.1/24
		local tunnel=$SPAWNED
		eventually 5 link_is_up a $name || fail "$name does not come up"
		filtered_start a $name "${expressions[@]}"
		talk a udp-client 10.79.0.2 5300 --messages 2
		talk a udp-client 10.79.0.2 5300 --bytes 40
		talk a udp-client 10.79.0.2 5300 --bytes 500
		filtered_are_same $name "${expressions[@]}"
		kill "$tunnel"
		wait "$tunnel" || true
	done
}
LIMIT[test_as_tcpdump_on_tunnels]=180

# Where the tag stands beside the packet, and where it stands in it.
test_as_tcpdump_with_tags() {
	netns_pair a b
	serve b udp-server :: 5300
	local expressions=('vlan' 'vlan 42' 'vlan and udp' 'vlan 42 and not tcp' 'udp and not vlan' 'udp port 5300 or vlan 43')
	filtered_start a va "${expressions[@]}"
	in_ns b $PYTHON "$TRAFFIC/forge.py" vlan vb 20
	in_ns a $PYTHON "$TRAFFIC/forge.py" vlan va 20
	talk a udp-client 10.77.0.2 5300
	filtered_are_same va "${expressions[@]}"
	[ "$(pcapng f1 packets)" = 40 ] || fail "vlan 42: $(pcapng f1 packets) packets, not 40"
}
LIMIT[test_as_tcpdump_with_tags]=120

# tcpdump asks the first block of its ring again, without direction and interface, and loses packets
# by it; so that is filled with echoes beforehand, which neither is asked for.
test_as_tcpdump_by_direction() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	local index expressions i
	index=$(in_ns a cat /sys/class/net/va/ifindex 2>/dev/null || ip -n a -o link show va | cut -d: -f1)
	expressions=('inbound and not arp' 'outbound and not arp' "ifindex $index and not arp" 'inbound and tcp or outbound and icmp')
	for ((i = 0; i < ${#expressions[@]}; i++)); do
		reference a va "all$i" "${expressions[i]}"
	done
	in_ns b ping -q -c 3 -i 0.1 -s 77 10.77.0.1
	sleep 1.2
	for ((i = 0; i < ${#expressions[@]}; i++)); do
		capture a ptcpdump.any "f$i" --buffer-size 8 --extcap-capture-filter "${expressions[i]}"
	done
	mixed_traffic a 10.77.0.2 fd77::2
	capture_stop
	reference_stop
	for ((i = 0; i < ${#expressions[@]}; i++)); do
		tcpdump -r "all$i" -w "t$i" 'not (icmp and ip[2:2] = 105)' 2>/dev/null
		expect_same_packets "f$i" va "t$i"
		counts_add_up "f$i"
	done
}
LIMIT[test_as_tcpdump_by_direction]=120

# --- what the kernel side cannot decide ----------------------------------------------------------

# Bytes behind the headers, which is where the first 256 and what is in one piece end: of packets as large as
# offload makes them, in both directions.
PAYLOADS=(
	'tcp[((tcp[12] & 0xf0) >> 2) + 100] < 64'
	'len > 300 and ether[290:2] < 0x8000'
	'udp[1000:4] & 1 = 1'
	'len > 200 and ether[len - 1] & 3 != 0'
	'tcp and not (len > 9000 and ether[8999] & 7 < 4)'
	'udp and len > 20000 or tcp and ether[ether[60] + 60] > 100'
	'tcp and len > 5000 and ether[5000] & 1 = 1' # without offload there are none
	'ip[2:2] > 20000 and ip[20000:4] > 0x80000000'
)

payloads_are_same() { # NS INTERFACE ADDRESS
	filtered_start "$1" "$2" "${PAYLOADS[@]}"
	local i
	for i in 1 2 3; do
		in_ns "$1" $PYTHON "$TRAFFIC/bulk.py" send "$3" 9100
	done
	filtered_are_same "$2" "${PAYLOADS[@]}"
	# Packets larger than any frame were among them.
	[ "$(tshark -r t0 -Y 'frame.len > 9000' | wc -l)" -ge "${4:-0}" ] || fail "no large packets"
}
serve_bulk() { # NS
	spawn "$1" $PYTHON "$TRAFFIC/bulk.py" serve 9100 ready
	eventually 10 test -e ready || fail "bulk.py does not start"
}

test_payload_as_tcpdump() {
	netns_pair a b
	serve_bulk b
	payloads_are_same a va 10.77.0.2 1
}
LIMIT[test_payload_as_tcpdump]=120

test_payload_as_tcpdump_without_offload() {
	need ethtool
	netns_pair a b
	in_ns a ethtool -K va tso off gso off gro off tx off sg off
	in_ns b ethtool -K vb tso off gso off gro off tx off sg off
	PAYLOADS=("${PAYLOADS[@]:0:6}")
	serve_bulk b
	payloads_are_same a va 10.77.0.2
}
LIMIT[test_payload_as_tcpdump_without_offload]=120

test_payload_as_tcpdump_on_loopback() {
	netns a
	serve_bulk a
	payloads_are_same a lo 127.0.0.1 1
}
LIMIT[test_payload_as_tcpdump_on_loopback]=120

# --- what is not in the filter's way -------------------------------------------------------------

# What is learnt does not depend on the filter: replies are their process's, whose requests nobody
# wanted; and what nothing matches costs nobody an owner later.
test_replies_have_owners_without_their_requests() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	capture a ptcpdump.any none --extcap-capture-filter 'host 10.99.99.99'
	capture a ptcpdump.any file --extcap-capture-filter 'src host 10.77.0.2'
	talk a tcp-client 10.77.0.2 8080 --messages 5
	talk a udp-client 10.77.0.2 5300 --messages 5
	in_ns a ping -q -c 2 -i 0.1 10.77.0.2
	capture_stop
	[ "$(pcapng none packets)" = 0 ] || fail "$(pcapng none packets) packets that nobody wanted"
	[ "$(tshark -r file -Y 'ip.src != 10.77.0.2' | wc -l)" = 0 ] || fail "packets of others"
	expect_owners file --local 10.77.0.1 --right 100 --at-least 12
	counts_add_up none
}

# What the filter reads lies behind what is kept.
test_filter_reads_beyond_the_snapshot_length() {
	netns_pair a b
	serve b udp-server :: 5300
	reference a va t0 'udp[1000] >= 0'
	capture a ptcpdump.any f0 --snapshot-length 64 --extcap-capture-filter 'udp[1000] >= 0'
	talk a udp-client 10.77.0.2 5300 --bytes 1200 --messages 3
	talk a udp-client 10.77.0.2 5300 --bytes 100 --messages 3
	capture_stop
	reference_stop
	tshark -r t0 -T fields -e frame.len | sort >theirs
	tshark -r f0 -T fields -e frame.len | sort >ours
	[ -s theirs ] && cmp ours theirs || fail "$(wc -l <ours) packets, tcpdump has $(wc -l <theirs)"
	[ "$(tshark -r f0 -T fields -e frame.cap_len | sort -u)" = 64 ] || fail "more than 64 bytes are kept"
}

# Packets that go on to other people's programs, whatever the filter says, and before ours.
test_other_programs_see_all() {
	netns_pair a b
	ip -n a link add mv link va type macvlan mode bridge 2>error || lack "no macvlan here: $(cat error)"
	ip -n a addr add 10.78.0.1/24 dev mv
	ip -n a link set mv up
	ip -n b addr add 10.78.0.2/24 dev vb
	in_ns a sysctl -qw net.ipv4.conf.all.arp_ignore=1
	serve b udp-server :: 5300
	serve b tcp-server :: 8080
	spawn a "$BUILD/tests/traffic/tcx" last mv 1 earlier
	local earlier=$SPAWNED
	eventually 5 test -e earlier || skip "no tcx here"
	reference a mv t0 'tcp port 8080'
	capture a ptcpdump.any f0 --extcap-capture-filter 'tcp port 8080'
	eventually 10 grep -q "interface mv .*has the hook reentry" f0.log || fail "mv has no hook"
	spawn a "$BUILD/tests/traffic/tcx" first mv 1 before
	local before=$SPAWNED
	spawn a "$BUILD/tests/traffic/tcx" last mv 1 after
	local after=$SPAWNED
	eventually 5 test -e before
	eventually 5 test -e after
	talk a udp-client 10.78.0.2 5300 --messages 20
	talk a tcp-client 10.78.0.2 8080 --messages 3
	kill "$earlier" "$before" "$after"
	wait "$earlier" "$before" "$after"
	capture_stop
	reference_stop
	figure "they counted $(xargs <earlier) (before us in time), $(xargs <before) (ahead), $(xargs <after) (behind)"
	local file
	for file in earlier before after; do
		[ "$(cat $file)" -ge 26 ] || fail "$file counted $(cat $file)"
	done
	expect_same_packets f0 mv t0
	[ "$(pcapng f0 owners | grep -c ' mv in ')" -ge 5 ] || fail "nothing came in on mv"
	expect_owners f0 --local 10.78.0.1 --right 100
}

# What would cost those who send too much is not asked in the kernel.
test_dear_filter_is_the_engines() {
	netns_pair a b
	serve b udp-server :: 5300
	local hosts
	hosts=$(seq -f 'host 10.1.%g.1' 1 250 | paste -sd'|' | sed 's/|/ or /g')
	hosts="udp port 5300 or $hosts or ${hosts//10.1/10.2}"
	capture a ptcpdump.any f0 --extcap-capture-filter "$hosts"
	grep -q 'it is not asked in the kernel' f0.log || fail "says nothing: $(cat f0.log)"
	talk a udp-client 10.77.0.2 5300 --messages 5
	in_ns a ping -q -c 2 -i 0.1 10.77.0.2
	capture_stop
	[ "$(tshark -r f0 | wc -l)" -ge 10 ] && [ "$(tshark -r f0 -Y '!udp' | wc -l)" = 0 ] || fail "$(tshark -r f0)"
	counts_add_up f0
	expect_owners f0 --local 10.77.0.1 --right 100
}

test_one_interface_that_the_filter_does_not_suit() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24
	eventually 5 link_is_up a tun0 || fail "tun0 does not come up"
	expect_sentence 'can capture nothing on interface tun0' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.if.tun0 \
		--fifo file --extcap-capture-filter 'ether host 02:00:00:00:00:01'
}

# Only a live handle knows where a tag is, and libpcap wants a loopback device for it.
test_vlan_without_loopback_says_so() {
	ip netns add a
	expect_sentence 'ip link set lo up' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file \
		--extcap-capture-filter 'vlan 5'
	capture a ptcpdump.any f0 --extcap-capture-filter 'tcp port 80'
	capture_stop
}
