# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# selectors.sh - whose packets are wanted: nothing is missing, nothing more is there
#
# Two namespaces joined by a veth pair, loopback in a, and all kinds of talk. tcpdump has every
# packet; what the programs say of themselves sorts out those that a selection means.

# stage: the namespaces, the servers, and tcpdump at all ends. $TCP, $UDP, $LOOP are the servers.
stage() {
	netns_pair a b
	serve b tcp-server :: 8080
	TCP=$SPAWNED
	serve b udp-server :: 5300
	UDP=$SPAWNED
	serve a tcp-server 127.0.0.1 8081
	LOOP=$SPAWNED
	reference a va va.pcap
	reference b vb vb.pcap
	reference a lo lo.pcap
}

# actor NS WORDS...: a process that is there, and talks once the file go is; $SPAWNED
actor() {
	spawn "$1" $PYTHON "$TRAFFIC/truth_tree.py" --go go "${@:2}"
	ACTORS+=("$SPAWNED")
	eventually 5 grep -qz truth_tree "/proc/$SPAWNED/cmdline"
}
ACTORS=()

# strangers: beside those who are wanted, all the time, on the same servers.
strangers() {
	actor a tcp-client 10.77.0.2 8080 --messages 6 --bytes 3000
	actor a udp-client 10.77.0.2 5300 --messages 6
	actor a tcp-client 127.0.0.1 8081
	actor a udp-client fd77::2 5300 --connected
}

# play: all of them talk, and the captures end.
play() {
	touch go
	wait "${ACTORS[@]}"
	in_ns a ping -q -c 2 -i 0.1 10.77.0.2 >ping # nobody's business
	talk a refused 10.77.0.2 99
	capture_stop
	reference_stop
}

# both CAPTURE-OPTION...: of both namespaces, seen from a
both() { capture a ptcpdump.any file --netns a,b "$@"; }

ENDS=(va=va.pcap=10.77.0.1,fd77::1 vb@b=vb.pcap=10.77.0.2,fd77::2 lo=lo.pcap=-)

# expect_selected WANTED [OPTION...]: see traffic/truth_selected.py; and the counts add up
expect_selected() {
	$PYTHON "$TRAFFIC/truth_selected.py" file "$TRUTH" "$1" "${@:2}" "${ENDS[@]}" ||
		fail "not the packets of: $1"
	expect_sums file
}

# What the engine says at its end, beside what is in the file and its statistics.
expect_sums() { # FILE
	local captured seen rejected unselected lost cut
	grep -q 'packets captured, .* seen, .* rejected .* selected, .* lost .* cut' "$1.err" ||
		fail "no closing line of counts: $(cat "$1.err")"
	read -r captured _ seen rejected unselected lost cut < <(sed -n '/packets captured/p' "$1.err" | grep -oE '\b[0-9]+\b' | xargs)
	[ "$captured" = "$(pcapng "$1" packets)" ] || fail "$captured captured, $(pcapng "$1" packets) in the file"
	[ "$seen" = $((captured + rejected + unselected + lost + cut)) ] ||
		fail "$seen seen is not $captured + $rejected + $unselected + $lost + $cut"
	local received accepted dropped
	read -r received accepted dropped < <(pcapng "$1" statistics | awk '{ r += $2; a += $3; d += $4 } END { print r, a, d }')
	[ "$received" = "$seen" ] || fail "the statistics have $received received, the summary $seen seen"
	[ "$dropped" = $((lost + cut)) ] || fail "the statistics have $dropped dropped"
	[ "$accepted" = $((captured + lost + cut)) ] || fail "the statistics have $accepted accepted"
}

# --- by process ---------------------------------------------------------------------------------

test_one_pid() {
	stage
	strangers
	actor a tcp-client 10.77.0.2 8080 --bytes 5000
	both --pid "$SPAWNED"
	play
	expect_selected "pid == $SPAWNED"
}

test_one_pid_on_loopback() {
	stage
	strangers
	actor a tcp-client 127.0.0.1 8081 --bytes 20000
	both --pid "$SPAWNED"
	play
	expect_selected "pid == $SPAWNED"
}

# A server is wanted: all that its clients exchange with it, at both ends.
test_a_server_and_a_client() {
	stage
	strangers
	actor a udp-client 10.77.0.2 5300
	both --pid "$TCP,$SPAWNED"
	play
	expect_selected "pid in ($TCP, $SPAWNED)"
}

