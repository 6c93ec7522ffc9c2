# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# passing.sh - packets that pass through: routed, bridged, translated, each with its owner all the way
#
# A router r stands between a client's namespace a and a server's namespace c; r alone is captured. A
# stranger listens in r on the very ports that pass through, and is never named.

# stage: a (10.77.0.1) -- ra r rc -- c (10.78.0.1)
stage() {
	netns a
	netns r
	netns c
	ip link add va netns a type veth peer name ra netns r
	ip link add vc netns c type veth peer name rc netns r
	end_of a va 10.77.0.1/24 fd77::1/64
	end_of r ra 10.77.0.254/24 fd77::254/64
	end_of c vc 10.78.0.1/24 fd78::1/64
	end_of r rc 10.78.0.254/24 fd78::254/64
	by_way_of a 10.77.0.254 fd77::254
	by_way_of c 10.78.0.254 fd78::254
	in_ns r sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	eventually 5 link_is_up r ra
	eventually 5 link_is_up r rc
	TRUTH=$TEST_TMP/stranger serve r tcp-server :: 8080
	STRANGERS=("$SPAWNED")
	TRUTH=$TEST_TMP/stranger serve r tcp-server :: 8443
	STRANGERS+=("$SPAWNED")
	TRUTH=$TEST_TMP/stranger serve r udp-server :: 5300
	STRANGERS+=("$SPAWNED")
	# A packet that waits for its neighbour's address may wait for a second.
	in_ns a ping -q -c 1 -w 5 10.78.0.1 >/dev/null
	in_ns a ping -q -c 1 -w 5 fd78::1 >/dev/null
}
end_of() { # NS INTERFACE V4 V6
	ip -n "$1" addr add "$3" dev "$2"
	ip -n "$1" addr add "$4" dev "$2" nodad
	ip -n "$1" link set "$2" up
}
by_way_of() { # NS V4 V6
	ip -n "$1" route add default via "$2"
	ip -n "$1" route add default via "$3"
}

# What leaves through rc has r's own address; the source's port stays, where it can.
masquerade() {
	in_ns r nft -f - <<-END || skip "no translation here"
		table inet nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				oifname rc masquerade
			}
		}
	END
}
# What comes to r on 8443 (TCP) and 5300 (UDP) is c's.
redirect() {
	in_ns r nft -f - <<-END || skip "no translation here"
		table inet nat {
			chain prerouting {
				type nat hook prerouting priority -100;
				iifname ra meta nfproto ipv4 tcp dport 8443 dnat ip to 10.78.0.1:8080
				iifname ra meta nfproto ipv4 udp dport 5300 dnat ip to 10.78.0.1:5300
				iifname ra meta nfproto ipv6 tcp dport 8443 dnat ip6 to [fd78::1]:8080
				iifname ra meta nfproto ipv6 udp dport 5300 dnat ip6 to [fd78::1]:5300
			}
		}
	END
}

servers() { # NS
	serve "$1" tcp-server :: 8080
	serve "$1" udp-server :: 5300
}
talks() { # NS TCP-PORT ADDRESS...
	local address
	for address in "${@:3}"; do
		talk "$1" tcp-client "$address" "$2" --messages 20
		talk "$1" tcp-client "$address" "$2" --bytes 200000 --messages 3
		talk "$1" udp-client "$address" 5300 --messages 20
		talk "$1" udp-client "$address" 5300 --connected
	done
}

expect_passing() { # FILE [OPTION...]
	local pid
	$PYTHON "$TRAFFIC/truth_passing.py" "$1" "$TRUTH" "${@:2}" || fail "not everything that passes has its owner"
	for pid in "${STRANGERS[@]}"; do
		! pcapng "$1" owners | awk '{ print $4 }' | grep -qx "$pid" || fail "the stranger is named"
	done
}

test_routed() {
	stage
	servers c
	capture r ptcpdump.any file
	talks a 8080 10.78.0.1 fd78::1
	capture_stop
	expect_passing file --interfaces ra,rc
}

# A capture filter wants the packets of one hop alone: the other is met all the same.
test_routed_with_one_hop_wanted() {
	stage
	servers c
	capture r ptcpdump.any file --extcap-capture-filter 'ip[8] = 63 or ip6[7] = 63'
	talks a 8080 10.78.0.1 fd78::1
	capture_stop
	[ "$(tshark -r file -Y 'ip.ttl != 63 || ipv6.hlim != 63' | wc -l)" = 0 ] || fail "packets of the other hop"
	expect_passing file --interfaces ra,rc
}

