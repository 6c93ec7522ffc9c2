# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# front.sh - the program in Wireshark's extcap folder: lists, dialogs, and what it leaves to others

front=$EXTCAP/ptcpdump

# quietly COMMAND...: must succeed and say nothing on stderr; its answer is in the file "answer".
quietly() {
	"$@" >answer 2>words || fail "status $?: $* ($(cat words))"
	[ ! -s words ] || fail "says \"$(head -c 300 words)\": $*"
}

# with_engine FILE COMMAND...: FILE stands where the engine is, for COMMAND alone.
with_engine() {
	unshare --mount --propagation private sh -c '
		engine=$1 file=$2
		cp -a "$file" "$TEST_TMP/.stand-in"
		mount -t tmpfs -o mode=755 tmpfs "$(dirname "$engine")"
		cp -a "$TEST_TMP/.stand-in" "$engine"
		shift 2
		exec "$@"' sh "$ENGINE" "$@"
}

without_engine() {
	unshare --mount --propagation private \
		sh -c 'mount -t tmpfs tmpfs "$1" && shift && exec "$@"' sh "$(dirname "$ENGINE")" "$@"
}

sources() { sed -n 's/^interface {value=\([^}]*\)}.*/\1/p' answer; }

# --- the list -----------------------------------------------------------------------------------

test_list_has_every_interface() {
	netns_pair a b
	quietly in_ns a "$front" --extcap-interfaces --extcap-version=4.0
	head -n 1 answer | grep -q '^extcap {version=[0-9.]*}' || fail "begins with $(head -n 1 answer)"
	[ "$(sources | grep -v '^ptcpdump\.\(netns\|pid\)\.' | xargs)" = "ptcpdump.any ptcpdump.if.lo ptcpdump.if.va ptcpdump.process ptcpdump.container ptcpdump.pod" ] ||
		fail "lists $(sources | xargs)"
	grep -q '{value=ptcpdump.if.lo}{display=.*loopback' answer || fail "does not tell which one is loopback"
}

# What the kernel takes as a name, and Wireshark's sentences or our alphabet do not.
test_strange_interface_names_go_by_index() {
	local name index known=0
	netns a
	for name in 'x}{value=y' '{display=z}' '@99999' 'é' $'\xff\xfe' 'a"b' '5'; do
		ip -n a link add "$name" type veth peer name "peer$((known++))" || fail "no interface \"$name\""
	done
	quietly in_ns a "$front" --extcap-interfaces
	if grep -avq '^extcap {version=[^{}]*}{display=[^{}]*}$\|^interface {value=[^{}]*}{display=[^{}]*}$' answer; then
		fail "forged: $(cat answer)"
	fi
	iconv -f UTF-8 -t UTF-8 answer >/dev/null || fail "not UTF-8"
	[ "$(sources | grep -c '^ptcpdump\.if\.@[0-9]*$')" = 6 ] || fail "by index: $(sources | grep @ | xargs)"
	sources | grep -qx 'ptcpdump.if.5' || fail "no ptcpdump.if.5"
	# Each index is that of a strange one, and each is found again by it.
	for index in $(sources | sed -n 's/^ptcpdump\.if\.@//p'); do
		in_ns a $PYTHON -c "import socket, sys; n = socket.if_indextoname($index); \
			sys.exit(not (n[0] == '@' or not all(c.isascii() and (c.isalnum() or c in '_.-@') for c in n)))" ||
			fail "@$index is not the index of a strange name"
	done
}

# Each source costs Wireshark 11 ms, at every start and for every interface that comes or goes.
test_list_is_bounded() {
	netns a
	for i in $(seq 60); do
		echo "link add v$i type veth peer name w$i"
	done | ip -n a -batch -
	ip -n a link set w60 up
	quietly in_ns a "$front" --extcap-interfaces
	[ "$(sources | grep -c '^ptcpdump\.if\.')" -le 32 ] || fail "lists $(sources | wc -l) sources"
	sources | grep -qx ptcpdump.if.lo || fail "lo fell off the list"
	sources | grep -qx ptcpdump.if.w60 || fail "what is up fell off the list"
}

