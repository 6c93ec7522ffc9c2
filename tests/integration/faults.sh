# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# faults.sh - one call of the engine's fails, or is its last: whatever it is, a sentence says so and nothing stays
#
# tests/faults/refuse.c is preloaded into the engine. Where it goes on all the same, its log tells what is lost.

. "$SOURCE/tests/integration/stop.sh" # ids_of, none_is_left

PRELOAD=$BUILD/tests/faults/refuse.so
E2BIG=7 ENOMEM=12 EINVAL=22

# engine_where CALL AT [NAME]: a short capture in which that fails; its end is in $STATUS, what it says in "err",
# its log in "log". False where it makes no such call.
engine_where() {
	local status=0 options=(--duration 0.02 "${OPTIONS[@]}")
	[ -x "$ENGINE" ] && [ -e "$PRELOAD" ] || fail "$ENGINE or $PRELOAD is missing"
	rm -f refused err log file
	in_ns a env LD_PRELOAD="$PRELOAD" REFUSE="$1" REFUSE_AT="$2" REFUSE_OF="${3:-}" REFUSE_BY="${BY:-$ENOMEM}" REFUSED="$PWD/refused" \
		timeout -k 1 20 "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --log-file log "${options[@]}" 2>err || status=$?
	STATUS=$status
	[ -s refused ]
}
OPTIONS=()

# Ended by itself, and with a sentence where it failed.
expect_an_orderly_end() { # WHAT
	[ "$STATUS" -lt 124 ] || fail "$1 fails: ended with status $STATUS: $(cat err)"
	sed -i '/^ptcpdump-capture: [0-9]* packets captured, /d' err # by hand it always says what it saw
	[ "$STATUS" = 0 ] || { [ "$(wc -l <err)" = 1 ] && [ "$(wc -c <err)" -lt 1024 ] && grep -q '^ptcpdump-capture: cannot ' err; } ||
		fail "$1 fails: says \"$(cat err)\""
	[ "$STATUS" != 0 ] || pcapng file interfaces >/dev/null || fail "$1 fails: the file is broken"
}
# No silent fallback.
expect_told() { # WHAT
	expect_an_orderly_end "$1"
	[ "$STATUS" != 0 ] || grep -q ' warning: ' log || fail "$1 fails, and nobody is told"
}

# each_fails CALL...: the first of them, the second, and so on.
each_fails() {
	local call at failed=0
	for call; do
		for ((at = 1; at < 60; at++)); do
			engine_where "$call" $at || break
			expect_told "$call $at"
			failed=$((failed + 1))
		done
		[ $at -gt 1 ] || fail "no $call is met"
	done
	figure "$failed calls failed in turn"
}

# --- calls of the system ------------------------------------------------------------------------

LIMIT[test_descriptors_and_memory]=240
test_descriptors_and_memory() {
	netns a
	each_fails fork socketpair epoll_create epoll_ctl timerfd signalfd mmap
}

LIMIT[test_giving_up_privileges]=120
test_giving_up_privileges() {
	netns a
	each_fails capset prctl
	[ ! -s file ] || [ "$(pcapng file packets)" = 0 ] || fail "packets were captured"
}

LIMIT[test_opening]=120
test_opening() {
	local at
	netns a
	for ((at = 1; at < 10; at++)); do
		engine_where open $at || break
		expect_an_orderly_end "open $at"
	done
}

# One that is not GLib's, which ends a program that has no memory, nor libseccomp's: see faults/refuse.c.
LIMIT[test_memory_of_the_libraries]=240
test_memory_of_the_libraries() {
	local at failed=0
	netns a
	for ((at = 1; at < 100000; at += 1 + at / 3)); do
		engine_where malloc $at || break
		failed=$((failed + 1))
		expect_an_orderly_end "malloc $at"
	done
	[ $failed -gt 10 ] || fail "only $failed are met"
	figure "$failed of some $at failed in turn"
}

# While it captures: one call that fails for once, for no reason that stays.
LIMIT[test_waiting_and_reading]=120
test_waiting_and_reading() {
	netns a
	each_fails_softly epoll_wait 4  # EINTR
	each_fails_softly recv 105     # ENOBUFS: netlink had no room
}
each_fails_softly() { # CALL ERRNO
	local at
	for ((at = 1; at < 5; at++)); do
		BY=$2 engine_where "$1" $at || break
		expect_an_orderly_end "$1 $at"
	done
	[ $at -gt 1 ] || fail "no $1 is met"
}

# --- eBPF ---------------------------------------------------------------------------------------

LIMIT[test_hooks_that_cannot_be_attached]=240
test_hooks_that_cannot_be_attached() {
	netns a
	each_fails link iterator
	# As when others' programs have every place that there is.
	BY=$E2BIG engine_where link 0 on_egress || fail "no such hook"
	expect_told "a place for the hook egress"
	[ "$STATUS" != 0 ] && grep -q 'as many programs as the kernel takes.*bpftool' err || fail "says $(cat err)"
}

maps() { sed -n 's/^} \([a-z_]*\) .*SEC("\.maps");.*/\1/p' "$SOURCE/bpf/maps.h"; }

