# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# reentry.sh - devices above others, which receive below the tracepoint
#
# Every capture beside tcpdump on the device itself: that has what is to be seen.

# upper NS NAME ADDRESS IP-LINK-ARGUMENT...: a device above va, which is in namespace a
upper() {
	local ns=$1 name=$2 address=$3
	shift 3
	ip -n a link add "$name" link va type "$@" 2>error || lack "no such device here: $(cat error)"
	[ "$ns" = a ] || ip -n a link set "$name" netns "$ns"
	ip -n "$ns" addr add "$address/24" dev "$name"
	ip -n "$ns" link set "$name" up
	eventually 5 link_is_up "$ns" "$name"
}

# b is at 10.78.0.2, too. In a only the device with the address answers who has it.
far_end() {
	netns_pair a b
	in_ns a sysctl -qw net.ipv4.conf.all.arp_ignore=1
	ip -n b addr add 10.78.0.2/24 broadcast 10.78.0.255 dev vb
}

has_hook() { grep -q "interface $2 .*has the hook reentry" "$1.log"; }

# hooked FILE NAME: its receive side is seen when this returns
hooked() { eventually 10 has_hook "$1" "$2" || fail "$2 has no hook: $(cat "$1.log")"; }

# both_ways NS ADDRESS NS ADDRESS
both_ways() {
	talk "$1" tcp-client "$4" 8080 --bytes 100000 --messages 3
	talk "$3" tcp-client "$2" 8080 --bytes 100000 --messages 3
	talk "$1" udp-client "$4" 5300
	talk "$3" udp-client "$2" 5300
	in_ns "$1" ping -q -c 2 -i 0.1 -s 3000 "$4"
	in_ns "$3" ping -q -c 2 -i 0.1 "$2"
	# To everybody: these pass the tracepoint.
	in_ns "$3" ping -q -b -c 2 -i 0.1 -w 1 10.78.0.255 || true
	in_ns "$1" ping -q -b -c 2 -i 0.1 -w 1 10.78.0.255 || true
}

serve_both() { # NS...
	local ns
	for ns; do
		serve "$ns" tcp-server :: 8080
		serve "$ns" udp-server :: 5300
	done
}

# above_is_seen NAME IP-LINK-ARGUMENT...: in a
above_is_seen() {
	local name=$1
	shift
	far_end
	upper a "$name" 10.78.0.1 "$@"
	upper_and_lower_are_seen "$name"
}
upper_and_lower_are_seen() { # NAME [OPTION...]
	serve_both a b
	reference a "$1" upper.pcap
	reference a va lower.pcap
	capture a ptcpdump.any file
	hooked file "$1"
	both_ways a 10.78.0.1 b 10.78.0.2
	capture_stop
	reference_stop
	expect_same_packets file "$1" upper.pcap
	expect_same_packets file va lower.pcap
	local received
	received=$(pcapng file owners | grep -c " $1 in ")
	[ "$received" -ge 30 ] || fail "only $received packets came in on $1"
	expect_owners file --local 10.78.0.1 --right 100 --at-least 60 "${@:2}"
}

test_macvlan() { above_is_seen mv macvlan mode bridge; }
test_macvtap() {
	far_end
	ip -n a link add tap9 link va type macvtap 2>error || lack "no macvtap here: $(cat error)"
	ip -n a link set tap9 up
	ip -n b neigh replace 10.78.0.9 dev vb lladdr "$(ip -n a -j link show tap9 | $PYTHON -c 'import json, sys; print(json.load(sys.stdin)[0]["address"])')"
	reference a tap9 upper.pcap
	capture a ptcpdump.any file
	hooked file tap9
	in_ns b ping -q -c 10 -i 0.05 -w 1 10.78.0.9 || true # what stands behind the tap would answer
	capture_stop
	reference_stop
	expect_same_packets file tap9 upper.pcap
	[ "$(tshark -r file -Y 'frame.interface_name == "tap9" && icmp' | wc -l)" -ge 10 ] || fail "no pings on tap9"
}

