# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# traps.sh - where the obvious owner is the wrong one: each trap is sprung on purpose
#
# Unknown may be allowed here, and each test says how much of it; wrong never is.

LOCAL=(--local 10.77.0.1,fd77::1)

trap_in() { in_ns "$1" $PYTHON "$TRAFFIC/traps.py" "${@:2}"; }

# trap_server NS ARGUMENTS...: in the background, ready when this returns.
trap_server() {
	spawn "$1" $PYTHON "$TRAFFIC/traps.py" "${@:2}" >ready
	eventually 10 grep -q ready ready || fail "traps.py ${*:2} did not start"
}

# client_trap NAME [CHECK...]: one trap as a client in a, an honest server in b.
client_trap() {
	netns_pair a b
	serve b udp-server :: 5300
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	trap_in a "$1" 10.77.0.2 "${2:-5300}"
	capture_stop
	expect_owners file "${LOCAL[@]}" "${@:3}"
}

test_thread_is_the_one_that_did_it() { client_trap threads 5300 --right 100 --at-least 40; }
test_connection_passed_to_another_process() { client_trap passed 8080 --right 90 --at-least 15; }
test_peeking_is_no_reading() { client_trap peeker 5300 --right 95 --at-least 40; }
test_failed_sending_is_no_sending() { client_trap failing-sender 5300 --right 95 --at-least 40; }
test_one_process_after_another_on_the_same_ends() { client_trap same-port 5300 --right 95 --at-least 60; }
test_user_of_each_use() { client_trap users 5300 --right 100 --at-least 10; }
test_reset_is_its_own() { client_trap reset 8080 --right 100 --at-least 7; }
test_data_out_of_a_file() { client_trap file-sender 8080 --right 100 --at-least 10; }

test_reading_by_splice() {
	netns_pair a b
	serve b tcp-server :: 8080
	trap_server a spliced 10.77.0.2 8080
	capture a ptcpdump.any file
	touch go
	wait "$SPAWNED"
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 80 --at-least 20
}

test_fin_of_a_killed_process_is_its_own() {
	netns_pair a b
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	trap_in a killed 10.77.0.2 8080 || true
	sleep 0.2
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 85 --at-least 8
	local fin
	fin=$(tshark -r file -Y 'tcp.flags.fin==1 and ip.src==10.77.0.1' -T fields -e ptcpdump.pid)
	[ -n "$fin" ] || fail "the FIN has no owner"
}

test_answer_to_a_process_that_has_ended() {
	netns_pair a b
	trap_server b late-server 10.77.0.2 5300
	capture a ptcpdump.any file
	local i
	for i in 1 2 3; do
		trap_in a answered-too-late 10.77.0.2 5300
	done
	sleep 1.2
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 6
}

test_process_that_sends_one_datagram_and_ends() {
	netns_pair a b
	serve b udp-server :: 5300 --silent
	capture a ptcpdump.any file
	in_ns a $PYTHON "$TRAFFIC/many.py" 200 2 "$BUILD/tests/traffic/flood" 10.77.0.2 5300 1 40
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 200
}

test_multipath_tcp() {
	netns_pair a b
	local status=0
	trap_server b multipath-server 10.77.0.2 8080
	capture a ptcpdump.any client
	capture b ptcpdump.any server
	trap_in a multipath 10.77.0.2 8080 || status=$?
	[ $status != 77 ] || skip "no multipath TCP"
	capture_stop
	tshark -r client -Y tcp.option_kind==30 2>/dev/null | grep . >/dev/null || fail "it was plain TCP"
	expect_owners client "${LOCAL[@]}" --right 95 --at-least 15
	expect_owners server --local 10.77.0.2,fd77::2 --right 95 --at-least 15
}

test_datagrams_that_the_kernel_cuts() {
	netns_pair a b
	serve b udp-server :: 5300 --silent
	reference a va tcpdump.pcap
	capture a ptcpdump.any file
	trap_in a segmented 10.77.0.2 5300
	capture_stop
	reference_stop
	expect_same_packets file va tcpdump.pcap
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 5
}

test_receiver_that_a_program_chose() {
	netns_pair a b
	trap_server a chosen 10.77.0.1 5300
	capture a ptcpdump.any file
	talk b udp-client 10.77.0.1 5300 --messages 20
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 95 --at-least 40
}

test_broadcast_of_several_is_nobodys() {
	netns_pair a b
	trap_server a broadcast-receiver x 5300
	rm ready
	trap_server a broadcast-receiver x 5300
	ip -n b addr add 10.77.0.22/24 brd + dev vb
	capture a ptcpdump.any file
	trap_in b broadcast-sender 10.77.0.255 5300
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 100 --at-least 5
}

# A frame by a packet socket is its sender's.
test_packet_socket() {
	netns_pair a b
	capture a ptcpdump.any file
	spawn a $PYTHON "$TRAFFIC/forge.py" vlan va 10
	wait "$SPAWNED"
	capture_stop
	pcapng file owners | awk '$2 == "va" && $3 == "out" && $5 == 47 { print $4 }' | sort | uniq -c >owners
	figure "packet socket: $(tr -s ' \n' ' ' <owners)"
	[ "$(awk '$2 != "-" { print $2 }' owners)" = "$SPAWNED" ] || fail "not $SPAWNED: $(cat owners)"
}

