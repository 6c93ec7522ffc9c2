# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# sources.sh - namespaces and processes in the list, and what a dialog offers of them

. "$SOURCE/tests/integration/front.sh" # its words

LISTENERS=$BUILD/tests/traffic/listeners

# listeners NS COUNT PORT PEERS [NAME]: ready when this returns; their pids are in the file "pids".
listeners() {
	: >pids
	spawn "$1" "$LISTENERS" "${@:2}" >pids
	eventually 20 test -s pids || fail "listeners ${*:2} did not start"
}

# list NS. The front waits two seconds for the engine, and then does without: where this machine was away, once more.
list() {
	local begin
	for _ in 1 2 3 4 5; do
		begin=$(now)
		quietly in_ns "$1" "$front" --extcap-interfaces --extcap-version=4.0
		[ "$(milliseconds_since "$begin")" -ge 1500 ] || return 0
	done
}
display_of() { sed -n "s/^interface {value=$1}{display=\([^}]*\)}$/\1/p" answer; }
config() { quietly "$front" --extcap-config --extcap-interface "$@"; }
# Nothing but whole sentences, in UTF-8.
expect_sentences() {
	if grep -avE '^(extcap|interface|arg|value) (\{[a-z]+=[^{}]*\})+$' answer; then
		fail "forged: $(cat answer)"
	fi
	iconv -f UTF-8 -t UTF-8 answer >/dev/null || fail "not UTF-8"
}
inode_of() { stat -L -c %i "$1"; }

# --- namespaces ---------------------------------------------------------------------------------

test_named_namespace_is_a_source() {
	netns a b
	spawn b sleep 60
	eventually 5 grep -qx sleep "/proc/$SPAWNED/comm" || fail "does not start"
	list a
	sources | grep -qx ptcpdump.netns.b || fail "lists $(sources | xargs)"
	[[ $(display_of ptcpdump.netns.b) = "Network namespace b"*sleep* ]] || fail "as $(display_of ptcpdump.netns.b)"
	! sources | grep -qx ptcpdump.netns.a || fail "lists its own"
}

# Its process is all that tells what it is; each is listed once.
test_nameless_namespace_goes_by_its_inode() {
	local inode
	netns a
	spawn a unshare --net sleep 60
	eventually 5 grep -qx sleep "/proc/$SPAWNED/comm" || fail "does not start"
	inode=$(inode_of "/proc/$SPAWNED/ns/net")
	list a
	[ "$(sources | grep -c "^ptcpdump\.netns\.$inode\$")" = 1 ] || fail "lists $(sources | xargs)"
	[[ $(display_of "ptcpdump.netns.$inode") = *"$inode of sleep ($SPAWNED)" ]] || fail "as $(display_of "ptcpdump.netns.$inode")"
}

