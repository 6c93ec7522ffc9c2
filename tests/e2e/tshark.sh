# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# tshark.sh - the extcap and the plugin in tshark, as somebody on a server uses them

test_is_listed() {
	netns a
	in_ns a tshark -D 2>errors >list
	grep -q 'ptcpdump\.any' list || fail "no ptcpdump.any: $(cat list)"
	! grep -i ptcpdump errors || fail "noise: $(cat errors)"
}

test_interfaces_are_listed() {
	netns_pair a b
	in_ns a tshark -D 2>/dev/null | grep 'ptcpdump\.if\.va' >/dev/null || fail "no ptcpdump.if.va"
}

test_plugin_is_loaded() {
	tshark -G plugins 2>/dev/null | grep '^ptcpdump' >/dev/null || fail "it is not"
	tshark -G fields 2>/dev/null | awk -F '\t' '$3 ~ /^ptcpdump\./ { print $3 }' >fields
	local field
	for field in pid comm cmd args tid thread uid user ppid parent.cmd parent.args container.name container.id \
		container.image container.label pod.name pod.namespace pod.uid pod.label pod.annotation process \
		peer.pid peer.cmd peer.comm peer.args src.pid src.process dst.pid dst.process lost; do
		grep -qx "ptcpdump.$field" fields || fail "no field ptcpdump.$field"
	done
}

# live NS SECONDS OPTION...: tshark in the background; it captures when this returns.
live() {
	local ns=$1 seconds=$2
	shift 2
	spawn "$ns" tshark -l -a "duration:$seconds" "$@" >out 2>err
	LIVE=$SPAWNED
	eventually 10 grep -q "Capturing on" err || fail "no capture: $(cat err)"
	eventually 10 captures_or_is_gone || fail "no engine: $(cat err)"
	sleep 0.5
}
captures_or_is_gone() { an_engine_captures || gone "$LIVE"; }
# live_stop [LINES]: when it has said so many.
live_stop() {
	eventually 20 said_lines "${1:-0}" || fail "$(wc -l <out) lines: $(cat err)"
	sleep 0.5 # one too many would be here by now
	kill -INT "$LIVE"
	wait "$LIVE"
}
said_lines() { [ "$(wc -l <out)" -ge "$1" ]; }

test_live_capture_names_the_process() {
	netns_pair a b
	serve b udp-server :: 5300
	live a 90 -i ptcpdump.any -T fields -e ptcpdump.pid -e ptcpdump.comm -e ptcpdump.args -e udp.dstport -Y udp
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300
	wait "$SPAWNED"
	live_stop 10
	[ "$(grep -c "^$SPAWNED"$'\t' out)" = 10 ] || fail "$(cat out err)"
	grep -qP "^$SPAWNED\tpython3[^\t]*\t.*udp-client 10.77.0.2 5300\t5300$" out || fail "$(cat out)"
}

test_live_display_filter() {
	netns_pair a b
	serve b udp-server :: 5300
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300 --go go
	local one=$SPAWNED
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300 --go go
	local other=$SPAWNED
	live a 90 -i ptcpdump.any -Y "ptcpdump.pid == $one" -T fields -e ptcpdump.pid
	touch go
	wait "$one" "$other"
	live_stop 10
	[ "$(sort -u out)" = "$one" ] || fail "$(cat out err)"
	[ "$(wc -l <out)" = 10 ] || fail "$(wc -l <out) packets"
}

test_nothing_on_stderr_but_tsharks_own() {
	netns_pair a b
	live a 2 -i ptcpdump.any
	talk a udp-client 10.77.0.2 5300 --silent
	wait "$LIVE" || fail "status $?: $(cat err)"
	! grep -iE 'extcap|error|ptcpdump[^.]' err || fail "$(cat err)"
}

# Two sources at once make dumpcap drop blocks of its own queue: it must not abort.
test_two_sources_under_load() {
	netns_pair a b
	serve b udp-server 10.77.0.2 5300 --silent
	live a 6 -i ptcpdump.any -i ptcpdump.if.va -w both
	talk a udp-client 10.77.0.2 5300 --silent
	in_ns a "$BUILD/tests/traffic/flood" 10.77.0.2 5300 150000 64 50000
	wait "$LIVE" || fail "status $?: $(tail -n 5 err)"
	! grep -iE 'assert|abort|core' err || fail "$(cat err)"
	figure "two sources: $(capinfos -Mc both | sed -n 's/^Number of packets: *//p') packets of 2 x 150000; $(grep -i dropped err || true)"
}
LIMIT[test_two_sources_under_load]=90