test_masqueraded() {
	need nft
	stage
	masquerade
	servers c
	capture r ptcpdump.any file
	talks a 8080 10.78.0.1 fd78::1
	capture_stop
	expect_passing file --interfaces ra,rc
	[ "$(tshark -r file -Y 'ip.src == 10.78.0.254' | wc -l)" -ge 50 ] || fail "nothing was translated"
}

test_masqueraded_by_iptables() {
	need iptables
	stage
	in_ns r iptables -t nat -A POSTROUTING -o rc -j MASQUERADE 2>iptables.err || skip "$(tail -n 1 iptables.err)"
	servers c
	capture r ptcpdump.any file
	talks a 8080 10.78.0.1
	capture_stop
	expect_passing file --interfaces ra,rc
	[ "$(tshark -r file -Y 'ip.src == 10.78.0.254' | wc -l)" -ge 50 ] || fail "nothing was translated"
}

test_redirected_beside_a_listener() {
	need nft
	stage
	redirect
	servers c
	capture r ptcpdump.any file
	talks a 8443 10.77.0.254 fd77::254
	capture_stop
	expect_passing file --interfaces ra,rc
	[ "$(tshark -r file -Y 'ip.dst == 10.78.0.1' | wc -l)" -ge 50 ] || fail "nothing was translated"
}

# Somebody's tc sends on what comes in, past bridge and router: it is seen before, and recognised after.
test_redirected_by_tc() {
	netns a
	netns r
	netns c
	ip link add va netns a type veth peer name ra netns r
	ip link add vc netns c type veth peer name rc netns r
	end_of a va 10.77.0.1/24 fd77::1/64
	end_of c vc 10.77.0.2/24 fd77::2/64
	ip -n r link set ra up
	ip -n r link set rc up
	local from to
	for from in ra rc; do
		to=$([ $from = ra ] && echo rc || echo ra)
		in_ns r tc qdisc add dev $from clsact
		in_ns r tc filter add dev $from ingress protocol all u32 match u32 0 0 action mirred egress redirect dev $to 2>tc.err ||
			skip "$(head -n 1 tc.err)"
	done
	STRANGERS=()
	eventually 5 in_ns a ping -q -c 1 -W 1 10.77.0.2 >/dev/null
	servers c
	capture r ptcpdump.any file
	talks a 8080 10.77.0.2 fd77::2
	capture_stop
	expect_passing file --interfaces ra,rc
}

# Nothing comes back that could teach whose the datagrams are.
test_one_way() {
	need nft
	stage
	redirect
	serve c udp-server :: 5300 --silent
	local server=$SPAWNED
	capture r ptcpdump.any file
	talk a udp-client 10.77.0.254 5300 --silent --messages 50 --pause 0.002
	capture_stop
	expect_passing file --interfaces ra,rc --reader "$server"
}

# The data is copied on its way where others hold it too: tcpdump does, on both sides.
test_watched_by_tcpdump() {
	need nft
	stage
	masquerade
	servers c
	reference r ra ra.pcap
	reference r rc rc.pcap
	capture r ptcpdump.any file
	talks a 8080 10.78.0.1
	capture_stop
	reference_stop
	expect_passing file --interfaces ra,rc
	expect_same_packets file ra ra.pcap
	expect_same_packets file rc rc.pcap
}

# Only the outer interface is captured: what happens on the others is learnt from all the same.
test_outer_interface_alone() {
	need nft
	stage
	masquerade
	servers c
	capture r ptcpdump.if.rc file
	talks a 8080 10.78.0.1 fd78::1
	capture_stop
	expect_passing file --interfaces rc
}

# Each worker of a server that forks has its own connection's packets, all along the way.
test_many_to_a_forking_server() {
	need nft
	stage
	masquerade
	redirect
	serve c tcp-server :: 8080 --worker fork
	local listener=$SPAWNED
	capture r ptcpdump.any file
	in_ns a $PYTHON "$TRAFFIC/many.py" 100 4 "$BUILD/tests/traffic/brief" 10.78.0.1 8080
	in_ns a $PYTHON "$TRAFFIC/many.py" 100 4 "$BUILD/tests/traffic/brief" 10.77.0.254 8443
	capture_stop
	expect_passing file --interfaces ra,rc --holders "$listener"
}

# Two processes use one socket by turns: the translation does not tell them apart, the way does.
test_shared_datagram_socket() {
	need nft
	stage
	masquerade
	servers c
	capture r ptcpdump.any file
	talk a shared-udp 10.78.0.1 5300 --messages 20
	capture_stop
	expect_passing file --interfaces ra,rc
}

# One process after another has the same port, which the translation keeps.
test_one_after_another_on_the_same_ends() {
	need nft
	stage
	masquerade
	servers c
	capture r ptcpdump.any file
	in_ns a $PYTHON "$TRAFFIC/traps.py" same-port 10.78.0.1 5300
	capture_stop
	expect_passing file --interfaces ra,rc
}