test_strange_namespace_names_go_by_inode() {
	local name
	netns a
	for name in '{display=evil}{value=randpkt}' $'two\nlines' $'\xff\xfe' '4026531999' 'two words'; do
		touch "/run/netns/$name"
		unshare --net sleep 60 &
		eventually 5 grep -qx sleep "/proc/$!/comm" || fail "does not start"
		mount --bind "/proc/$!/ns/net" "/run/netns/$name"
	done
	list a
	expect_sentences
	! sources | grep -qE 'randpkt|4026531999' || fail "by name: $(sources | xargs)"
	for name in /run/netns/*; do
		[ "$name" != /run/netns/a ] || continue
		sources | grep -qx "ptcpdump.netns.$(inode_of "$name")" || fail "no $name: $(sources | xargs)"
	done
}

test_many_namespaces_are_bounded() {
	netns a
	for name in $(seq -f n%g 30); do
		ip netns add "$name"
	done
	list a
	[ "$(sources | grep -c '^ptcpdump\.netns\.')" -le 10 ] || fail "lists $(sources | xargs)"
}

test_namespace_that_is_gone_is_refused_by_name() {
	expect_sentence '"no-such-name".*ip netns' \
		"$ENGINE" --capture --extcap-interface ptcpdump.netns.no-such-name --fifo file
	expect_sentence '12345.*tshark -D' \
		"$ENGINE" --capture --extcap-interface ptcpdump.netns.12345 --fifo file
}

# --- processes ------------------------------------------------------------------------------------

test_listening_process_is_a_source() {
	local pid
	netns a
	listeners a 1 4433 90 web-server
	pid=$(cat pids)
	list a
	[[ $(display_of "ptcpdump.pid.$pid") = "web-server ($pid) on 4433 with 90 peers, user "* ]] ||
		fail "no process $pid: $(cat answer)"
	sources | grep -qx ptcpdump.process || fail "no way to another one"
	# The one that the dialog offers is the same, and it is taken.
	config ptcpdump.process
	grep -q "^value {arg=[0-9]*}{value=$pid@[0-9]*@web-server}{display=web-server ($pid) on 4433" answer ||
		fail "the dialog: $(cat answer)"
}

test_tshark_lists_processes() {
	netns a
	listeners a 1 4433 90 web-server
	in_ns a tshark -D >answer 2>words || fail "tshark -D: status $? ($(cat words))"
	grep -q "^[0-9]*\. ptcpdump\.pid\.$(cat pids) (web-server ($(cat pids)) on 4433 with 90 peers, user root)\$" answer ||
		fail "$(cat answer)"
	grep -q '^[0-9]*\. ptcpdump\.process (Another process)$' answer || fail "$(cat answer)"
}

# Process names are anybody's: prctl() takes all bytes.
test_process_names_cannot_forge_a_source() {
	local name pids=()
	netns a
	for name in '{display=evil}{value=randpkt} (5)' '}{value=randpkt}' $'a\ninterface {v' $'\xff\xfe\x1b[2J' ''; do
		listeners a 1 0 80 "$name"
		pids+=("$(cat pids)")
	done
	list a
	expect_sentences
	! sources | grep -q randpkt || fail "forged: $(cat answer)"
	[ "$(sources | grep -vc '^ptcpdump\.\(any\|process\|container\|pod\|if\.[a-z0-9@]*\|netns\.[a-z0-9]*\|pid\.[0-9]*\)$')" = 0 ] ||
		fail "lists $(sources | xargs)"
	for name in "${pids[@]}"; do
		sources | grep -qx "ptcpdump.pid.$name" || fail "no $name: $(cat answer)"
	done
	config ptcpdump.process
	expect_sentences
	! grep -q '{value=[^}]*\(randpkt\|evil\)' answer || fail "forged: $(cat answer)"
}

test_list_of_processes_is_bounded() {
	netns a
	listeners a 30 7000 80
	list a
	[ "$(sources | grep -c '^ptcpdump\.pid\.')" = 10 ] || fail "lists $(sources | xargs)"
	sources | grep -qx ptcpdump.process || fail "no way to the others"
	config ptcpdump.process
	[ "$(grep -c '^value .*{value=[0-9]*@[0-9]*@listeners}' answer)" = 10 ] || fail "$(cat answer)"
}

test_dead_pid_is_refused_by_name() {
	local pid value
	netns a
	listeners a 1 4433 90 web-server
	pid=$(cat pids)
	config ptcpdump.process
	value=$(sed -n "s/^value .*{value=\($pid@[^}]*\)}.*/\1/p" answer)
	kill -9 "$pid" "$SPAWNED"
	eventually 5 gone "$pid" || fail "still there"
	expect_sentence "process $pid \(web-server\).*ended" \
		"$front" --capture --extcap-interface ptcpdump.process --process "$value" --fifo file
	expect_sentence "process $pid.*no such process" \
		"$ENGINE" --capture --extcap-interface "ptcpdump.pid.$pid" --fifo file
	# Somebody else has its pid now.
	expect_sentence "process $$ \(web-server\).*another process now \(bash\)" \
		"$front" --capture --extcap-interface ptcpdump.process --process "$$@1@web-server" --fifo file
}