test_a_server_on_loopback() {
	stage
	strangers
	both --pid "$LOOP"
	play
	expect_selected "pid == $LOOP"
}

# Within one namespace the other end is known as well where it is on this machine.
test_one_namespace_only() {
	stage
	strangers
	actor a udp-client 10.77.0.2 5300 --messages 10
	capture a ptcpdump.any file --pid "$SPAWNED"
	play
	ENDS=(va=va.pcap=10.77.0.1,fd77::1 lo=lo.pcap=-)
	expect_selected "pid == $SPAWNED"
}

test_source_of_a_process() {
	stage
	strangers
	actor a tcp-client fd77::2 8080
	capture a "ptcpdump.pid.$SPAWNED" file
	play
	expect_selected "pid == $SPAWNED"
}

test_source_of_another_process() {
	stage
	strangers
	actor a tcp-client fd77::2 8080
	capture b ptcpdump.process file --pid "$SPAWNED"
	play
	ENDS=(va@a=va.pcap=10.77.0.1,fd77::1 vb=vb.pcap=10.77.0.2,fd77::2 lo@a=lo.pcap=-)
	expect_selected "pid == $SPAWNED"
}

# --- by name ------------------------------------------------------------------------------------

test_name_of_a_process() {
	stage
	strangers
	actor a --comm oddly-named-one tcp-client 10.77.0.2 8080
	both --pname oddly-named-one
	play
	expect_selected "pid == $SPAWNED"
}

# The executable's file name may be longer than what the kernel keeps as a process's name.
test_name_of_an_executable() {
	stage
	strangers
	cp "$BUILD/tests/traffic/brief" ./an-executable-with-a-long-name
	both --pname an-executable-with-a-long-name
	for i in 1 2 3 4 5; do
		in_ns a ./an-executable-with-a-long-name 10.77.0.2 8080 "$i"
		in_ns a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 "$i"
	done
	play
	expect_selected "exe is not None and exe.endswith('an-executable-with-a-long-name')"
}

# Names that begin alike are others.
test_name_is_the_whole_name() {
	stage
	strangers
	actor a --comm odd tcp-client 10.77.0.2 8080
	local odd=$SPAWNED
	actor a --comm odder tcp-client 10.77.0.2 8080
	actor a --comm od udp-client 10.77.0.2 5300
	both --pname odd
	play
	expect_selected "pid == $odd"
}

# A process becomes another by exec, and is wanted as long as it has the name.
test_name_that_comes_with_an_exec() {
	stage
	strangers
	cp "$BUILD/tests/traffic/brief" ./brief-then
	both --pname brief-then
	spawn a sh -c "\"$BUILD/tests/traffic/brief\" 10.77.0.2 8080 before; exec ./brief-then 10.77.0.2 8080 after"
	ACTORS+=("$SPAWNED")
	play
	expect_selected "exe is not None and exe.endswith('brief-then')"
}

test_pid_or_name() {
	stage
	strangers
	actor a --comm oddly-named-one tcp-client 10.77.0.2 8080
	local named=$SPAWNED
	actor a tcp-client 127.0.0.1 8081
	both --pid "$SPAWNED" --pname oddly-named-one,no-such-name
	play
	expect_selected "pid in ($SPAWNED, $named)"
}

# --- by user ------------------------------------------------------------------------------------

open_truth() { chmod 777 . && : >"$TRUTH" && chmod 666 "$TRUTH"; }

test_user_by_number() {
	open_truth
	stage
	strangers
	actor a --uid 9 tcp-client 10.77.0.2 8080
	actor a --uid 10 udp-client 10.77.0.2 5300
	both --uid 9
	play
	expect_selected "uid == 9"
}

test_user_by_name() {
	open_truth
	stage
	strangers
	actor a --uid "$(id -u news)" tcp-client 10.77.0.2 8080
	actor a --uid "$(id -u mail)" udp-client 10.77.0.2 5300
	actor a --uid "$(id -u games)" udp-client 10.77.0.2 5300
	both --uid news,games
	play
	expect_selected "uid in ($(id -u news), $(id -u games))"
}

# The user is that of each use: one process, some of its packets.
test_user_who_changes() {
	stage
	strangers
	capture a ptcpdump.any file --netns a,b --uid 65534
	in_ns a $PYTHON "$TRAFFIC/traps.py" users 10.77.0.2 5300
	play
	expect_selected "uid == 65534"
}

