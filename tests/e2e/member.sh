# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# member.sh - Wireshark's window for somebody who is not root: of the group, and not of it

. "$SOURCE/tests/e2e/wireshark.sh"     # its words
. "$SOURCE/tests/integration/rights.sh" # likewise

# wireshark_of WHO... -- OPTION...: in namespace a, by a user with these groups, whose home is $PWD/home; $WIRESHARK
wireshark_of() {
	local who=()
	while [ "$1" != -- ]; do
		who+=("$1")
		shift
	done
	shift
	mkdir -p home/.config/wireshark runtime
	cat >home/.config/wireshark/preferences <<-END
		gui.ask_unsaved: FALSE
		gui.update.enabled: FALSE
		gui.column.format: "No.", "%m", "Time", "%t", "Process", "%Cus:ptcpdump.process:0:R", "Arguments", "%Cus:ptcpdump.args:0:R", "Source", "%s", "Destination", "%d"
	END
	chmod 700 runtime
	chown -R 65534 home runtime
	spawn a "${installed[@]}" "${who[@]}" HOME="$PWD/home" XDG_RUNTIME_DIR="$PWD/runtime" wireshark "$@" >wireshark.out 2>&1
	WIRESHARK=$SPAWNED
}

# A window beside its first one.
error_dialog() { [ "$(xdotool search --onlyvisible --class wireshark 2>/dev/null | wc -l)" -gt 1 ]; }

# member_sees NAME SOURCE PID [OPTION...]: in the window and in its file, packets of that process, while "talks" is run.
member_sees() {
	local name=$1 source=$2 pid=$3 id
	shift 3
	rm -rf home
	rm -f seen.pcapng
	wireshark_of "${member[@]}" -- -i "$source" -k -w "$PWD/seen.pcapng" "$@"
	id=$(window 40 'Capturing from|seen.pcapng') || { shot "member-$name-failed"; fail "$source: no capture window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	eventually 20 talk_and_see "$pid" || { shot "member-$name-failed"; fail "$source: no packets of $pid: $(tail -n 5 wireshark.out)"; }
	xdotool mousemove 400 200 click 1
	still 1
	shot "member-$name"
	! error_dialog || fail "$source: an error dialog: $SHOTS/member-$name.png"
	kill -TERM "$WIRESHARK"
	wait "$WIRESHARK" || true
	eventually 10 none_runs ptcpdump-capture || fail "$source: the engine is still there"
}
talk_and_see() {
	talks
	sleep 0.5
	tshark -r seen.pcapng -T fields -e ptcpdump.pid 2>/dev/null | grep -x "$1" >/dev/null
}

LIMIT[test_every_kind_of_source_works_for_a_member]=300
test_every_kind_of_source_works_for_a_member() {
	need setcap
	display
	chmod 777 .
	netns_pair a b
	# The first in the list, by what it does: a process with ninety peers.
	spawn a "$BUILD/tests/traffic/listeners" 1 7000 90 web-server >pids
	eventually 10 test -s pids || fail "listeners do not start"
	serve b udp-server :: 5300
	local server=$SPAWNED
	talks() {
		talk a udp-client 10.77.0.2 5300 --silent --messages 3
		in_ns b timeout 1 bash -c 'exec 3<>/dev/tcp/10.77.0.1/7000' || true
	}
	member_sees interface ptcpdump.if.va "$(cat pids)"
	member_sees any ptcpdump.any "$(cat pids)"
	member_sees netns ptcpdump.netns.b "$server"
	member_sees pid "ptcpdump.pid.$(cat pids)" "$(cat pids)"
	member_sees process ptcpdump.process "$server" -o "extcap.ptcpdump_process.pid:$server" -o extcap.ptcpdump_process.netns:b
}

LIMIT[test_container_for_a_member]=120
test_container_for_a_member() {
	need setcap
	display
	chmod 777 .
	netns_pair a b
	local id=36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd
	mkdir -p "$TEST_CGROUP/docker/$id"
	serve a udp-server :: 5300
	echo "$SPAWNED" >"$TEST_CGROUP/docker/$id/cgroup.procs"
	local server=$SPAWNED
	talks() { talk b udp-client 10.77.0.1 5300 --silent --messages 3; }
	member_sees container ptcpdump.container "$server" -o "extcap.ptcpdump_container.containerid:${id:0:12}"
}

# Who is not of the group sees the sources, and on a start one dialog with one sentence.
LIMIT[test_others_are_told]=120
test_others_are_told() {
	need setcap
	display
	chmod 777 .
	netns_pair a b
	local outsider=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env) id
	in_ns a "${installed[@]}" "${outsider[@]}" HOME="$PWD/home" tshark -i ptcpdump.any -c 1 >out 2>words && fail "an outsider captures"
	grep -q 'only members of the group .* may run' words || fail "is told $(cat words)"
	wireshark_of "${outsider[@]}" -- -i ptcpdump.any -k
	id=$(window 40 'Wireshark') || { shot member-other-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	eventually 20 error_dialog || { shot member-other-failed; fail "no dialog"; }
	still 1
	shot member-other
	kill -0 "$WIRESHARK" || fail "Wireshark ended: $(tail -n 5 wireshark.out)"
}
