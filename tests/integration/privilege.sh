# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# privilege.sh - what the engine may do as an ordinary user, until when, and what it lets others do

# The table of extcap/privilege.c, once more: a test that agrees with whatever is there proves nothing.
CAPABILITIES=(bpf perfmon net_admin)
# Only the second program has nothing left of root's: setpriv keeps what is permitted to itself.
ordinary_user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env)

# engine_with CAPABILITY...: $PWD/engine has these, as the package gives them; packets go to "file".
engine_with() {
	need setcap
	local list
	printf -v list 'cap_%s,' "$@"
	cp "$ENGINE" engine
	chmod 755 engine
	setcap "${list%,}=p" engine
	chmod 777 .
	capturing=("$PWD/engine" --capture --extcap-interface ptcpdump.any --fifo "$PWD/file" --log-file "$PWD/file.log" --log-level info)
	by_user=("${ordinary_user[@]}" "${capturing[@]}")
}

# settings TEXT: what with_settings COMMAND... sees as /etc/ptcpdump.conf, and nobody else; "" is none.
settings() {
	rm -f conf
	[ -z "$1" ] || printf "$1" >conf
	with_settings=(unshare --mount --propagation private sh -eu -c '
		mkdir -p etc
		mount -t tmpfs tmpfs etc
		cp -a /etc/. etc/
		rm -f etc/ptcpdump.conf
		[ ! -e conf ] || cp -p conf etc/ptcpdump.conf
		mount --bind etc /etc
		exec "$@"' with_settings)
}

# user_captures NS: by_user in the background, $SPAWNED; it captures when this returns.
user_captures() {
	spawn "$1" "${by_user[@]}" 2>words
	eventually 20 grep -qs capturing file.log || fail "does not capture: $(cat words file.log)"
}

test_captures_with_exactly_these_capabilities() {
	netns_pair a b
	engine_with "${CAPABILITIES[@]}"
	settings '[members]\narguments=all\n' # the traffic is root's
	by_user=("${with_settings[@]}" "${by_user[@]}")
	serve b udp-server :: 5300
	user_captures a
	talk a udp-client 10.77.0.2 5300
	sleep 0.2
	kill -INT "$SPAWNED"
	wait "$SPAWNED" || fail "$(cat words)"
	! grep 'is off' file.log || fail "a hook is off"
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
}

# Each is needed: without one nothing is captured, and one sentence says so.
LIMIT[test_fails_without_each_capability]=120
test_fails_without_each_capability() {
	local without cap
	netns a
	for without in "${CAPABILITIES[@]}"; do
		local rest=()
		for cap in "${CAPABILITIES[@]}"; do
			[ "$cap" = "$without" ] || rest+=("$cap")
		done
		rm -f engine file file.log
		engine_with "${rest[@]}"
		expect_sentence 'setcap|capabilit|permi' in_ns a "${by_user[@]}" --duration 1
	done
}

# What a filter with "vlan" means live is asked of a packet socket.
test_vlan_filter_takes_net_raw() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	expect_sentence 'vlan.*CAP_NET_RAW' in_ns a "${by_user[@]}" --extcap-capture-filter 'vlan 5' --duration 0.2
	rm -f engine file file.log
	engine_with "${CAPABILITIES[@]}" net_raw
	in_ns a "${by_user[@]}" --extcap-capture-filter 'vlan 5' --duration 0.2 || fail "with it it does not work either"
}

# value NAME: of the engine's status lines, of all its threads and its helper, each once.
value() { cat $(status_files) | sed -n "s/^$1:[ \t]*//p" | sort -u | xargs; }
status_files() {
	local pid
	for pid in "$SPAWNED" $(pgrep -P "$SPAWNED"); do
		echo /proc/"$pid"/task/*/status
	done
}

test_holds_nothing_while_it_captures() {
	netns_pair a b
	engine_with "${CAPABILITIES[@]}"
	user_captures a
	talk a udp-client 10.77.0.2 5300 --silent
	local set
	for set in CapInh CapPrm CapEff CapAmb; do
		cat /proc/"$SPAWNED"/task/*/status | sed -n "s/^$set:\t//p" | grep -v '^0*$' >held && fail "$set: $(xargs <held)"
	done
	[ "$(value NoNewPrivs)" = 1 ] || fail "may get new ones: $(value NoNewPrivs)"
	[ "$(value Uid)" = "65534 65534 65534 65534" ] || fail "is $(value Uid)"
	# Its helper keeps one, and nothing effective.
	[ "$(value CapEff)" = 0000000000000000 ] || fail "effective: $(value CapEff)"
	kill -INT "$SPAWNED"
	wait "$SPAWNED"
}