test_pid_and_user_narrow() {
	open_truth
	stage
	strangers
	actor a --uid 9 udp-client 10.77.0.2 5300
	actor a tcp-client 10.77.0.2 8080 fork --uid 9 tcp-client 10.77.0.2 8080
	both --pid "$SPAWNED" --follow-forks --uid 9
	play
	expect_selected "uid == 9 and tree($SPAWNED)"
}

# --- their children -----------------------------------------------------------------------------

family_of() { # OPTION...
	stage
	strangers
	actor a tcp-client 10.77.0.2 8080 \
		fork udp-client 10.77.0.2 5300 --messages 3 \
		fork --enter b udp-client 10.77.0.2 5300 \
		fork --comm grand-grand tcp-client 10.77.0.2 8080
	both --pid "$SPAWNED" "$@"
	reference b lo lo-b.pcap
	ENDS+=(lo@b=lo-b.pcap=-)
	play
}

test_children_and_theirs() {
	family_of --follow-forks
	expect_selected "tree($SPAWNED)"
}

test_children_are_not_meant() {
	family_of
	expect_selected "pid == $SPAWNED"
}

# generations PID COUNT: has it a child that has a child, and so on?
generations() {
	local pid=$1 i
	for ((i = 1; i < $2; i++)); do
		read -r pid _ < <(cat "/proc/$pid/task/$pid/children" && echo)
		[ -n "$pid" ] || return 1
	done
}

test_children_that_were_there_before() {
	stage
	strangers
	actor a --early tcp-client 10.77.0.2 8080 \
		fork --early --go go udp-client 10.77.0.2 5300 \
		fork --early --go go tcp-client fd77::2 8080
	eventually 5 generations "$SPAWNED" 3
	both --pid "$SPAWNED" --follow-forks
	play
	expect_selected "tree($SPAWNED)"
}

# A forking server's workers, each the server's child.
test_workers_of_a_server() {
	stage
	strangers
	serve b tcp-server 10.77.0.2 8082 --worker fork
	local server=$SPAWNED
	both --pid "$server" --follow-forks
	in_ns a $PYTHON "$TRAFFIC/many.py" 20 4 "$BUILD/tests/traffic/brief" 10.77.0.2 8082
	play
	expect_selected "tree($server)"
}

# Hundreds of milliseconds-long processes, half of them of the wanted name.
test_many_short_processes() {
	stage
	cp "$BUILD/tests/traffic/brief" ./brief-wanted
	both --pname brief-wanted
	spawn a $PYTHON "$TRAFFIC/many.py" 100 2 "$BUILD/tests/traffic/brief" 10.77.0.2 8080
	ACTORS+=("$SPAWNED")
	in_ns a $PYTHON "$TRAFFIC/many.py" 100 2 ./brief-wanted 10.77.0.2 8080
	play
	expect_selected "exe is not None and exe.endswith('brief-wanted')"
}

# --- direction ----------------------------------------------------------------------------------

direction() { # in|out WHO
	stage
	strangers
	actor a tcp-client 10.77.0.2 8080 --bytes 5000
	local veth=$SPAWNED
	actor a tcp-client 127.0.0.1 8081 --bytes 5000
	both --direction "$1" --pid "$veth,$SPAWNED"
	play
	expect_selected "pid in ($veth, $SPAWNED)" --direction "$1"
}

test_direction_in() { direction in; }
test_direction_out() { direction out; }

# Without a selection, a direction is that of the device; nobody's packets count as well.
test_direction_of_everybodys() {
	netns_pair a b
	serve b tcp-server :: 8080
	# Neighbours' chatter may fall between their starts.
	capture a ptcpdump.if.va in --direction in --extcap-capture-filter ip
	capture a ptcpdump.if.va out --direction out --extcap-capture-filter ip
	capture a ptcpdump.if.va all --extcap-capture-filter ip
	talk a tcp-client 10.77.0.2 8080
	in_ns b ping -q -c 2 -i 0.1 10.77.0.1
	capture_stop
	local file
	for file in in out; do
		expect_sums $file
		[ "$(pcapng $file owners | awk -v d=$file '$3 != d' | wc -l)" = 0 ] || fail "$file: other directions"
		pcapng $file owners | cut -d' ' -f 2- >$file.owners
		pcapng all owners | awk -v d=$file '$3 == d' | cut -d' ' -f 2- | diff $file.owners - || fail "$file: not all"
	done
}