# vlan_is_seen on|off [OPTION...]: are tags beside the packet, where the device takes them out, or
# in it?
vlan_is_seen() {
	far_end
	ip -n b addr del 10.78.0.2/24 dev vb
	in_ns a ethtool -K va rxvlan "$1" txvlan "$1"
	in_ns b ethtool -K vb rxvlan "$1" txvlan "$1"
	ip -n b link add link vb name vl type vlan id 42 2>error || lack "no VLAN here: $(cat error)"
	ip -n b addr add 10.78.0.2/24 broadcast 10.78.0.255 dev vl
	ip -n b link set vl up
	upper a vl 10.78.0.1 vlan id 42
	upper_and_lower_are_seen vl "${@:2}"
}
test_vlan() {
	need ethtool
	vlan_is_seen on
}
test_vlan_with_tags_inside() {
	need ethtool
	# To take the tag out the kernel copies what TCP may have to send again: on va that is not
	# followed to its socket.
	vlan_is_seen off --right 90
}

test_ipvlan() { above_is_seen iv ipvlan mode l2; }

test_bond() {
	far_end
	ip -n a link add up0 type bond mode active-backup miimon 100 2>error || lack "no bond here: $(cat error)"
	ip -n a link set va down
	ip -n a link set va master up0
	ip -n a link set va up
	master_is_seen
}

# A team does nothing before a program has told it how.
test_team() {
	need teamd
	far_end
	ip -n a link add probe type team 2>error || lack "no team here: $(cat error)"
	ip -n a link del probe
	ip -n a link set va down
	spawn a teamd -t up0 -p "$PWD/teamd.pid" -c '{"runner": {"name": "activebackup"}, "ports": {"va": {}}}'
	eventually 10 test -e teamd.pid
	master_is_seen
}

master_is_seen() { # up0 has va below it
	ip -n a addr add 10.78.0.1/24 broadcast 10.78.0.255 dev up0
	ip -n a link set up0 up
	eventually 10 link_is_up a up0
	in_ns a ping -q -c 1 -w 5 10.78.0.2
	upper_and_lower_are_seen up0
}

# VLAN above a bond: three records of one packet, and one answer for all.
test_vlan_above_a_bond() {
	far_end
	ip -n b addr del 10.78.0.2/24 dev vb
	ip -n b link add link vb name vl type vlan id 42 2>error || lack "no VLAN here: $(cat error)"
	ip -n b addr add 10.78.0.2/24 dev vl
	ip -n b link set vl up
	ip -n a link add bo type bond mode active-backup miimon 100 2>error || lack "no bond here: $(cat error)"
	ip -n a link set va down
	ip -n a link set va master bo
	ip -n a link set va up
	ip -n a link set bo up
	ip -n a link add link bo name vl type vlan id 42
	ip -n a addr add 10.78.0.1/24 dev vl
	ip -n a link set vl up
	in_ns a ping -q -c 1 -w 5 10.78.0.2
	serve_both a b
	reference a vl vl.pcap
	reference a bo bo.pcap
	reference a va va.pcap
	capture a ptcpdump.any file
	hooked file vl
	hooked file bo
	both_ways a 10.78.0.1 b 10.78.0.2
	capture_stop
	reference_stop
	for name in vl bo va; do
		expect_same_packets file $name $name.pcap
	done
	expect_owners file --local 10.78.0.1 --right 99 --at-least 90
}

test_macvlan_by_perf_output() {
	far_end
	upper a mv 10.78.0.1 macvlan mode bridge
	serve_both a b
	reference a mv upper.pcap
	capture a ptcpdump.any file --without dynptr
	hooked file mv
	both_ways a 10.78.0.1 b 10.78.0.2
	capture_stop
	reference_stop
	expect_same_packets file mv upper.pcap
	expect_owners file --local 10.78.0.1 --right 100 --at-least 60
}

# --- elsewhere, and later ------------------------------------------------------------------------

# What only receives is told of by nobody: it is looked for.
test_macvlan_in_another_namespace() {
	far_end
	netns c d
	upper c mv 10.78.0.1 macvlan mode bridge
	serve_both c b
	reference c mv upper.pcap
	capture d ptcpdump.any file --netns c
	hooked file mv
	both_ways c 10.78.0.1 b 10.78.0.2
	capture_stop
	reference_stop
	expect_same_packets file mv@c upper.pcap
	expect_owners file --local 10.78.0.1 --right 100 --at-least 60
}

