# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# attacks.sh - what others can do to a capture, and with it; the table of all of them is in tests/README.md

. "$SOURCE/tests/integration/stop.sh"      # ids_of, none_is_left
. "$SOURCE/tests/integration/privilege.sh" # engine_with, user_captures

# --- hostile processes --------------------------------------------------------------------------

# The memory of a process is locked, for as long as it likes: whoever reads its arguments waits.
test_a_process_that_cannot_be_read() {
	local mute begin
	[ -c /dev/fuse ] || lack "no FUSE here"
	netns_pair a b
	serve b udp-server :: 5300
	unshare --mount --propagation private "$BUILD/tests/traffic/mute" "$PWD/silent" >mute &
	eventually 5 test -s mute || fail "no FUSE here: $(cat mute)"
	mute=$(cat mute)
	eventually 5 cannot_be_read "$mute" || fail "it can be read, so this test means nothing"
	serve a udp-server :: 5300 # older than the capture, and with arguments
	capture a ptcpdump.any file
	talk b udp-client 10.77.0.1 5300
	capture_stop
	grep -q "[0-9] processes have no arguments" file.log || fail "the log does not tell: $(cat file.log)"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

cannot_be_read() { ! timeout -s KILL 1 cat "/proc/$1/cmdline" >read; }

# Arguments of a megabyte, and none but NULs: cut, and the next one's are right.
test_long_and_empty_arguments() {
	local nuls
	netns_pair a b
	serve b udp-server :: 5300
	spawn a $PYTHON -c '
import ctypes, os, socket, time
with open("/proc/self/stat") as stat:
    begin, end = [int(word) for word in stat.read().rsplit(")", 1)[1].split()[45:47]]
ctypes.memset(begin, 0, end - begin)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
open("nuls", "w").close()
while not os.path.exists("go"): time.sleep(0.02)
for i in range(5): sender.sendto(b"nuls", ("10.77.0.2", 5300))
' one two three
	nuls=$SPAWNED
	spawn a $PYTHON -c '
import os, socket, sys, time
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
open("long", "w").close()
while not os.path.exists("go"): time.sleep(0.02)
for i in range(5): sender.sendto(b"long", ("10.77.0.2", 5300))
' $(for i in {1..10}; do printf '%0100000d ' "$i"; done)
	eventually 10 test -e nuls
	eventually 10 test -e long
	capture a ptcpdump.any file
	touch go
	talk a udp-client 10.77.0.2 5300
	wait "$nuls" "$SPAWNED"
	capture_stop
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
	[ "$(tshark -r file -Y 'frame contains "nuls"' -T fields -e ptcpdump.args | sort -u)" = "" ] || fail "NULs have become something"
	[ "$(tshark -r file -Y 'frame contains "nuls"' | wc -l)" = 5 ] || fail "not its five packets"
	tshark -r file -Y 'frame contains "long"' -T fields -e ptcpdump.args | sort -u >args
	[ "$(wc -l <args)" = 1 ] && [ "$(wc -c <args)" -lt 5000 ] && grep -q '\.\.\.$' args || fail "a megabyte of arguments: $(wc args)"
}

# --- streams that are not there -----------------------------------------------------------------

# What is opened first would be standard error, and get our words.
test_streams_that_are_closed() {
	netns a
	in_ns a bash -c '"$1" --capture --extcap-interface ptcpdump.any --fifo one --duration 0.2 <&- >&- 2>&-' bash "$ENGINE"
	in_ns a bash -c '"$1" --capture --extcap-interface ptcpdump.any --fifo two --duration 0.2 2>&-' bash "$ENGINE" >out
	in_ns a bash -c '"$1" --capture --extcap-interface ptcpdump.nosuch --fifo three 2>&-' bash "$ENGINE" >out && fail "captures"
	pcapng one interfaces >/dev/null || fail "the file is broken"
	pcapng two interfaces >/dev/null || fail "the file is broken"
	! grep -aq ptcpdump-capture: one two || fail "our words are in the capture"
	[ ! -s three ] || ! grep -aq ptcpdump-capture: three || fail "our words are in the capture"
	in_ns a bash -c '"$1" --capture --extcap-interface ptcpdump.any --fifo four --command "touch ran" <&- >&- 2>&-' bash "$EXTCAP/ptcpdump"
	[ -e ran ] || fail "the command did not run"
}

# What a user may set of a program that gains capabilities: too few descriptors, bytes of a file, memory.
LIMIT[test_limits_of_the_user]=120
test_limits_of_the_user() {
	local limit status most
	netns a
	engine_with "${CAPABILITIES[@]}"
	most=core=$(ulimit -H -c) # more than ours not every root may give
	for limit in nofile=8 nofile=70 nofile=255 nofile=8:256 fsize=0 memlock=0 "$most"; do
		rm -f file file.log
		status=0
		# What it says goes through a pipe: a file may not grow.
		in_ns a timeout -k 1 60 prlimit --$limit "${by_user[@]}" --duration 0.1 2>&1 >out | cat >words || status=${PIPESTATUS[0]}
		[ $status -lt 124 ] || fail "$limit: ended with status $status: $(cat words)"
		sed -i '/packets captured/d' words
		[ $status = 0 ] || [ "$(wc -l <words)" = 1 ] || fail "$limit: says $(xargs -d '\n' <words)"
		case $limit in
		# A soft limit is raised, without a word.
		nofile=8:256 | core=*) [ $status = 0 ] && ! grep ' warning: ' file.log || fail "$limit: does not capture as ever" ;;
		nofile=*) grep -q 'ulimit -n 256' words || fail "$limit: does not say what to do: $(cat words)" ;;
		esac
		figure "$limit: status $status $(head -c 150 words)"
	done
}