# Nobody looks into it, not even its own user: it holds programs that see all packets. The kernel sees to
# that where a program gains capabilities, but not where the user had them before (pam_cap, say).
test_is_closed_to_its_own_user() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	user_captures a
	expect_closed
	rm file file.log
	by_user=("${ordinary_user[@]:0:7}" "${capturing[@]}")
	user_captures a
	expect_closed
}

expect_closed() {
	local what
	for what in mem environ maps; do
		"${ordinary_user[@]}" sh -c "head -c 1 </proc/$SPAWNED/$what" >got 2>&1 && [ -s got ] && fail "its $what can be read"
	done
	"${ordinary_user[@]}" ls "/proc/$SPAWNED/fd" >got 2>&1 && fail "its descriptors can be seen: $(xargs <got)"
	"${ordinary_user[@]}" $PYTHON - "$SPAWNED" <<-'END' || fail "it can be traced, or robbed of a descriptor"
		import ctypes, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		pid = int(sys.argv[1])
		PTRACE_SEIZE, PIDFD_GETFD = 0x4206, 438
		assert libc.ptrace(PTRACE_SEIZE, pid, None, None) == -1
		pidfd = os.pidfd_open(pid)
		assert all(libc.syscall(PIDFD_GETFD, pidfd, fd, 0) == -1 for fd in range(32))
	END
	kill -INT "$SPAWNED"
	wait "$SPAWNED"
}

# Nothing that the caller's environment says is heard: of these each would load code, write a file, or speak.
HOSTILE=(G_DEBUG=fatal-warnings G_SLICE=nonsense G_MESSAGES_DEBUG=all GCONV_PATH=. MALLOC_TRACE=traced GIO_EXTRA_MODULES=.
	GIO_USE_VFS=evil SSLKEYLOGFILE=keys CURL_HOME=. LIBBPF_LOG_LEVEL=debug LIBBPF_STRICT_MODE=1 PCAP_OPTIONS=x
	DBUS_SESSION_BUS_ADDRESS=unix:path=evil DOCKER_HOST=unix://evil PATH=. HOME=. TMPDIR=. XDG_RUNTIME_DIR=. LOCPATH=.
	NLSPATH=. BASH_ENV=evil)
# By any user of a program that gains capabilities: the C library's part.
test_no_library_is_loaded() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	cp "$BUILD/tests/faults/heard.so" .
	chmod 755 heard.so
	local variables=(LD_PRELOAD="$PWD/heard.so" LD_LIBRARY_PATH="$PWD" LD_AUDIT="$PWD/heard.so" HEARD="$PWD/heard" "${HOSTILE[@]}")
	by_user=("${ordinary_user[@]}" "${variables[@]}" "${capturing[@]}")
	user_captures a
	kill -INT "$SPAWNED"
	wait "$SPAWNED" || fail "$(cat words)"
	[ ! -e heard ] || fail "a library was loaded"
	[ ! -e traced ] && [ ! -e keys ] || fail "a file was written"
	! grep -v 'packets captured' words || fail "somebody speaks"
	# It would be loaded into any other program, this one without its capabilities included.
	setcap -r engine
	in_ns a env LD_PRELOAD="$PWD/heard.so" HEARD="$PWD/heard" ./engine --capture --extcap-interface ptcpdump.any --fifo two --duration 0.1 2>words
	[ -e heard ] || fail "so this test means nothing"
}

# By root, whose libraries hear it all: what the engine keeps while it works, and what its helpers get.
test_environment_is_not_heard() {
	local pid
	netns a
	mkfifo fifo
	sleep 300 <fifo &
	spawn a env -i LD_PRELOAD="$BUILD/tests/faults/heard.so" HEARD="$PWD/heard" "${HOSTILE[@]}" LANG=C TZ=UTC "$ENGINE" --capture \
		--extcap-interface ptcpdump.any --fifo fifo --log-file file.log --log-level info 2>words
	eventually 20 grep -qs capturing file.log || fail "does not capture: $(cat words)"
	[ "$(sort heard | xargs)" = "LANG=C TZ=UTC" ] || fail "kept: $(sort heard | xargs)"
	for pid in $(ip netns pids a); do
		[ "$pid" = "$SPAWNED" ] && continue
		[ "$(cat "/proc/$pid/environ" | wc -c)" = 0 ] || fail "$(cat "/proc/$pid/comm") has $(tr '\0' ' ' <"/proc/$pid/environ")"
		echo "$pid"
	done >helpers
	[ "$(wc -l <helpers)" = 2 ] || fail "not two helpers: $(cat helpers)"
	kill -INT "$SPAWNED"
	wait "$SPAWNED"
}

