# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# pidns.sh - an engine in a pid namespace of its own, as in a container
#
# There --pid, /proc and the list of sources speak the namespace's pids; packets show the host's,
# which the kernel side speaks. What talks inside and outside is known by the host's, from out here.

# inside COMMAND...: in the pid namespace that $INSIDE holds, in network namespace a
inside() { nsenter --target "$INSIDE" --pid --mount --net=/run/netns/a "$@"; }

pid_namespace() {
	nsenter --net=/run/netns/a unshare --pid --fork --mount-proc sleep 120 &
	eventually 5 pid_namespace_is_there $!
}
pid_namespace_is_there() {
	INSIDE=$(cat "/proc/$1/task/$1/children" 2>/dev/null | xargs)
	INSIDE=$(for pid in $INSIDE; do cat "/proc/$pid/task/$pid/children"; echo "$pid"; done | xargs -n 1 2>/dev/null | sort -n | tail -n 1)
	[ -n "$INSIDE" ] && [ "$(readlink "/proc/$INSIDE/exe")" = "$(readlink -f "$(command -v sleep)")" ]
}

inner_pid() { awk '/^NSpid/ { print $NF }' "/proc/$1/status"; }

test_pid_selects_by_the_namespaces_numbers() {
	netns_pair a b
	pid_namespace
	inside $PYTHON "$TRAFFIC/talk.py" udp-server 10.77.0.1 5300 --ready "$TEST_TMP/inner" &
	eventually 10 test -e inner || fail "no server inside"
	local inner host
	host=$(pgrep -f "talk.py udp-server 10.77.0.1 5300 --ready $TEST_TMP" | while read -r pid; do
		[ "$(inner_pid "$pid")" = "$pid" ] || echo "$pid"
	done | tail -n 1)
	inner=$(inner_pid "$host")
	serve a udp-server 10.77.0.1 5301
	inside "$ENGINE" --capture --extcap-interface ptcpdump.process --pid "$inner" --fifo "$TEST_TMP/file" \
		--log-file "$TEST_TMP/file.log" --log-level info 2>file.err &
	eventually 10 grep -q capturing file.log || fail "does not capture: $(cat file.err)"
	talk b udp-client 10.77.0.1 5300 --messages 5
	talk b udp-client 10.77.0.1 5301 --messages 5
	sleep 0.3
	kill -INT "$(pgrep -f "^$ENGINE --capture.*$TEST_TMP/file" | tail -n 1)"
	wait $! || true
	local there
	there=$(pcapng file owners | awk '$2 == "va" { print $4 }' | sort | uniq -c | xargs)
	[ "$there" = "10 $host" ] || fail "$there, not 10 packets of $host, which is $inner inside"
	! pcapng file owners | awk '{ print $4 }' | grep -qx "$SPAWNED" || fail "packets of a process that is outside"
	# Its arguments are read from the namespace's /proc, by the namespace's pid.
	grep -aq "Args: [^ ]*$(basename "$PYTHON") $TRAFFIC/talk.py udp-server 10.77.0.1 5300" file || fail "no arguments"
	inside "$EXTCAP/ptcpdump" --extcap-interfaces >list
	grep -q "{value=ptcpdump.pid.$inner}{display=.* ($inner), $host on the host" list || fail "the list: $(cat list)"
	! grep -q 'on 5301' list || fail "a process outside is listed: $(cat list)"
}