# Before Linux 6.12 packets come by perf rings, of which a user may not have as many as one likes.
test_rings_of_a_user_who_may_lock_little() {
	local paranoid
	paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
	((paranoid >= 0 && paranoid <= 2)) || lack "perf_event_paranoid is $paranoid: rings are everybody's, or root's alone"
	netns a
	engine_with "${CAPABILITIES[@]}"
	in_ns a prlimit --memlock=65536 "${by_user[@]}" --without dynptr --buffer-size 256 --duration 0.1 || fail "does not capture"
	grep -q 'warning: the packet rings have .* may lock no more memory' file.log || fail "nobody is told: $(cat file.log)"
}

# Wireshark waits for the FIFO of a source, also where the capture cannot begin.
test_end_is_told_where_too_little_is_allowed() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	mkfifo fifo
	chown 65534 fifo
	timeout 20 cat fifo >read &
	local reader=$!
	expect_sentence 'ulimit -n 256' in_ns a prlimit --nofile=255 "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo fifo
	wait $reader || fail "the reader still waits"
}

# --- files --------------------------------------------------------------------------------------

# Root's file and a sysctl, by links that are there only now and then. Whether one was opened the engine's answer
# tells: packets are no value of a sysctl, so none is changed by them.
test_files_that_are_swapped() {
	local i forwarding # a new namespace has the machine's
	netns a
	forwarding=$(in_ns a cat /proc/sys/net/ipv4/ip_forward)
	engine_with "${CAPABILITIES[@]}"
	echo root >roots
	chmod 644 roots
	mkdir theirs
	chown 65534 theirs
	cd theirs
	"${ordinary_user[@]}" $PYTHON - <<-'END' &
		import itertools, os
		for target in itertools.cycle(("../roots", "", "/proc/sys/net/ipv4/ip_forward", "fifo")):
		    for name in ("file", "log"):
		        if not target:
		            os.close(os.open("new", os.O_CREAT | os.O_WRONLY))
		        elif target == "fifo":
		            os.mkfifo("new")
		        else:
		            os.symlink(target, "new")
		        os.rename("new", name)
	END
	eventually 5 test -L file
	for i in {1..30}; do
		# A log that is a link is refused, whatever the packets have met: so without one as well.
		in_ns a timeout -s KILL 30 "${ordinary_user[@]}" ../engine --capture --extcap-interface ptcpdump.any --fifo file \
			$( ((i % 2)) || echo "--log-file log") --duration 0.02 2>&1 || true
	done >../words
	kill $!
	cd ..
	figure "$(grep -c 'Permission denied' words) of 30 met a link to what is not theirs, $(grep -c captured words) captured"
	grep -q 'Permission denied' words || fail "no link was met, so this test means nothing: $(cat words)"
	! grep 'written until then' words || fail "a sysctl was opened"
	[ "$(cat roots)" = root ] || fail "root's file has been written"
	[ "$(in_ns a cat /proc/sys/net/ipv4/ip_forward)" = "$forwarding" ] || fail "a sysctl has been written"
}

# Root captures in a folder of everybody's, where somebody has put a link in the place of the log.
test_log_of_roots_that_is_a_link() {
	netns a
	echo root >roots
	mkdir -m 1777 everybodys
	"${ordinary_user[@]}" ln -s "$PWD/roots" everybodys/log
	expect_sentence 'everybodys/log' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --log-file "$PWD/everybodys/log" \
		--duration 0.1
	[ "$(cat roots)" = root ] || fail "it has been written"
}

# What another user has made would give them what we see.
test_fifo_of_another_user() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	mkfifo -m 666 roots
	cat roots >read &
	expect_sentence 'roots.*another user' in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo "$PWD/roots"
	ln -s roots link
	cat roots >read &
	expect_sentence 'link.*another user' in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo "$PWD/link"
	mkfifo -m 666 users
	chown 65534 users
	cat users >read &
	expect_sentence 'users.*another user' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo "$PWD/users"
	[ ! -s read ] || fail "somebody else reads"
}

