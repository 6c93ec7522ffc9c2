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