test_nobody_chosen_is_a_sentence() {
	expect_sentence 'no process was chosen.*--pid' \
		"$front" --capture --extcap-interface ptcpdump.process --process none --fifo file
}

# --- the dialog of any process --------------------------------------------------------------------

test_dialog_of_any_process() {
	netns a
	listeners a 1 4433 90 web-server
	config ptcpdump.process
	grep -q '^arg .*{call=--pid}.*{type=string}' answer || fail "no field to type in"
	! grep '{call=--pid}' answer | grep -q 'save=false' || fail "what is typed is not kept"
	grep -q '^arg .*{call=--process}.*{type=selector}.*{save=false}.*{reload=true}' answer ||
		fail "no list to choose from: $(cat answer)"
	grep -A 1 '{call=--process}' answer | grep -q '{value=none}' || fail "the first is not none"
	# As Wireshark reloads: with all values, and the option without dashes.
	config ptcpdump.process --extcap-reload-option process --pid '' --process none --follow-forks false
	! grep -qv '^value ' answer || fail "a reload tells more than values: $(cat answer)"
	grep -q "{value=$(cat pids)@" answer || fail "a reload without the process"
	config ptcpdump.process --extcap-reload-option count
	[ ! -s answer ] || fail "another reload: $(cat answer)"
	# What is no pid is red, and cannot be started.
	config ptcpdump.process
	local pattern
	pattern=$(sed -n 's/^arg .*{call=--pid}.*{validation=\([^}]*\)}.*/\1/p' answer)
	[[ -n $pattern && 12 =~ $pattern && "1, 22" =~ $pattern && "" =~ $pattern && ! 1,a =~ $pattern && ! 1, =~ $pattern ]] ||
		fail "pids are to look like $pattern"
}

test_typed_pid_reaches_the_engine() {
	stand_in
	with_engine engine timeout 20 tshark -i ptcpdump.process -a duration:1 -o extcap.ptcpdump_process.pid:99999 \
		>/dev/null 2>&1 || true
	[ -s arguments ] || fail "tshark started no engine"
	xargs -d '\n' <arguments >line
	grep -q -e '--extcap-interface ptcpdump.process .*--pid 99999' line || fail "$(cat line)"
}

# --- without the engine -----------------------------------------------------------------------------

test_list_is_there_without_the_engine() {
	local how source
	netns a b
	cat >engine <<-'END'
		#!/bin/sh
		echo "interface {value=half"
		echo "broken" >&2
		exit 3
	END
	chmod 755 engine
	for how in without_engine "with_engine engine"; do
		# shellcheck disable=SC2086 # words
		quietly $how nsenter --net=/run/netns/a "$front" --extcap-interfaces
		expect_sentences
		for source in any if.lo netns.b process; do
			sources | grep -qx "ptcpdump.$source" || fail "$how: no ptcpdump.$source: $(sources | xargs)"
		done
		# shellcheck disable=SC2086
		quietly $how "$front" --extcap-config --extcap-interface ptcpdump.process
		grep -q '{call=--process}' answer || fail "$how: no dialog"
	done
}

# An engine that says nothing for long is no reason for Wireshark's window to stand still.
test_list_does_not_wait_for_the_engine() {
	local begin
	printf '#!/bin/sh\nexec sleep 100\n' >engine
	chmod 755 engine
	begin=$(now)
	quietly with_engine engine "$front" --extcap-interfaces
	sources | grep -qx ptcpdump.any || fail "no list"
	[ "$(milliseconds_since "$begin")" -lt 50000 ] || fail "took $(milliseconds_since "$begin") ms"
}