test_engine_ends_with_tshark() {
	netns a
	live a 2 -i ptcpdump.any
	wait "$LIVE"
	eventually 3 no_engine_in_cgroup || fail "the engine is still there"
}
no_engine_in_cgroup() {
	local pid
	while read -r pid; do
		[ "$(readlink "/proc/$pid/exe")" != "$ENGINE" ] || return 1
	done <"$TEST_CGROUP/cgroup.procs"
}

test_options_of_the_source() {
	netns_pair a b
	live a 90 -i ptcpdump.any -o extcap.ptcpdump_any.snapshotlength:60 -T fields -e frame.cap_len -Y udp
	talk a udp-client 10.77.0.2 5300 --silent --bytes 500
	live_stop 5
	[ "$(sort -u out)" = 60 ] || fail "$(cat out err)"
}

# --- a command, or a file to write, of somebody else's -------------------------------------------

# profile WORDS: tshark's own files of this test, with a profile "sent" that somebody has sent.
profile() {
	export HOME=$PWD/home
	mkdir -p home/.config/wireshark/profiles/sent
	printf '%s\n' "$@" >home/.config/wireshark/profiles/sent/preferences
}

# In a profile, a program to start would be started by who only looks at packets.
test_command_of_a_profile_is_not_run() {
	netns a
	local source
	profile "extcap.ptcpdump_any.command: touch $PWD/ran" "extcap.ptcpdump_process.command: touch $PWD/ran" \
		"extcap.ptcpdump_if_lo.command: touch $PWD/ran" "extcap.ptcpdump_any.duration: 1"
	for source in ptcpdump.any ptcpdump.if.lo; do
		live a 3 -C sent -i $source
		wait "$LIVE" || true
		[ ! -e ran ] || fail "$source runs it"
	done
	in_ns a timeout 20 tshark -C sent -i ptcpdump.process >out 2>err || true
	[ ! -e ran ] || fail "ptcpdump.process runs it"
	grep -q 'no process' err || fail "ptcpdump.process has something of it: $(cat err)"
}

# Nor is a file of the user's written to: their .bashrc, say.
test_log_file_of_a_profile_is_not_written() {
	netns a
	local source
	echo mine >mine
	profile "extcap.ptcpdump_any.logfile: $PWD/mine" "extcap.ptcpdump_if_lo.logfile: $PWD/mine" "extcap.ptcpdump_process.logfile: $PWD/mine" \
		"extcap.ptcpdump_any.loglevel: debug" "extcap.ptcpdump_if_lo.loglevel: debug" "extcap.ptcpdump_process.loglevel: debug" \
		"extcap.ptcpdump_process.pid: $$"
	for source in ptcpdump.any ptcpdump.if.lo ptcpdump.process; do
		live a 1 -C sent -i $source
		wait "$LIVE" || fail "$source: $(cat err)"
		[ "$(cat mine)" = mine ] || fail "$source writes to it"
	done
	for source in any if_lo process; do
		in_ns a timeout 20 tshark -C sent -i "ptcpdump.${source//_/.}" -a duration:1 -o "extcap.ptcpdump_$source.logfile:$PWD/wanted.$source" >out 2>err
		[ -s "wanted.$source" ] || fail "what the command line says is not done for $source: $(cat err)"
	done
}
LIMIT[test_log_file_of_a_profile_is_not_written]=90

# Who writes it on the command line wants it; only there, and only for that source.
test_command_of_the_command_line_is_run() {
	netns a
	local source
	for source in any process if_lo; do
		in_ns a timeout 20 tshark -i "ptcpdump.${source//_/.}" -o "extcap.ptcpdump_$source.command:touch $PWD/ran.$source" >out 2>err || true
		[ -e "ran.$source" ] || fail "$source does not: $(cat err)"
	done
	profile "extcap.ptcpdump_any.command: touch $PWD/ran"
	in_ns a timeout 20 tshark -C sent -i ptcpdump.any -a duration:2 -o "extcap.ptcpdump_process.command:true" >out 2>err || true
	[ ! -e ran ] || fail "another source's is run"
}
