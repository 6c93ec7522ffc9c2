# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# rights.sh - what each program that runs holds: capabilities, descriptors, and the system calls that it may make

front=$EXTCAP/ptcpdump
GROUP=4300 # the group wireshark's part
member=(setpriv --reuid 65534 --regid 65534 --groups $GROUP --inh-caps=-all env)

# The capabilities that the package gives them, once more: a test that agrees with whatever is there proves nothing.
ENGINE_MAY=cap_bpf,cap_perfmon,cap_net_admin=p
ATTACH_MAY='cap_sys_admin,cap_sys_ptrace=p cap_net_admin=i'

# "${installed[@]}" COMMAND...: it finds the parts as the package gives them to the group, both questions answered yes.
export ENGINE_MAY ATTACH_MAY
installed=(unshare --mount --propagation private sh -eu -c '
	parts=$(dirname "$ENGINE")
	[ -e parts ] || cp -a "$parts" parts
	mount -t tmpfs -o mode=755 tmpfs "$parts"
	cp -a parts/. "$parts"
	cd "$parts"
	chgrp '$GROUP' ptcpdump-capture ptcpdump-attach
	chmod 750 ptcpdump-capture ptcpdump-attach
	setcap "$ENGINE_MAY" ptcpdump-capture
	[ -z "$ATTACH_MAY" ] || setcap "$ATTACH_MAY" ptcpdump-attach
	cd "$TEST_TMP"
	exec "$@"' installed)

# member_captures [OPTION...]: the front, as Wireshark starts it, in namespace a; it captures when this returns.
member_captures() {
	need setcap
	rm -f fifo file file.log
	mkfifo fifo
	chown 65534 fifo
	chmod 777 .
	cat fifo >file &
	spawn a "${installed[@]}" "${member[@]}" "$front" --capture --extcap-interface ptcpdump.any --fifo fifo \
		--log-file file.log --log-level info "$@" >out 2>err </dev/null
	eventually 20 grep -qs capturing file.log || fail "does not capture: $(cat err file.log)"
}

# part NAME: the process of this test that runs the program of that name.
part() {
	local pid
	while read -r pid; do
		[ "$(basename "$(readlink "/proc/$pid/exe")")" != "$1" ] || echo "$pid"
	done <"$TEST_CGROUP/cgroup.procs"
}

runs() { [ "$(part "$1")" ]; }
none_runs() { ! runs "$1"; }

# expect_held PID PERMITTED NO-NEW-PRIVS SECCOMP: of each thread; nothing of it is effective, or can be handed on.
expect_held() {
	local status
	for status in /proc/"$1"/task/*/status; do
		sed -n 's/^\(Cap\(Prm\|Eff\|Inh\|Amb\)\|NoNewPrivs\|Seccomp\):\t*/\1 /p' "$status" | sort >held
		diff held - <<-END || fail "$(sed -n 's/^Name:\t*//p' "$status") holds $(xargs <held)"
			CapAmb 0000000000000000
			CapEff 0000000000000000
			CapInh 0000000000000000
			CapPrm $2
			NoNewPrivs $3
			Seccomp $4
		END
	done
}

# expect_descriptors PID: what is open in it is of these kinds (on standard input) and no other.
expect_descriptors() {
	local fd
	for fd in /proc/"$1"/fd/*; do
		readlink "$fd" || true
	done | sed "s/:\[[0-9]*\]\$//; s,^$TEST_TMP/,," | sort -u >open
	sort -u >known
	comm -23 open known >more
	[ ! -s more ] || fail "open in $(cat "/proc/$1/comm"): $(xargs <more)"
}

# CAP_SYS_PTRACE and CAP_SYS_ADMIN, and CAP_NET_ADMIN that the engine handed on
ATTACHER_HOLDS=0000000000281000
NOTHING=0000000000000000

LIMIT[test_what_each_part_holds]=90
test_what_each_part_holds() {
	need_seal
	netns_pair a b
	member_captures --command 'sleep 60'
	eventually 10 runs sleep || fail "the command does not run"
	expect_held "$(part ptcpdump-capture)" $NOTHING 1 2
	expect_descriptors "$(part ptcpdump-capture)" <<-END
		/dev/null
		$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
		anon_inode:[eventpoll]
		anon_inode:[pidfd]
		anon_inode:[signalfd]
		anon_inode:[timerfd]
		anon_inode:[perf_event]
		anon_inode:bpf-map
		anon_inode:bpf-prog
		anon_inode:bpf_link
		anon_inode:btf
		err
		fifo
		file.log
		out
		socket
	END
	expect_held "$(part ptcpdump-names)" $NOTHING 1 2
	expect_descriptors "$(part ptcpdump-names)" <<-END
		/dev/null
		anon_inode:[eventfd]
		socket
	END
	expect_held "$(part ptcpdump-attach)" $ATTACHER_HOLDS 1 2
	expect_descriptors "$(part ptcpdump-attach)" <<-END
		/dev/null
		anon_inode:bpf-prog
		anon_inode:bpf_link
		net
		socket
	END
	# What is left of the front: who ends the command when the engine ends.
	expect_held "$(part ptcpdump)" $NOTHING 0 0
	expect_descriptors "$(part ptcpdump)" </dev/null
	# The command is as the user's own: sudo may be one.
	expect_held "$(part sleep)" $NOTHING 0 0
	expect_descriptors "$(part sleep)" <<-END
		/dev/null
		file.log
	END
	kill -INT "$(part ptcpdump-capture)"
	wait "$SPAWNED" || fail "$(cat err)"
	eventually 5 none_runs sleep || fail "the command stays"
}

# The front has no capability of its own, and never is another user's.
test_front_has_no_privilege() {
	need getcap
	[ -z "$(getcap "$front")" ] || fail "$(getcap "$front")"
	[ "$(stat -c %a "$front")" = 755 ] || fail "its mode is $(stat -c %a "$front")"
}

# --- what each capability of ptcpdump-attach is for; the engine's are privilege.sh's ------------------------

# Two namespaces with a device each that receives below the tracepoint: d has a name, the other one a process.
two_namespaces() {
	netns_pair a b
	netns d
	spawn a unshare --net sleep 60
	local nameless=$SPAWNED
	eventually 5 is_elsewhere "$nameless" || fail "no namespace"
	ip -n a link add named link va type macvlan mode bridge 2>error || lack "no such device here: $(cat error)"
	ip -n a link add nameless link va type macvlan mode bridge
	ip -n a link set named netns d
	ip -n a link set nameless netns "$nameless"
}
is_elsewhere() { [ "$(readlink "/proc/$1/ns/net")" != "$(in_ns a readlink /proc/self/ns/net)" ]; }

hooked() { grep -q "interface $1 .*has the hook reentry" file.log; }
not_hooked() { ! hooked "$1" || fail "$1 has the hook without"; }

LIMIT[test_attach_with_exactly_these_capabilities]=90
test_attach_with_exactly_these_capabilities() {
	two_namespaces
	member_captures --netns all
	eventually 10 hooked named || fail "nothing on the one with a name: $(cat file.log)"
	eventually 10 hooked nameless || fail "nothing on the one without: $(cat file.log)"
}

LIMIT[test_attach_fails_without_each_capability]=150
test_attach_fails_without_each_capability() {
	two_namespaces
	ATTACH_MAY='cap_sys_ptrace=p cap_net_admin=i' member_captures --netns all
	eventually 10 grep -q 'takes root.*setcap' file.log || fail "without CAP_SYS_ADMIN: $(cat file.log)"
	not_hooked named
	end_capture
	ATTACH_MAY='cap_sys_admin=p cap_net_admin=i' member_captures --netns all
	eventually 10 hooked named || fail "without CAP_SYS_PTRACE, not even: $(cat file.log)"
	end_capture # it has looked everywhere when it ends
	not_hooked nameless
	ATTACH_MAY='cap_sys_admin,cap_sys_ptrace=p' member_captures --netns all
	eventually 10 grep -q 'interface named .* cannot have the hook reentry' file.log || fail "without CAP_NET_ADMIN: $(cat file.log)"
	not_hooked named
	end_capture
}
end_capture() {
	kill -INT "$(part ptcpdump-capture)"
	wait "$SPAWNED" || fail "$(cat err)"
}

# --- system calls -----------------------------------------------------------------------------------------

need_seal() {
	! grep -q -e '^PTCPDUMP_SECCOMP:BOOL=OFF' -e '^PTCPDUMP_SANITIZE:BOOL=ON' "$BUILD/CMakeCache.txt" || skip "built without seccomp filters"
}

# By their numbers on x86-64, with arguments that would do something.
GETUID=(102)
CALLS=(
	"a process: 57"
	"a program: 59 0 0 0"
	"a socket of the Internet: 41 2 2 0"
	"a program of the kernel's: 321 5 0 0"
	"a file to write: 257 -100 0 1"
	"a file to make: 257 -100 0 0x40"
	"memory to run: 10 0 4096 5"
	"another process: 101 16 1 0"
	"a signal: 62 1 0 0"
	"the answer to nobody's question: 5000"
)

intrude() { "$BUILD/tests/traffic/intrude" "$@" || { [ $? != 77 ] || lack "not on this processor"; fail "cannot intrude"; }; }

# expect_killed NAME CALL...: whoever makes the program of that name do this ends it, and does nothing.
expect_killed() {
	local answer
	answer=$(intrude "$(part "$1")" "${@:2}")
	[ "$answer" = "killed by 31" ] || fail "$1 has done it: $answer"
}

LIMIT[test_engine_ends_at_any_other_call]=150
test_engine_ends_at_any_other_call() {
	need_seal
	netns_pair a b
	local call
	member_captures
	# A call of its own is none of that.
	[ "$(intrude "$(part ptcpdump-capture)" "${GETUID[@]}")" = "returned 65534" ] || fail "not even its own call"
	talk b udp-client 10.77.0.1 9 --silent || true
	end_capture
	for call in "${CALLS[@]}"; do
		member_captures
		# shellcheck disable=SC2086 # numbers
		expect_killed ptcpdump-capture ${call##*: } || fail "$call"
		wait "$SPAWNED" && fail "ends as if nothing was: $call"
		eventually 10 none_runs ptcpdump-attach || fail "ptcpdump-attach stays: $call"
		eventually 10 none_runs ptcpdump-names || fail "ptcpdump-names stays: $call"
	done
}

# Without them the capture goes on, and says what is lost.
LIMIT[test_helpers_end_at_any_other_call]=90
test_helpers_end_at_any_other_call() {
	need_seal
	netns_pair a b
	member_captures
	# /usr/libexec/ptcpdump is not for them to write, nor is there anything to run.
	expect_killed ptcpdump-names 59 0 0 0
	expect_killed ptcpdump-attach 59 0 0 0
	eventually 10 grep -q 'ptcpdump-names has ended' file.log || fail "not said: $(cat file.log)"
	eventually 10 grep -q 'ptcpdump-attach has ended' file.log || fail "not said: $(cat file.log)"
	end_capture
	member_captures
	expect_killed ptcpdump-names 41 2 1 0
	expect_killed ptcpdump-attach 272 0x10000000 # a user namespace
	end_capture
	member_captures
	expect_killed ptcpdump-names 56 0
	expect_killed ptcpdump-attach 308 0 0x20000 # a mount namespace
	end_capture
}