# --- how much -----------------------------------------------------------------------------------

test_count_is_exact_under_load() {
	netns_pair a b
	serve b udp-server 10.77.0.2 5300 --silent
	capture a ptcpdump.any file --count 5000
	spawn a taskset 1 "$BUILD/tests/traffic/flood" 10.77.0.2 5300 40000 64
	local floods=("$SPAWNED")
	spawn b taskset 2 "$BUILD/tests/traffic/flood" 10.77.0.1 5301 40000 64
	floods+=("$SPAWNED")
	local status=0
	eventually 20 gone "${CAPTURES[file]}" || fail "does not end"
	wait "${CAPTURES[file]}" || status=$?
	unset "CAPTURES[file]"
	[ $status = 0 ] || fail "ended with status $status: $(cat file.err)"
	kill "${floods[@]}" 2>/dev/null || true
	[ "$(pcapng file packets)" = 5000 ] || fail "$(pcapng file packets) packets, not 5000"
	expect_sums file
}

# The count is of what is wanted, not of what is seen.
test_count_of_a_selection() {
	stage
	strangers
	actor a udp-client 10.77.0.2 5300 --messages 20
	capture a ptcpdump.if.va file --count 15 --pid "$SPAWNED"
	touch go
	wait "${ACTORS[@]}"
	eventually 10 gone "${CAPTURES[file]}" || fail "does not end"
	unset "CAPTURES[file]"
	[ "$(pcapng file packets)" = 15 ] || fail "$(pcapng file packets) packets, not 15"
	expect_sums file
	[ "$(pcapng file owners | awk '{ print $4 }' | sort -u)" = "$SPAWNED" ] || fail "of others"
}

test_snapshot_length_of_a_selection() {
	stage
	strangers
	actor a tcp-client 10.77.0.2 8080 --bytes 50000
	both --pid "$SPAWNED" --snapshot-length 120
	play
	expect_selected "pid == $SPAWNED" --snapshot-length 120
}

test_filter_and_selection() {
	stage
	strangers
	actor a tcp-client 10.77.0.2 8080 fork udp-client 10.77.0.2 5300
	both --pid "$SPAWNED" --follow-forks --extcap-capture-filter 'udp port 5300'
	play
	expect_selected "tree($SPAWNED) and proto == 'udp'"
}

# --- what cannot be -----------------------------------------------------------------------------

no_pid() {
	sh -c 'echo $$' # by now it has ended
}

by_hand() { in_ns a "$ENGINE" --capture --fifo file "$@"; }

test_pid_that_is_not_there() {
	netns a
	local pid
	pid=$(no_pid)
	expect_sentence "process $pid.*(there is none|no such process)" by_hand --extcap-interface ptcpdump.any --pid "$pid"
	expect_sentence "process $pid.*(there is none|no such process)" by_hand --extcap-interface "ptcpdump.pid.$pid"
	expect_sentence "process $pid.*(there is none|no such process)" by_hand --extcap-interface ptcpdump.process --pid "$$,$pid"
}

test_another_process_without_a_choice() {
	netns a
	expect_sentence 'process' by_hand --extcap-interface ptcpdump.process
	expect_sentence 'process' by_hand --extcap-interface ptcpdump.process --follow-forks
	expect_sentence 'process' by_hand --extcap-interface ptcpdump.process --direction in
}

test_user_that_is_not_there() {
	netns a
	expect_sentence 'no-such-user' by_hand --extcap-interface ptcpdump.any --uid no-such-user
	expect_sentence 'pid' by_hand --extcap-interface ptcpdump.any --pid 12x
	expect_sentence 'direction' by_hand --extcap-interface ptcpdump.any --direction up
}

# --- a command ----------------------------------------------------------------------------------

front=$EXTCAP/ptcpdump

# command_capture NS COMMAND [OPTION...]: by the front, into a FIFO; $FRONT, and $READER of it
command_capture() {
	mkfifo fifo
	cat fifo >file &
	READER=$!
	"${INTERRUPTIBLE[@]}" nsenter --net="/run/netns/$1" "$front" --capture --extcap-interface ptcpdump.process \
		--fifo fifo --log-file "$TEST_TMP/file.log" --log-level info --command "$2" "${@:3}" >out 2>err </dev/null &
	FRONT=$!
}