# A log may be written where the user may write, nowhere else: not where a capability would let it.
test_files_are_opened_as_the_user() {
	local forwarding # a new namespace has the machine's
	netns a
	forwarding=$(in_ns a cat /proc/sys/net/ipv4/ip_forward)
	engine_with "${CAPABILITIES[@]}"
	echo root >roots
	chmod 644 roots
	expect_sentence roots in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo file --log-file "$PWD/roots"
	expect_sentence roots in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo "$PWD/roots"
	expect_sentence 'ip_forward' in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo file \
		--log-file /proc/sys/net/ipv4/ip_forward
	ln -s "$PWD/roots" link
	expect_sentence link in_ns a "${ordinary_user[@]}" ./engine --capture --extcap-interface ptcpdump.any --fifo link
	[ "$(cat roots)" = root ] || fail "it has been written"
	[ "$(in_ns a cat /proc/sys/net/ipv4/ip_forward)" = "$forwarding" ] || fail "the sysctl is switched"
}

# Two programs, of two users, whose arguments have "secret" in them. The first word says how many datagrams.
two_users() {
	cp "$(readlink -f $PYTHON)" own
	cp own others
	as_own=("${ordinary_user[@]}" "$PWD/own" -c "$datagrams")
	as_others=(setpriv --reuid 4242 --regid 4242 --clear-groups "$PWD/others" -c "$datagrams")
}
datagrams='
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[1])):
    s.sendto(b"x", ("10.77.0.2", 9))
    time.sleep(0.1)'

# captures_them COMMAND...: two of theirs were there before, two more come meanwhile.
captures_them() {
	rm -f file file.log
	spawn a "$@" 2>words
	local engine=$SPAWNED
	eventually 20 grep -qs capturing file.log || fail "does not capture: $(cat words file.log)"
	in_ns a "${as_own[@]}" 3 secret
	in_ns a "${as_others[@]}" 3 secret
	kill -INT "$engine"
	wait "$engine" || fail "$(cat words)"
}

# expect_arguments PROGRAM UID all|none: each process's, in the plugin's fields; the rest of it is told in any case.
expect_arguments() {
	tshark -r file -Y "ptcpdump.comm == \"$1\"" -T fields -e ptcpdump.pid -e ptcpdump.uid -e ptcpdump.args 2>/dev/null | sort -u >seen
	[ "$(wc -l <seen)" = 2 ] || fail "not two processes of $1: $(cat seen)"
	[ "$(cut -f 2 seen | sort -u)" = "$2" ] || fail "the user of $1: $(cat seen)"
	if [ "$3" = all ]; then
		[ "$(grep -c 'secret$' seen)" = 2 ] || fail "arguments of $1 are missing: $(cat seen)"
	else
		[ "$(cut -f 3 seen | sort -u)" = "…" ] || fail "arguments of $1 are told: $(cat seen)"
	fi
}

# Whose arguments a member of the group sees: their own; everybody's if root says so; root sees all.
LIMIT[test_arguments_of_other_users]=120
test_arguments_of_other_users() {
	need tshark
	netns_pair a b
	engine_with "${CAPABILITIES[@]}"
	two_users
	spawn a "${as_own[@]}" 6000 secret
	spawn a "${as_others[@]}" 6000 secret
	settings ''
	captures_them "${with_settings[@]}" "${by_user[@]}"
	expect_arguments own 65534 all
	expect_arguments others 4242 none
	settings '[members]\narguments=all\n'
	captures_them "${with_settings[@]}" "${by_user[@]}"
	expect_arguments own 65534 all
	expect_arguments others 4242 all
	settings ''
	captures_them "${with_settings[@]}" "${capturing[@]}"
	expect_arguments own 65534 all
	expect_arguments others 4242 all
}

# Settings that others could have written are none, nor such as nobody can understand.
test_settings_are_roots_alone() {
	netns a
	engine_with "${CAPABILITIES[@]}"
	settings '[members]\narguments=all\n'
	local run=(in_ns a "${with_settings[@]}" "${by_user[@]}" --duration 0.2)
	"${run[@]}" || fail "root's own are refused"
	chmod 666 conf
	expect_sentence 'ptcpdump.conf.*others than root' "${run[@]}"
	chmod 644 conf
	chown 65534 conf
	expect_sentence 'ptcpdump.conf.*others than root' "${run[@]}"
	chown 0 conf
	chmod 600 conf
	expect_sentence 'ptcpdump.conf.*Permission denied' "${run[@]}"
	settings '[members]\narguments=everything\n'
	expect_sentence '"own" or "all"' "${run[@]}"
}