test_macvlan_in_a_namespace_born_later() {
	far_end
	netns d
	capture d ptcpdump.any file --netns all --buffer-size 256 # all that this machine does
	netns c
	upper c mv 10.78.0.1 macvlan mode bridge
	serve_both c b
	hooked file mv
	reference c mv upper.pcap
	both_ways c 10.78.0.1 b 10.78.0.2
	reference_stop
	capture_stop
	grep -q " 0 lost for want of room" file.err || skip "this machine is too busy: $(cat file.err)"
	expect_same_packets file mv@c upper.pcap
}

# vb goes when va goes, which goes with its namespace: if nobody holds that.
test_nothing_is_held_in_a_namespace() {
	far_end
	netns d
	upper a mv 10.78.0.1 macvlan mode bridge
	capture d ptcpdump.any file --netns all
	hooked file mv
	ip netns del a
	eventually 5 gone_from b vb || fail "vb is still there: somebody holds its peer's namespace"
	capture_stop
}
gone_from() { ! ip -n "$1" link show dev "$2" >/dev/null 2>&1; }

test_fifty_made_and_deleted() {
	far_end
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	local i
	for ((i = 0; i < 50; i++)); do
		upper a "m$i" 10.78.0.1 macvlan mode bridge
		[ $((i % 10)) -ne 9 ] || {
			hooked file "m$i"
			talk a udp-client 10.78.0.2 5300
		}
		ip -n a link del "m$i"
	done
	upper a last 10.78.0.1 macvlan mode bridge
	hooked file last
	reference a last last.pcap
	talk a udp-client 10.78.0.2 5300
	reference_stop
	capture_stop
	expect_owners file --local 10.78.0.1 --right 100 --at-least 60
	for ((i = 9; i < 50; i += 10)); do
		[ "$(tshark -r file -Y "frame.interface_name == \"m$i\" && udp.srcport == 5300" | wc -l)" -ge 5 ] ||
			fail "m$i has not received anything"
	done
}

# --- others on the same hook ---------------------------------------------------------------------

# Captures of other runs on this machine, of all namespaces, may be here as well, for a while.
attached() { in_ns "$1" "$BUILD/tests/traffic/tcx" count "$2"; }
none_is_attached() { [ "$(attached "$1" "$2")" = 0 ]; }

# others PLACE COUNT FILE: $SPAWNED counts until it is ended
others() {
	spawn a "$BUILD/tests/traffic/tcx" "$1" mv "$2" "$3"
	eventually 5 test -e "$3" || skip "no tcx here"
}

# Whoever stands before us and whoever comes after us sees every packet that we see.
test_other_programs_go_on() {
	far_end
	upper a mv 10.78.0.1 macvlan mode bridge
	serve b udp-server :: 5300
	others last 1 earlier
	local earlier=$SPAWNED
	capture a ptcpdump.any file
	hooked file mv
	[ "$(attached a mv)" -ge 2 ] || fail "$(attached a mv) programs, not 2"
	others first 1 before
	local before=$SPAWNED
	others last 1 after
	local after=$SPAWNED
	talk a udp-client 10.78.0.2 5300 --messages 20
	kill "$earlier" "$before" "$after"
	wait "$earlier" "$before" "$after"
	capture_stop
	local received
	received=$(tshark -r file -Y 'frame.interface_name == "mv" && udp.srcport == 5300' | wc -l)
	figure "received $received; they counted $(xargs <earlier) (before us in time), $(xargs <before) (ahead), $(xargs <after) (behind)"
	[ "$received" = 20 ] || fail "received $received of 20"
	local file
	for file in earlier before after; do
		[ "$(cat $file)" -ge 20 ] || fail "$file counted $(cat $file)"
	done
	eventually 20 none_is_attached a mv || fail "$(attached a mv) programs are left"
}

