# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# links.sh - every interface, whenever it comes, and every packet on it as tcpdump has it

# --- the same packets as tcpdump's --------------------------------------------------------------

mixed_traffic() { # NS ADDRESS-V4 ADDRESS-V6
	talk "$1" tcp-client "$2" 8080 --bytes 300000 --messages 3
	talk "$1" tcp-client "$3" 8080
	talk "$1" udp-client "$2" 5300
	talk "$1" udp-client "$3" 5300 --bytes 4000
	in_ns "$1" ping -q -c 2 -i 0.1 -s 3000 "$2"
}

test_same_packets_as_tcpdump_on_veth() {
	netns_pair a b
	serve b tcp-server :: 8080
	serve b udp-server :: 5300
	reference a va tcpdump.pcap
	capture a ptcpdump.any file
	mixed_traffic a 10.77.0.2 fd77::2
	in_ns b ping -q -c 2 -i 0.1 10.77.0.1
	capture_stop
	reference_stop
	expect_same_packets file va tcpdump.pcap
}

test_same_packets_as_tcpdump_on_loopback() {
	netns a
	serve a tcp-server :: 8080
	serve a udp-server :: 5300
	reference a lo tcpdump.pcap
	capture a ptcpdump.any file
	mixed_traffic a 127.0.0.1 ::1
	talk a udp-client 127.0.0.1 5300 --bytes 65507
	capture_stop
	reference_stop
	expect_same_packets file lo tcpdump.pcap
}

# The tag travels beside the packet in the kernel; in the file it is where it was on the wire.
test_vlan_tag_is_in_its_place() {
	netns_pair a b
	reference a va in.pcap
	reference b vb out.pcap
	capture a ptcpdump.any in
	capture b ptcpdump.any out
	in_ns b $PYTHON "$TRAFFIC/forge.py" vlan vb 20
	capture_stop
	reference_stop
	[ "$(tshark -r in -Y vlan.id==42 | wc -l)" = 20 ] || fail "the tag is lost"
	expect_same_packets in va in.pcap
	expect_same_packets out vb out.pcap
}

test_tun_device_has_raw_packets() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24
	eventually 5 link_is_up a tun0 || fail "tun0 does not come up"
	reference a tun0 tcpdump.pcap
	capture a ptcpdump.any file
	talk a udp-client 10.79.0.2 5300 --messages 4 # the program at the tun device answers
	capture_stop
	reference_stop
	pcapng file interfaces | grep -x "tun0 101" >/dev/null || fail "tun0 is not of raw packets: $(pcapng file interfaces)"
	expect_same_packets file tun0 tcpdump.pcap
	expect_owners file --right 100 --at-least 8
}

test_tap_device_has_frames() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a b
	spawn a $PYTHON "$TRAFFIC/tun.py" tap0 10.79.0.1/24 b 10.79.0.2/24
	eventually 5 link_is_up b tap0 || fail "tap0 does not come up"
	expect_packets_over tap0 1 10.79.0.1 10.79.0.2
}

test_bridge() {
	netns_pair a b
	ip -n b addr add 10.79.0.2/24 dev vb
	ip -n a link add br0 type bridge 2>error || lack "no bridge here: $(cat error)"
	ip -n a link set va master br0
	ip -n a addr add 10.79.0.1/24 dev br0
	ip -n a link set br0 up
	eventually 5 link_is_up a br0
	reference a va va.pcap
	expect_packets_over br0 1 10.79.0.1 10.79.0.2
	expect_same_packets file va va.pcap
}

# expect_packets_over INTERFACE LINK-TYPE ADDRESS ADDRESS-IN-B [OPTION...]: tcpdump's on an interface of a, with owners
expect_packets_over() {
	serve a tcp-server "$3" 8080
	serve b tcp-server "$4" 8080
	serve b udp-server "$4" 5300
	reference a "$1" over.pcap
	capture a ptcpdump.any file
	talk a tcp-client "$4" 8080 --bytes 20000 --messages 3
	talk b tcp-client "$3" 8080 --bytes 20000 --messages 3
	talk a udp-client "$4" 5300
	in_ns b ping -q -c 2 -i 0.1 "$3"
	capture_stop
	reference_stop
	pcapng file interfaces | grep -x "$1 $2" >/dev/null || fail "$1 is not of link type $2: $(pcapng file interfaces)"
	expect_same_packets file "$1" over.pcap
	expect_owners file --local "$3" --right 100 --at-least 40 "${@:5}"
}