LIMIT[test_maps_that_cannot_be_made]=240
test_maps_that_cannot_be_made() {
	local map failed=0
	netns a
	for map in $(maps); do
		engine_where map 0 "$map" || continue # of perf rings alone
		expect_told "map $map"
		failed=$((failed + 1))
	done
	[ $failed -ge 15 ] || fail "only $failed maps are met"
	figure "$failed maps could not be made, one at a time"
}

# The table that says what can be done without: NAME PROGRAM REQUIRED, a line each.
hooks() { tr -d '\n\t' <"$SOURCE/extcap/capture/hooks.c" | grep -oE '\{"[a-z0-9-]+", "[a-z0-9_]+", [A-Z_]+, [A-Z_]+, (true|false)' | sed 's/[{",]//g; s/ [A-Z_]* [A-Z_]* / /'; }

LIMIT[test_programs_that_the_kernel_refuses]=240
test_programs_that_the_kernel_refuses() {
	local name program required failed=0
	netns a
	while read -r name program required; do
		BY=$EINVAL engine_where program 0 "$program" || continue # not wanted here
		failed=$((failed + 1))
		expect_told "program $name"
		if [ "$required" = true ]; then
			[ $STATUS != 0 ] && grep -q "$program" err || fail "captures without $name: $(cat err)"
		else
			[ $STATUS = 0 ] && [ "$(grep -c "hook $name is off" log)" = 1 ] || fail "without $name: $(cat err log)"
		fi
	done < <(hooks)
	[ $failed -ge 18 ] || fail "only $failed programs are met"
	figure "$failed programs were refused, one at a time"
}

# Without a ring of packets they come by perf rings, and these can fail as well.
LIMIT[test_perf_rings_that_cannot_be_made]=120
test_perf_rings_that_cannot_be_made() {
	OPTIONS=(--without dynptr)
	netns a
	each_fails perf_event_open
}

# --- its last call ------------------------------------------------------------------------------

# killed_at CALL AT: it stops there, is looked at, and killed; whoever reads from it goes on, and nothing stays.
killed_at() {
	local kind engine reader helpers
	rm -f refused log fifo
	mkfifo fifo
	timeout 20 cat fifo >stream &
	reader=$!
	spawn a env LD_PRELOAD="$PRELOAD" REFUSE="$1" REFUSE_AT="$2" REFUSE_BY=stop REFUSED="$PWD/refused" \
		"$ENGINE" --capture --extcap-interface ptcpdump.any --fifo fifo --log-file log
	engine=$SPAWNED
	eventually 20 test -s refused || fail "$1 $2 is not met"
	helpers=$(ip netns pids a | grep -vx "$engine" || true)
	for kind in prog link map; do
		ids_of "$engine" $kind >$kind.ids
	done
	kill -KILL "$engine"
	wait "$engine" 2>/dev/null || true
	for kind in prog link map; do
		eventually 10 none_is_left $kind $kind.ids || fail "$1 $2: a $kind is left: $(bpftool $kind show)"
	done
	wait "$reader" || fail "$1 $2: the reader waits for ever"
	for kind in $helpers; do
		eventually 10 gone "$kind" || fail "$1 $2: a helper is left: $(tr '\0' ' ' <"/proc/$kind/cmdline")"
	done
	figure "at $1 $2: $(wc -l <prog.ids) programs, $(wc -l <link.ids) links, $(wc -l <map.ids) maps, $(wc -w <<<"$helpers") helpers: none left"
}

# Of its life the stages, in their order.
LIMIT[test_killed_at_each_stage]=180
test_killed_at_each_stage() {
	need bpftool
	netns a
	killed_at fork 1     # before ptcpdump-names
	killed_at map 5      # some maps are made
	killed_at program 20 # most programs are loaded
	killed_at link 3     # the first hooks are attached
	killed_at iterator 2 # it looks at what is there
	killed_at mmap 5     # it maps the rings
	killed_at link 18    # the last hook
	killed_at fork 3     # before ptcpdump-attach
	killed_at capset 1   # before it gives up its privileges
	killed_at epoll_ctl 3
	killed_at epoll_wait 5 # it captures
}

# tshark is told, and ends: it does not wait for an engine that is no more.
LIMIT[test_tshark_comes_back]=120
test_tshark_comes_back() {
	local stage tshark engine
	netns a
	for stage in "map 5" "link 10" "epoll_wait 5"; do
		rm -f refused
		spawn a env LD_PRELOAD="$PRELOAD" REFUSE="${stage% *}" REFUSE_AT="${stage#* }" REFUSE_BY=stop REFUSED="$PWD/refused" \
			tshark -q -i ptcpdump.any -a duration:60 -w live.pcapng 2>words
		tshark=$SPAWNED
		eventually 20 test -s refused || fail "$stage is not met: $(cat words)"
		engine=$(ip netns pids a | while read -r pid; do [ "$(readlink "/proc/$pid/exe")" != "$ENGINE" ] || echo "$pid"; done)
		kill -KILL $engine
		eventually 20 gone "$tshark" || fail "$stage: tshark waits for ever"
		wait "$tshark" || true
		rm -f live.pcapng
	done
}