talk_words() { echo "$PYTHON $TRAFFIC/talk.py $*"; }

command_is_captured() {
	eventually 20 gone $FRONT || fail "its end does not end the capture"
	wait $FRONT || fail "status $?: $(cat err)"
	wait $READER
	reference_stop
	[ ! -s out ] && [ ! -s err ] || fail "on our streams: $(head -c 300 out err)"
	ENDS=(va=va.pcap=10.77.0.1,fd77::1 vb@b=vb.pcap=10.77.0.2,fd77::2 lo=lo.pcap=-)
	$PYTHON "$TRAFFIC/truth_selected.py" file "$TRUTH" "$1" "${ENDS[@]}" || fail "not the command's packets"
}

# From the first SYN to the last of its packets, and nobody else's.
test_command() {
	stage
	strangers
	touch go
	command_capture a "$(talk_words tcp-client 10.77.0.2 8080 --pause 0.05)"
	command_is_captured "args.endswith('tcp-client 10.77.0.2 8080 --pause 0.05')"
	[ -n "$(tshark -r file -Y 'tcp.flags.syn == 1 && tcp.flags.ack == 0' 2>/dev/null)" ] || fail "no first SYN"
}

test_command_with_children() {
	stage
	strangers
	touch go
	cat >script <<-END
		#!/bin/sh
		echo much output; echo more >&2
		"\$BUILD/tests/traffic/brief" 10.77.0.2 8080 of the script
		("\$BUILD/tests/traffic/brief" 10.77.0.2 8080 of the script)
		nsenter --net=/run/netns/b "\$BUILD/tests/traffic/brief" fd77::2 8080 of the script 2>/dev/null ||
			nsenter --net=/run/netns/b "\$BUILD/tests/traffic/brief" 10.77.0.2 8080 of the script
		sleep 0.1
	END
	chmod +x script
	reference b lo lo-b.pcap
	command_capture a "$TEST_TMP/script"
	eventually 20 gone $FRONT || fail "its end does not end the capture"
	wait $READER
	reference_stop
	[ ! -s out ] && [ ! -s err ] || fail "on our streams: $(head -c 300 out err)"
	ENDS+=(lo@b=lo-b.pcap=-)
	$PYTHON "$TRAFFIC/truth_selected.py" file "$TRUTH" "args.endswith('of the script')" "${ENDS[@]}" ||
		fail "not the command's packets"
}

endless() { # makes $COMMAND, that a capture is running for
	netns_pair a b
	serve b udp-server :: 5300
	command_capture a "$(talk_words udp-client 10.77.0.2 5300 --messages 100000 --pause 0.01)"
	eventually 10 grep -q 'udp-client 10.77.0.2 5300 --messages 100000' "$TRUTH" || fail "does not start: $(cat err file.log)"
	COMMAND=$(sed -n 's/.*"pid": \([0-9]*\),.*udp-client 10.77.0.2 5300 --messages 100000.*/\1/p' "$TRUTH" | head -n 1)
	kill -0 "$COMMAND"
	eventually 10 grown file 10000 || fail "hardly a packet: $(cat file.log)"
}

test_end_of_the_capture_ends_the_command() {
	endless
	kill -TERM $FRONT
	eventually 5 gone $FRONT || fail "SIGTERM does not end it"
	eventually 3 gone "$COMMAND" || fail "the command goes on"
	wait $READER
	[ "$(pcapng file packets)" -ge 10 ] || fail "$(pcapng file packets) packets"
	[ ! -s err ] || fail "says $(cat err)"
}

test_end_of_the_reader_ends_the_command() {
	endless
	kill -KILL $READER
	eventually 5 gone $FRONT || fail "a closed FIFO does not end it"
	eventually 3 gone "$COMMAND" || fail "the command goes on"
}

test_end_by_force_ends_the_command() {
	endless
	kill -KILL $FRONT
	eventually 3 gone "$COMMAND" || fail "the command goes on"
}

test_command_that_is_not_there() {
	netns a
	mkfifo fifo
	timeout 10 cat fifo >file &
	expect_sentence 'no-such-command' in_ns a "$front" --capture --extcap-interface ptcpdump.process \
		--fifo fifo --command no-such-command
}