# tunnel TYPE OPTION...: between a and b; the options of a have LOCAL and REMOTE for the addresses
tunnel() {
	netns_pair a b
	local words="${*//LOCAL/10.77.0.1}" far="${*//LOCAL/10.77.0.2}"
	# shellcheck disable=SC2086
	ip -n a link add t0 type ${words//REMOTE/10.77.0.2} 2>error || lack "no $1 here: $(cat error)"
	# shellcheck disable=SC2086
	ip -n b link add t0 type ${far//REMOTE/10.77.0.1}
	tunnel_up
}
tunnel_up() {
	ip -n a addr add 10.79.0.1/24 dev t0
	ip -n b addr add 10.79.0.2/24 dev t0
	ip -n a link set t0 up
	ip -n b link set t0 up
}

# In raw packets nothing of the tunnel's own headers is left.
test_ipip() { tunnel ipip local LOCAL remote REMOTE; expect_packets_over t0 101 10.79.0.1 10.79.0.2; }
test_gre() { tunnel gre local LOCAL remote REMOTE; expect_packets_over t0 101 10.79.0.1 10.79.0.2; }
test_sit() { tunnel sit mode any local LOCAL remote REMOTE; expect_packets_over t0 101 10.79.0.1 10.79.0.2; }
test_vxlan() { tunnel vxlan id 7 dstport 4789 local LOCAL remote REMOTE; expect_packets_over t0 1 10.79.0.1 10.79.0.2; }
test_gretap() { tunnel gretap local LOCAL remote REMOTE; expect_packets_over t0 1 10.79.0.1 10.79.0.2; }

test_wireguard() {
	need wg
	netns_pair a b
	local ns other
	for ns in a b; do
		ip -n $ns link add t0 type wireguard 2>error || lack "no wireguard here: $(cat error)"
		(umask 077; wg genkey >key.$ns)
		wg pubkey <key.$ns >public.$ns
	done
	for ns in a b; do
		other=$([ $ns = a ] && echo b || echo a)
		in_ns $ns wg set t0 listen-port 51820 private-key key.$ns peer "$(cat public.$other)" \
			allowed-ips 10.79.0.0/24 endpoint "$([ $ns = a ] && echo 10.77.0.2 || echo 10.77.0.1):51820"
	done
	tunnel_up
	in_ns a ping -q -c 1 -w 5 10.79.0.2
	expect_packets_over t0 101 10.79.0.1 10.79.0.2
}

test_snapshot_length_cuts() {
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file --snapshot-length 100
	talk a udp-client 10.77.0.2 5300 --bytes 1000
	capture_stop
	tshark -r file -Y 'udp.dstport==5300' -T fields -e frame.len -e frame.cap_len | sort -u >lengths
	printf '1042\t100\n' | cmp - lengths || fail "lengths are $(cat lengths)"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100
}

test_one_interface_is_only_that_one() {
	netns_pair a b
	serve a udp-server :: 5300
	capture a ptcpdump.if.va file
	talk a udp-client 127.0.0.1 5300
	talk b udp-client 10.77.0.1 5300
	capture_stop
	[ "$(pcapng file interfaces)" = "va 1" ] || fail "interfaces: $(pcapng file interfaces)"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

# A namespace's capture is of that namespace.
test_other_namespaces_are_not_captured() {
	netns_pair a b
	netns c
	serve b udp-server :: 5300
	capture c ptcpdump.any file
	talk a udp-client 10.77.0.2 5300
	capture_stop
	[ "$(pcapng file packets)" = 0 ] || fail "$(pcapng file packets) packets of another namespace"
}

# --- interfaces that come and go ----------------------------------------------------------------

test_interface_made_during_the_capture() {
	netns a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	veth_pair a b
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	pcapng file interfaces | grep -x "va 1" >/dev/null || fail "va is not there"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 15
}

test_interface_deleted_during_the_capture() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	ip -n a link del va
	veth_pair a b
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	[ "$(pcapng file interfaces | grep -cx "va 1")" = 2 ] || fail "not two interfaces: $(pcapng file interfaces)"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 30
}

test_interface_renamed_during_the_capture() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	ip -n a link set va down
	ip -n a link set va name renamed
	ip -n a link set renamed up
	ip -n a addr add fd77::1/64 dev renamed nodad || true
	eventually 5 link_is_up a renamed
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 30
}

test_interface_moved_into_the_namespace() {
	netns a b
	netns c
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	ip link add va netns c type veth peer name vb netns b
	ip -n c link set va netns a
	ip -n a addr add 10.77.0.1/24 dev va
	ip -n b addr add 10.77.0.2/24 dev vb
	ip -n a link set va up
	ip -n b link set vb up
	talk a udp-client 10.77.0.2 5300
	capture_stop
	expect_owners file --local 10.77.0.1 --right 100 --at-least 10
}

test_five_hundred_interfaces() {
	netns a
	local i begin took
	for ((i = 0; i < 250; i++)); do
		echo "link add p$i type veth peer name q$i"
		echo "link set p$i up"
		echo "link set q$i up"
	done | ip -n a -batch -
	begin=$(now)
	capture a ptcpdump.any file
	took=$(milliseconds_since "$begin")
	capture_stop
	figure "501 interfaces: captures after $took ms"
	[ "$(pcapng file interfaces | wc -l)" = 501 ] || fail "$(pcapng file interfaces | wc -l) interfaces, not 501"
}
LIMIT[test_five_hundred_interfaces]=120

# --- counts -------------------------------------------------------------------------------------

# What the kernel itself counts on va, both ways.
kernel_count() { in_ns a cat /proc/net/dev | awk '$1 == "va:" { print $3 + $11 }'; }

# burst OPTION...: every packet of 100,000 is in the file or counted as lost.
burst() {
	netns_pair a b
	serve b udp-server 10.77.0.2 5300 --silent
	capture a ptcpdump.any file "$@"
	local before sent there captured told received dropped
	before=$(kernel_count)
	sent=$(in_ns a "$BUILD/tests/traffic/flood" 10.77.0.2 5300 100000 64)
	there=$(($(kernel_count) - before))
	capture_stop
	captured=$(pcapng file owners | awk '$2 == "va"' | wc -l)
	told=$(tshark -r file -T fields -e frame.drop_count | awk '{ n += $1 } END { print n + 0 }')
	read -r _ received _ dropped < <(pcapng file statistics | grep '^va ')
	figure "sent $sent, captured $captured, lost $dropped (told on packets: $told), received $received"
	[ "$sent" = 100000 ] || fail "the kernel took $sent"
	[ $((captured + dropped)) = "$received" ] || fail "$((received - captured - dropped)) packets are unaccounted for"
	# The kernel's own chatter may fall beside what was counted.
	[ "$received" -ge "$there" ] && [ "$received" -le $((there + 20)) ] || fail "the kernel counts $there"
	[ "$told" -le "$dropped" ] || fail "packets tell of $told lost, the statistics of $dropped"
	expect_owners file --local 10.77.0.1,fd77::1 --right 99.5
}

test_burst_of_a_hundred_thousand() { burst; }
test_burst_into_a_small_ring() { burst --buffer-size 1; }

test_one_statistics_block_for_each_interface() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	[ "$(pcapng file statistics | cut -d' ' -f1 | sort)" = "$(pcapng file interfaces | cut -d' ' -f1 | sort)" ] ||
		fail "interfaces $(pcapng file interfaces), statistics $(pcapng file statistics)"
	local packets
	packets=$(pcapng file packets)
	[ "$(pcapng file statistics | awk '{ n += $3 } END { print n }')" = "$packets" ] ||
		fail "the statistics do not add up to $packets: $(pcapng file statistics)"
}