# Who says where the kernel keeps a pid can have any of its memory shown as one.
test_btf_of_the_users() {
	local by=("${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo file --kernel-btf)
	netns a
	engine_with "${CAPABILITIES[@]}"
	cp /sys/kernel/btf/vmlinux users
	chown 65534 users
	chmod 400 users
	expect_sentence 'others than root' in_ns a "${by[@]}" "$PWD/users"
	mkdir folder
	cp /sys/kernel/btf/vmlinux folder/roots
	chmod 444 folder/roots
	chown 65534 folder
	expect_sentence 'others than root' in_ns a "${by[@]}" "$PWD/folder/roots"
	ln -s folder/roots link
	expect_sentence 'others than root' in_ns a "${by[@]}" "$PWD/link"
	mkfifo fifo
	expect_sentence 'no file' in_ns a "${by[@]}" "$PWD/fifo"
	expect_sentence 'no file' in_ns a "${by[@]}" /dev/zero
}

# --- words --------------------------------------------------------------------------------------

# in_words FILE: nothing that a terminal would obey, and no line of its own.
expect_harmless() { ! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' "$1" || fail "$1 has control characters"; }

# A process, its executable and arguments named as a comment's next line, a terminal's command, a format.
test_hostile_names_of_a_process() {
	local name=$'b\nPID: 1\e[31m%s%n' pid
	netns_pair a b
	serve b tcp-server :: 8080
	cp "$BUILD/tests/traffic/brief" "$name"
	capture a ptcpdump.any file --log-level debug
	spawn a bash -c 'exec -a "$1" "./$1" 10.77.0.2 8080 "$2"' bash "$name" $'\nUserId: 0\nContainerId: x\e[2J%n'
	pid=$SPAWNED
	wait "$pid" || true
	capture_stop
	tshark -r file -Y "tcp.srcport == 8080 or tcp.dstport == 8080" -T fields -E separator='|' -e ptcpdump.pid -e ptcpdump.uid -e ptcpdump.container.id -e ptcpdump.ppid | sort | uniq -c >fields
	[ "$(wc -l <fields)" = 1 ] && grep -q " $pid|0||$$\$" fields || fail "forged: $(cat fields), not $pid of $$"
	tshark -r file -T fields -e ptcpdump.cmd -e ptcpdump.args -e ptcpdump.thread -e ptcpdump.process >words
	grep -qF '\nPID: 1' words || fail "where is it? $(cat words)"
	expect_harmless words
	expect_harmless file.log
	pcapng file owners >owners
	expect_harmless owners
}

# Interfaces take nearly any byte as a name, and any as an alias.
test_hostile_names_of_an_interface() {
	netns_pair a b
	serve b udp-server :: 5300
	ip -n a link set va alias $'x\e[2J}{value=evil}\n%n'
	ip -n a link set va down
	ip -n a link set va name $'v\e[31m'
	ip -n a link set $'v\e[31m' up
	eventually 5 in_ns a ping -c 1 -W 1 10.77.0.2 >/dev/null
	in_ns a "$EXTCAP/ptcpdump" --extcap-interfaces >list 2>words
	[ ! -s words ] || fail "says $(cat words)"
	expect_harmless list
	! grep -q 'value=evil' list || fail "forged: $(cat list)"
	capture a "$(sed -n 's/.*{value=\(ptcpdump\.if\.@[0-9]*\)}.*/\1/p' list | head -n 1)" file --log-level debug
	talk a udp-client 10.77.0.2 5300
	capture_stop
	tshark -r file -T fields -e frame.interface_name -e frame.interface_description >names
	expect_harmless names
	expect_harmless file.log
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

# A runtime that we are told to ask says anything.
test_hostile_names_of_a_container() {
	. "$SOURCE/tests/runtimes/daemons.sh"
	local name=$'web\nContainerId: 0000\e[2J%n' id
	[ -n "$TEST_CGROUP" ] || skip "no cgroup2 here"
	netns_pair a b
	serve b udp-server :: 5300
	fake docker.sock good "$name"
	id=$(printf %s "$name" | sha256sum | cut -c 1-64)
	mkdir -p "$TEST_CGROUP/docker/$id"
	capture a ptcpdump.any file --log-level debug --docker-address "$PWD/docker.sock"
	eventually 10 have_told file.log
	CONTAINER=$TEST_CGROUP/docker/$id in_ns a sh -c 'echo $$ >"$CONTAINER/cgroup.procs"; exec "$@"' sh \
		$PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300
	capture_stop
	rmdir "$TEST_CGROUP/docker/$id" "$TEST_CGROUP/docker"
	tshark -r file -Y udp -T fields -E separator='|' -e ptcpdump.container.id -e ptcpdump.container.name | sort | uniq -c >names
	expect_harmless names
	expect_harmless file.log
	[ "$(wc -l <names)" = 1 ] && grep -qF " $id|web\\nContainerId: 0000" names || fail "forged: $(cat names)"
}

# --- what is left ------------------------------------------------------------------------------

# The command of a user who may capture has that user's rights, and nothing of the engine's.
test_command_has_nothing_of_the_engine() {
	. "$SOURCE/tests/integration/front.sh"
	netns a
	engine_with "${CAPABILITIES[@]}"
	cat >program <<-'END'
		#!/bin/sh
		cat /proc/self/status >status
		ls -l /proc/$$/fd >fds
	END
	chmod 755 program
	with_engine engine nsenter --net=/run/netns/a "${ordinary_user[@]}" "$EXTCAP/ptcpdump" --capture --extcap-interface ptcpdump.any \
		--fifo "$PWD/file" --log-file "$PWD/file.log" --command "$PWD/program" 2>words || fail "status $?: $(cat words)"
	[ -s status ] && [ -s fds ] || fail "it did not run: $(cat words file.log)"
	! grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' status || fail "it has capabilities"
	grep -q '^Uid:.65534.65534.65534.65534$' status || fail "it is $(grep Uid status)"
	! grep -E 'bpf|socket|pipe|pidfd|anon_inode|fifo' fds || fail "it has descriptors"
	[ "$(pcapng file interfaces | wc -l)" -ge 1 ] || fail "nothing was captured"
}

# The helpers of the engine: one holds a capability and is closed, the other holds nothing.
test_helpers_hold_nothing_of_use() {
	local pid
	netns a
	engine_with "${CAPABILITIES[@]}"
	user_captures a
	for pid in $(ip netns pids a); do
		case $(cat "/proc/$pid/comm") in
		ptcpdump-attac*)
			"${ordinary_user[@]}" ls "/proc/$pid/fd" >got 2>&1 && fail "its descriptors can be seen: $(xargs <got)"
			"${ordinary_user[@]}" $PYTHON -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), None, None) != -1)' "$pid" || fail "it can be traced"
			;;
		ptcpdump-names)
			! ls -l "/proc/$pid/fd" | grep bpf || fail "names holds eBPF"
			! grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' "/proc/$pid/status" || fail "names has capabilities"
			;;
		*) continue ;;
		esac
		echo "$pid" >>helpers
	done
	[ "$(wc -l <helpers)" = 2 ] || fail "not two helpers"
	kill -INT "$SPAWNED"
	wait "$SPAWNED"
}