test_tshark_lists_the_sources() {
	tshark -D >answer 2>/dev/null || fail "tshark -D: status $?"
	grep -q '^[0-9]*\. ptcpdump\.any (All interfaces' answer || fail "no ptcpdump.any: $(cat answer)"
	grep -q '^[0-9]*\. ptcpdump\.if\.lo (lo (loopback)' answer || fail "no ptcpdump.if.lo: $(cat answer)"
}

# --- the other faces ----------------------------------------------------------------------------

# Under Wireshark a word on stderr is an error dialog, a status other than 0 an empty answer.
test_faces_are_silent_and_succeed() {
	local source
	for source in ptcpdump.{any,process,if.{lo,gone,@99999},netns.{gone,12345},pid.99999}; do
		quietly "$front" --extcap-dlts --extcap-interface $source
		grep -q '^dlt {number=1}{name=EN10MB}{display=' answer || fail "$source: $(cat answer)"
		quietly "$front" --extcap-config --extcap-interface $source
		grep -q '^arg {number=' answer || fail "$source: no dialog"
		quietly "$front" --extcap-config --extcap-interface $source --extcap-reload-option count --pid 1 --count x
	done
	quietly "$front" --help
	quietly "$front"
	quietly "$front" --version
}

test_link_type_of_a_device_without_ethernet() {
	netns a
	ip -n a tuntap add mode tun name tun1 || skip "no tun devices here"
	quietly in_ns a "$front" --extcap-dlts --extcap-interface ptcpdump.if.tun1
	grep -q '^dlt {number=12}{name=RAW}' answer || fail "$(cat answer)"
}

# --- the engine -----------------------------------------------------------------------------------

stand_in() { # writes engine: it tells how it was started, for tshark as well
	cat >engine <<-'END'
		#!/bin/sh
		printf '%s\n' "$@" >"$TEST_TMP/arguments"
		ls -l /proc/self/fd | sed -n 's/.* \([0-9]*\) -> /\1 /p' >"$TEST_TMP/descriptors"
		env >"$TEST_TMP/environment"
		while [ $# -gt 1 ]; do
			# A FIFO that nobody opens is one that dumpcap waits for.
			[ "$1" != --fifo ] || [ ! -p "$2" ] || : >"$2"
			shift
		done
		exit 7
	END
	chmod 755 engine
}

test_engine_gets_the_command_line_as_it_is() {
	stand_in
	local line=(--capture --extcap-interface ptcpdump.any --fifo 'a b' --extcap-capture-filter $'tcp\nand x'
		--count 5 --log-file '')
	local status=0
	A_VARIABLE=kept with_engine engine "$front" "${line[@]}" 7</dev/zero 9</dev/full || status=$?
	[ $status = 7 ] || fail "its status was 7, the front's $status"
	printf '%s\n' "${line[@]}" >expected
	cmp expected arguments || fail "other arguments"
	grep -qx A_VARIABLE=kept environment || fail "another environment"
	# Whoever holds a pipe of Wireshark's keeps it waiting at a stop.
	! grep -qE 'zero|full' descriptors || fail "open in the engine: $(cat descriptors)"
}

test_dialog_settings_reach_the_engine() {
	stand_in
	with_engine engine timeout 20 tshark -i ptcpdump.any -f 'tcp port 80' -a duration:1 -o extcap.ptcpdump_any.contextpod:false \
		-o extcap.ptcpdump_any.count:12 -o extcap.ptcpdump_any.buffersize:64 >/dev/null 2>&1 || true
	[ -s arguments ] || fail "tshark started no engine"
	xargs -d '\n' <arguments >line
	local part
	for part in '--extcap-interface ptcpdump.any' '--extcap-capture-filter tcp port 80' '--context-pod false' \
		'--context-process true' '--count 12' '--buffer-size 64' '--snapshot-length 262144'; do
		grep -q -e "$part" line || fail "no $part in $(cat line)"
	done
}

test_filter_check_without_engine_cannot_tell() {
	local status=0
	without_engine "$front" --extcap-capture-filter tcp --extcap-interface ptcpdump.any >answer 2>&1 || status=$?
	[ $status = 1 ] || fail "status $status"
	[ ! -s answer ] || fail "says $(cat answer)"
}

test_missing_engine() {
	expect_sentence "$ENGINE.*missing.*install" \
		without_engine "$front" --capture --extcap-interface ptcpdump.any --fifo file
	[ "$(wc -l <stderr)" = 1 ] || fail "more than a line"
}

test_missing_engine_in_tshark() {
	local status=0
	without_engine timeout 20 tshark -i ptcpdump.any >/dev/null 2>words || status=$?
	[ $status = 1 ] || fail "tshark's status is $status: $(cat words)"
	grep -q "$(basename "$ENGINE") is missing" words || fail "tshark only says: $(cat words)"
	! grep -q 'no device' words || fail "tshark blames the FIFO: $(cat words)"
}

# dumpcap opens the FIFO some time after we were started: who goes away before leaves it none, and
# who goes away after without having opened it leaves it waiting.
test_failed_capture_ends_the_fifo() {
	eventually 10 ends_the_fifo without_engine "$front" --capture --extcap-interface ptcpdump.any --fifo fifo || fail "its reader still waits"
	eventually 10 ends_the_fifo "$front" --capture --extcap-interface ptcpdump.any --fifo fifo --count x || fail "its reader still waits after a bad option"
}
ends_the_fifo() { # it waits for a reader for three seconds, which may pass in one on a busy machine
	rm -f fifo
	mkfifo fifo
	"$@" 2>words &
	sleep 0.5
	timeout 10 cat fifo || return 1
	! wait $! || fail "the front succeeded"
}

ordinary_user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)