# How many interfaces the kernel side's table has, by the kernel's own word.
table_of_interfaces() { # PID
	local id
	for id in $(sed -n 's/^map_id:[ \t]*//p' "/proc/$1/fdinfo"/*); do
		bpftool -j map show id "$id" | grep -q '"name":"devices"' || continue
		bpftool -j map dump id "$id" | $PYTHON -c 'import json, sys; print(len(json.load(sys.stdin)))'
		return
	done
}
table_holds() { [ "$(table_of_interfaces "$1")" = "$2" ]; }

test_interface_that_is_gone_takes_no_room() {
	need bpftool
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a tcp-client 10.77.0.2 8080
	table_holds "${CAPTURES[file]}" 1 || fail "the table holds $(table_of_interfaces "${CAPTURES[file]}") interfaces, not va alone"
	ip -n a link del va
	eventually 20 table_holds "${CAPTURES[file]}" 0 || fail "va is still in the table"
	veth_pair a b
	serve b tcp-server :: 8081
	talk a tcp-client 10.77.0.2 8081
	capture_stop
	# Each of both is told of, with packets of its own.
	[ "$(pcapng file statistics | awk '$1 == "va" && $2 > 0 && $2 == $3 && $4 == 0' | wc -l)" = 2 ] ||
		fail "statistics: $(pcapng file statistics)"
	[ "$(pcapng file statistics | awk '{ n += $3 } END { print n }')" = "$(pcapng file packets)" ] ||
		fail "$(pcapng file packets) packets, statistics: $(pcapng file statistics)"
}