# Its user kills the helper that attaches, so that it can take nothing away, and then the engine.
test_killed_by_its_own_user() {
	. "$SOURCE/tests/integration/reentry.sh"
	local kind helper
	need bpftool
	netns_pair a b
	in_ns a "$BUILD/tests/traffic/tcx" count lo >/dev/null 2>&1 || lack "no tcx here"
	ip -n a link add link va name mv type macvlan mode bridge
	ip -n a link set mv up
	engine_with "${CAPABILITIES[@]}"
	user_captures a
	eventually 10 grep -q 'mv .*has the hook reentry' file.log || fail "nothing is attached: $(cat file.log)"
	for kind in prog link map; do
		ids_of "$SPAWNED" $kind >$kind.ids
	done
	[ "$(wc -l <link.ids)" -ge 10 ] || fail "it has only $(wc -l <link.ids) links"
	helper=$(pgrep -P "$SPAWNED" ptcpdump-attac)
	"${ordinary_user[@]}" kill -KILL "$helper"
	eventually 5 grep -q 'ptcpdump-attach has ended' file.log || fail "it cannot be killed"
	"${ordinary_user[@]}" kill -KILL "$SPAWNED"
	wait "$SPAWNED" 2>/dev/null || true
	for kind in prog link map; do
		eventually 10 none_is_left $kind $kind.ids || fail "a $kind is left: $(bpftool $kind show)"
	done
	eventually 20 none_is_attached a mv || fail "programs are left on mv"
	[ -z "$(in_ns a tc qdisc show dev mv clsact)" ] || fail "left: $(in_ns a tc qdisc show dev mv)"
}

# Root of a user namespace alone is nobody's root, not with file capabilities either: they are of that namespace.
test_root_of_a_user_namespace() {
	local engine
	unshare --user --map-root-user true 2>/dev/null || lack "no user namespaces here"
	engine_with "${CAPABILITIES[@]}"
	for engine in "$ENGINE" ./engine; do
		expect_sentence 'cannot' "${ordinary_user[@]}" unshare --user --map-root-user --net "$engine" --capture \
			--extcap-interface ptcpdump.any --fifo file --duration 0.2
	done
}