test_not_in_the_group() {
	stand_in
	chown 0:"$(getent group wireshark | cut -d: -f3 || echo 0)" engine
	chmod 750 engine
	expect_sentence 'group wireshark.*adduser \$USER wireshark.*log' \
		with_engine engine "${ordinary_user[@]}" "$front" --capture --extcap-interface ptcpdump.any --fifo file
}

test_container_without_the_capabilities() {
	need setcap
	cp /bin/true engine
	setcap cap_net_admin=ep engine
	expect_sentence 'container.*NET_ADMIN' with_engine engine "${ordinary_user[@]}" --bounding-set=-net_admin \
		"$front" --capture --extcap-interface ptcpdump.any --fifo file
}

# --- what it costs -------------------------------------------------------------------------------

test_links_no_more_than_glib() {
	ldd "$front" | awk '{ print $1 }' |
		grep -vE '^(linux-vdso|libglib-2\.0|libc|libpcre2-8|libm|/lib.*/ld-linux.*|lib[aul]*san)\b' >more || true
	[ ! -s more ] || fail "$(xargs <more)"
}

test_holds_no_privilege() {
	need getcap
	[ -z "$(getcap "$front")" ] || fail "$(getcap "$front")"
	[ "$(stat -c %A "$front" | tr -d 's')" = "$(stat -c %A "$front")" ] || fail "setuid"
}

# Wireshark starts it twice for every source: the best of 50 beside a program that does nothing.
test_dialog_costs_about_a_millisecond() {
	[ "$(nm -D "$front" | grep -c __asan_init)" = 0 ] || skip "sanitizers take their time"
	$PYTHON - "$front" >figures <<-'END' || fail "$(cat figures)"
		import statistics, subprocess, sys, time
		front = [sys.argv[1]]
		source = ['--extcap-interface', 'ptcpdump.any']
		calls = {'true': ['/bin/true'], 'dialog': front + ['--extcap-config'] + source,
		         'dlts': front + ['--extcap-dlts'] + source, 'list': front + ['--extcap-interfaces']}
		times = {name: [] for name in calls}
		for _ in range(50):
		    for name, call in calls.items():
		        begin = time.perf_counter()
		        subprocess.run(call, stdout=subprocess.DEVNULL, check=True)
		        times[name].append(time.perf_counter() - begin)
		print(', '.join(f'{name} {statistics.median(t) * 1e3:.2f} ms' for name, t in times.items()))
		sys.exit(any(min(times[name]) - min(times['true']) > 0.003 for name in ('dialog', 'dlts')))
	END
	figure "$(cat figures)"
}