test_full_hook_is_refused_with_a_sentence() {
	far_end
	upper a mv 10.78.0.1 macvlan mode bridge
	others last 17 counts
	capture a ptcpdump.any file
	eventually 5 grep -q "interface mv (namespace a) has [0-9]* other programs" file.log || fail "says nothing: $(cat file.log)"
	! has_hook file mv || fail "is attached: $(cat file.log)"
	capture_stop
}

test_sigkill_leaves_nothing() {
	far_end
	upper a mv 10.78.0.1 macvlan mode bridge
	capture a ptcpdump.any file
	hooked file mv
	local engine=${CAPTURES[file]} attacher
	attacher=$(pgrep -P "$engine" ptcpdump-attach)
	[ "$(grep -c "CapEff:.*0000000000000000" "/proc/$attacher/status")" = 1 ] || fail "$(grep Cap "/proc/$attacher/status")"
	kill -9 "$engine"
	eventually 5 gone "$attacher" || fail "ptcpdump-attach stays"
	if in_ns a "$BUILD/tests/traffic/tcx" count mv >/dev/null 2>&1; then
		eventually 20 none_is_attached a mv || fail "$(attached a mv) programs are left"
	fi
	[ -z "$(in_ns a tc qdisc show dev mv clsact)" ] || fail "left: $(in_ns a tc qdisc show dev mv)"
}

# Debian lets root alone have perf rings, which kernels without tcx want.
need_tcx() { in_ns a "$BUILD/tests/traffic/tcx" count lo >/dev/null 2>&1 || skip "no tcx here"; }

test_without_the_capabilities_it_says_so() {
	far_end
	need_tcx
	netns d
	upper a mv 10.78.0.1 macvlan mode bridge
	printf '#!/bin/sh\nexec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin %s "$@"\n' "$ENGINE" >engine
	chmod +x engine
	ENGINE=$PWD/engine capture d ptcpdump.any file --netns a
	eventually 5 grep -q "other network namespaces receive .* setcap .cap_sys_admin" file.log || fail "says nothing: $(cat file.log)"
	capture_stop
}

# The engine hands on what it takes to ask for a hook's programs; nothing else is needed at home.
test_an_ordinary_user_sees_them_too() {
	need setcap
	far_end
	need_tcx
	upper a mv 10.78.0.1 macvlan mode bridge
	serve b udp-server :: 5300
	cp "$ENGINE" real
	chmod 755 real
	setcap cap_bpf,cap_perfmon,cap_net_admin=p real
	printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all %s "$@"\n' "$PWD/real" >engine
	chmod +x engine
	touch file file.log
	chown 65534 file file.log
	ENGINE=$PWD/engine capture a ptcpdump.any file
	hooked file mv
	local attacher
	attacher=$(pgrep -P "${CAPTURES[file]}" ptcpdump-attach)
	# 0x1000 is CAP_NET_ADMIN
	grep -q "CapPrm:.0000000000001000" "/proc/$attacher/status" || fail "$(grep Cap "/proc/$attacher/status")"
	grep -q "CapEff:.0000000000000000" "/proc/$attacher/status" || fail "$(grep Cap "/proc/$attacher/status")"
	talk a udp-client 10.78.0.2 5300
	capture_stop
	[ "$(pcapng file owners | grep -c " mv in ")" -ge 5 ] || fail "nothing came in on mv"
}

test_refuses_what_it_is_not_for() {
	local attacher=${ENGINE%/*}/ptcpdump-attach
	expect_sentence 'started by ptcpdump-capture' "$attacher"
	expect_sentence 'started by ptcpdump-capture' "$attacher" --program 4 lo
	$PYTHON - "$attacher" <<-'END' || fail "takes what is no program for tc"
		import os, socket, subprocess, sys
		ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		os.dup2(theirs.fileno(), 13); os.dup2(os.open("/dev/null", os.O_RDWR), 14)
		status = subprocess.run(["bash", "-c", 'exec "$0" 3<&13 4<&14', sys.argv[1]], pass_fds=(13, 14),
		                        stderr=subprocess.DEVNULL).returncode
		sys.exit(status != 1)
	END
}