# Wireshark asks in rounds, for each interface that comes or goes: who asks again is told the same
# processes, and what interfaces there are now. Another one, and later, is told of all that is there.
test_list_is_remembered_for_who_asks_again() {
	netns a
	eventually 10 asks_again_in_time || fail "nobody asks again in three seconds here"
	[ "$(xargs <told)" = "True False True True False False True" ] || fail "told: $(xargs <told)"
}
asks_again_in_time() {
	listeners a 1 4433 90 web-server
	ip -n a link del born 2>/dev/null || true
	in_ns a $PYTHON - "$front" >told <<-'END'
		import signal, subprocess, sys, time, os
		begin = time.monotonic()
		def ask(): return subprocess.run([sys.argv[1], '--extcap-interfaces'], stdout=subprocess.PIPE, text=True).stdout
		def there(): return f'ptcpdump.pid.{pid}}}' in ask(), 'ptcpdump.if.born}' in ask()
		pid = open('pids').read().strip()
		print(*there())
		os.kill(int(pid), signal.SIGKILL)
		subprocess.run(['ip', 'link', 'add', 'born', 'type', 'veth', 'peer', 'name', 'other'])
		print(*there())
		late = time.monotonic() - begin > 2.8
		print(f'ptcpdump.pid.{pid}}}' in subprocess.run(['sh', '-c', f'{sys.argv[1]} --extcap-interfaces; :'], stdout=subprocess.PIPE, text=True).stdout)
		time.sleep(3.5)
		print(*there())
		sys.exit(late)
	END
}

# An ordinary user sees other users' processes by the engine's capabilities, and without them what
# is the user's own.
test_list_of_an_ordinary_user() {
	need setcap
	netns a
	listeners a 1 4433 90 web-server
	cp "$ENGINE" engine
	chmod 755 engine
	quietly with_engine engine "${ordinary_user[@]}" "$front" --extcap-interfaces
	expect_sentences
	sources | grep -qx ptcpdump.process || fail "without capabilities: $(cat answer)"
	! sources | grep -qx "ptcpdump.pid.$(cat pids)" || fail "needs no capabilities?"
	setcap cap_bpf,cap_perfmon,cap_net_admin=p engine
	quietly with_engine engine "${ordinary_user[@]}" "$front" --extcap-interfaces
	expect_sentences
	[[ $(display_of "ptcpdump.pid.$(cat pids)") = "web-server ($(cat pids)) on 4433"* ]] || fail "$(cat answer)"
}

# --- what it costs -----------------------------------------------------------------------------------

LIMIT[test_list_costs_tens_of_milliseconds]=120
test_list_costs_tens_of_milliseconds() {
	[ "$(nm -D "$front" | grep -c __asan_init)" = 0 ] || skip "sanitizers take their time"
	netns a
	for name in $(seq -f n%g 100); do
		ip netns add "$name"
	done
	listeners a 1000 0 3
	# Each time anew, though the same one asks: nowhere to remember it.
	XDG_RUNTIME_DIR=/proc $PYTHON - "$front" >figures <<-'END'
		import resource, statistics, subprocess, sys, time
		def processor():
		    used = resource.getrusage(resource.RUSAGE_CHILDREN)
		    return used.ru_utime + used.ru_stime
		calls = {'list': ['--extcap-interfaces'],
		         'dialog of any process': ['--extcap-config', '--extcap-interface', 'ptcpdump.process'],
		         'dialog of a process': ['--extcap-config', '--extcap-interface', 'ptcpdump.pid.1']}
		for name, call in calls.items():
		    times, cost = [], []
		    for _ in range(20):
		        begin, before = time.perf_counter(), processor()
		        subprocess.run(sys.argv[1:2] + call, stdout=subprocess.DEVNULL, check=True)
		        times.append((time.perf_counter() - begin) * 1e3)
		        cost.append((processor() - before) * 1e3)
		    print(f'{name} {statistics.median(times):.1f} ms (worst {max(times):.0f}, processor {min(cost):.1f})', end='; ')
	END
	figure "1000 processes with 4 sockets, 100 namespaces: $(cat figures)"
	sed -n 's/^list [^;]*processor \([0-9]*\)\..*/\1/p' figures >list
	[ "$(cat list)" -lt 100 ] || fail "the list takes $(cat list) ms of processor time"
}