# Two containers as runtimes make them: on a bridge that has an address, translated behind it.
test_behind_a_bridge_and_a_translation() {
	need nft
	stage
	ip -n r link add br0 type bridge 2>/dev/null || skip "no bridge here"
	ip -n r addr flush dev ra
	ip -n r link set ra master br0
	end_of r br0 10.77.0.254/24 fd77::254/64
	netns b
	ip link add vb netns b type veth peer name rb netns r
	end_of b vb 10.77.0.2/24 fd77::2/64
	ip -n r link set rb master br0 up
	by_way_of b 10.77.0.254 fd77::254
	eventually 5 link_is_up r rb
	masquerade
	servers b
	servers c
	capture r ptcpdump.any file
	talks a 8080 10.78.0.1 fd78::1
	talks a 8080 10.77.0.2
	capture_stop
	expect_passing file --interfaces ra,rb,rc,br0
}

# In every namespace on the way, with the ends of each.
test_all_the_way() {
	need nft
	stage
	masquerade
	servers c
	capture r ptcpdump.any file --netns a,r,c
	talks a 8080 10.78.0.1 fd78::1
	capture_stop
	expect_passing file --interfaces va@a,ra,rc,vc@c
}

# A namespace in a namespace: two routers, two translations.
test_nested() {
	need nft
	stage
	masquerade
	netns d
	ip link add vd netns d type veth peer name av netns a
	end_of d vd 10.79.0.1/24 fd79::1/64
	end_of a av 10.79.0.254/24 fd79::254/64
	by_way_of d 10.79.0.254 fd79::254
	in_ns a sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	in_ns a nft -f - <<-END
		table inet nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				oifname va masquerade
			}
		}
	END
	eventually 5 link_is_up a av
	servers c
	capture r ptcpdump.any file
	talks d 8080 10.78.0.1 fd78::1
	capture_stop
	expect_passing file --interfaces ra,rc
}

# Either end is wanted: the packets are there on each interface, and no others.
test_selected_through_a_translation() {
	need nft
	stage
	masquerade
	serve c tcp-server :: 8080
	capture r ptcpdump.if.rc file --pname traps.py,brief
	in_ns a "$BUILD/tests/traffic/brief" 10.78.0.1 8080
	talk a tcp-client 10.78.0.1 8080
	in_ns a "$BUILD/tests/traffic/brief" 10.78.0.1 8080
	capture_stop
	expect_passing file --interfaces rc
	[ "$(tshark -r file -Y 'tcp.flags == 2' -T fields -e tcp.srcport | sort -u | wc -l)" -eq 2 ] || fail "not the two connections of brief"
}

# An echo's number is translated, too. What answers is the kernel.
test_echoes() {
	need nft
	stage
	masquerade
	capture r ptcpdump.any file
	spawn a ping -q -c 20 -i 0.01 10.78.0.1
	local ping=$SPAWNED
	wait "$ping"
	capture_stop
	$PYTHON - file "$ping" <<-'END'
		import os, sys
		sys.path.insert(0, os.environ["SOURCE"] + "/tests/traffic")
		from read_pcapng import File
		from frames import Frame
		named = {}
		for packet in File(sys.argv[1]).packets:
		    frame = Frame(packet.interface.linktype, packet.data)
		    if not frame.is_echo():
		        continue
		    ends = {sender: packet.owner().get(key) for key, sender in packet.ends()}
		    key = packet.interface.name, packet.direction, "request" if frame.is_request() else "reply"
		    named.setdefault(key, []).append((ends[True], ends[False]))
		print("figure:", {key: (len(value), value[0]) for key, value in named.items()})
		ping = sys.argv[2]
		assert len(named) == 4, named
		for key, ends in named.items():
		    assert len(ends) == 20 and set(ends) == {(ping, None) if key[2] == "request" else (None, ping)}, (key, ends)
	END
}

# A table that is full takes nobody else's connection, and nobody is named wrong. What is recognised on its
# way has its owner all the same.
test_full_flow_table() {
	stage
	servers c
	capture r ptcpdump.any file --buffer-size 128
	in_ns a $PYTHON "$TRAFFIC/traps.py" spray 10.78.0.1 40000
	in_ns a $PYTHON "$TRAFFIC/traps.py" spray 10.78.0.1 40000
	eventually 15 grep -q "flow table is full" file.log || fail "the table is not full"
	talks a 8080 10.78.0.1
	capture_stop
	expect_passing file --known 99
}
LIMIT[test_full_flow_table]=180