# Whoever writes to a tun device is running while the kernel answers: it is not the answer's owner.
test_program_behind_a_tun_device() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a b
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24 b 10.79.0.2/24
	local tunnel=$SPAWNED
	eventually 5 link_is_up b tun0 || fail "tun0 does not come up"
	serve b tcp-server 10.79.0.2 8080
	capture a ptcpdump.any client
	capture b ptcpdump.any server
	talk a tcp-client 10.79.0.2 8080 --messages 20 --bytes 3000
	capture_stop
	expect_owners client --local 10.79.0.1 --right 98 --at-least 60
	expect_owners server --local 10.79.0.2 --right 98 --at-least 60
	! pcapng server owners | awk '{ print $4 }' | grep -qx "$tunnel" || fail "the tunnel's program is named"
}

# Translated on its way to another machine, beside a listener here on the very port.
test_translated_is_never_the_listeners() {
	need nft
	netns_pair a b
	netns c
	ip link add vac netns a type veth peer name vca netns c
	ip -n a addr add 10.78.0.1/24 dev vac
	ip -n c addr add 10.78.0.2/24 dev vca
	ip -n a link set vac up
	ip -n c link set vca up
	ip -n c route add 10.77.0.0/24 via 10.78.0.1
	in_ns a sysctl -q -w net.ipv4.ip_forward=1
	in_ns a nft -f - <<-END || skip "no translation here"
		table ip nat {
			chain prerouting {
				type nat hook prerouting priority -100;
				tcp dport 8443 dnat to 10.78.0.2:8080
			}
		}
	END
	serve a tcp-server :: 8443
	local stranger=$SPAWNED
	serve c tcp-server :: 8080
	capture a ptcpdump.any file
	talk b tcp-client 10.77.0.1 8443
	capture_stop
	[ "$(tshark -r file -Y 'tcp.len > 0' | wc -l)" -ge 20 ] || fail "nothing was translated"
	! pcapng file owners | awk '{ print $4 }' | grep -qx "$stranger" || fail "the stranger is named"
}

# A socket's memory is another's a moment later, and so is a packet's: what was noted of the one is not
# the other's. Later fragments pass no hook that would note them anew.
test_sockets_that_live_where_others_died() {
	netns_pair a b
	serve b udp-server :: 5300 --silent
	capture a ptcpdump.any file
	local talk=($PYTHON "$TRAFFIC/talk.py" udp-client fd77::2 5300 --silent)
	in_ns a $PYTHON "$TRAFFIC/many.py" 60 2 sh -c \
		"${talk[*]} --messages 30; ${talk[*]} --messages 10 --bytes 20000"
	capture_stop
	expect_owners file "${LOCAL[@]}" --right 95 --at-least 5000
}

# Two networks with the same addresses, as containers have them: nothing of one is taken for the other's.
beside_its_twin() { # OPTION...
	netns_pair a b
	netns_pair c d
	serve b udp-server :: 5300 --silent
	TRUTH=$TEST_TMP/twin serve d udp-server :: 5300 --silent
	capture a ptcpdump.any file
	local address twins=()
	for address in fd77::2 10.77.0.2; do
		TRUTH=$TEST_TMP/twin spawn c $PYTHON "$TRAFFIC/talk.py" udp-client $address 5300 --silent "$@"
		twins+=("$SPAWNED")
		spawn a $PYTHON "$TRAFFIC/talk.py" udp-client $address 5300 --silent "$@"
		twins+=("$SPAWNED")
	done
	wait "${twins[@]}"
	capture_stop
}

test_datagrams_beside_a_twin() {
	beside_its_twin --messages 2000 --pause 0.0002
	expect_owners file "${LOCAL[@]}" --right 99.5 --at-least 4000
}

# A tunnel's packet belongs to the process whose packet is in it, as far as that is from here: its
# outside goes through a socket of the kernel's own, which no process is ever to be named for. One that
# arrives is nobody's outside (the tunnel takes it before any hook), and its reader's inside.
test_tunnel_is_its_senders() {
	netns_pair a b
	local ns other
	for ns in a b; do
		[ $ns = a ] && other=10.77.0.2 || other=10.77.0.1
		ip -n $ns link add vx type vxlan id 7 remote $other dev v$ns dstport 4789 || skip "no vxlan here"
		ip -n $ns link set vx up
	done
	ip -n a addr add 10.99.0.1/24 dev vx
	ip -n b addr add 10.99.0.2/24 dev vx
	serve b udp-server 10.99.0.2 5300
	capture b ptcpdump.any file
	talk a udp-client 10.99.0.2 5300 --messages 20
	capture_stop
	local arrived left inner
	arrived=$(pcapng file owners | awk '$2 == "vb" && $3 == "in" && $5 > 92 { print $4 }' | sort -u | xargs)
	left=$(pcapng file owners | awk '$2 == "vb" && $3 == "out" && $5 > 92 && $4 != "-" { print $4 }' | sort | uniq -c | xargs)
	inner=$(pcapng file owners | awk '$2 == "vx" && $3 == "in" && $5 > 42 && $4 != "-" { print $4 }' | sort | uniq -c | xargs)
	[ "$arrived" = - ] || fail "outside, arriving: of $arrived"
	[ "$left" = "20 $SPAWNED" ] || fail "outside, leaving: $left, not 20 of $SPAWNED"
	[ "$inner" = "20 $SPAWNED" ] || fail "inside: $inner, not 20 of $SPAWNED"
}

test_fragments_beside_a_twin() {
	beside_its_twin --messages 300 --bytes 20000 --pause 0.0002
	expect_owners file "${LOCAL[@]}" --right 50 --at-least 4000
}
