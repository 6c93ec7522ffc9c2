# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# lib.sh - the words that tests are written in
#
# A test is a function test_NAME. It runs in a shell of its own with set -eu, in $TEST_TMP: any
# command that fails ends it, and what it started and made is taken away after it, however it
# ended. $SOURCE is the tree, $BUILD the build, $EXTCAP Wireshark's extcap folder, $ENGINE the
# engine. A test that needs more than 120 seconds says so: LIMIT[test_NAME]=180.

declare -A LIMIT=()
TRAFFIC=$SOURCE/tests/traffic
PYTHON=/usr/bin/python3

# fail WHY: the test has failed.
fail() {
	echo "$*" >"$TEST_TMP/.why"
	exit 1
}

# skip WHY: the test cannot run here. For what a machine may lack, never for what is not done yet.
skip() {
	echo "$*" >"$TEST_TMP/.why"
	exit 77
}

# lack WHY: this machine's kernel has no such thing, which nothing that is installed would mend. tests/matrix
# runs the test on kernels that have it; here it does not count.
lack() {
	echo "$*" >"$TEST_TMP/.why"
	exit 78
}

# figure WORDS: a measured figure, which the run shows whatever comes of the test.
figure() { echo "figure: $*"; }

need() { # PROGRAM...
	local program
	for program; do
		command -v "$program" >/dev/null || skip "needs $program"
	done
}

# one.sh's traps: say which command failed, where the test itself has said nothing.
failed_at() {
	[ -s "$TEST_TMP/.why" ] || echo "failed: ${1//$'\n'/ }" >"$TEST_TMP/.why"
}
test_ends() {
	local status=$?
	[ $status -eq 0 ] || tail -n 30 "$TEST_TMP"/*.log 2>/dev/null || true
	return $status
}

# eventually SECONDS COMMAND...: wait until it succeeds; false when it never does. On a machine that
# is SLOW times slower (tests/matrix), so many times longer; and each may be away for some seconds.
AWAY=20
eventually() {
	local until
	until=$(("${EPOCHREALTIME/./}" + ($1 * ${SLOW:-1} + AWAY) * 1000000))
	shift
	until "$@"; do
		[ "${EPOCHREALTIME/./}" -lt $until ] || return 1
		sleep 0.02
	done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

# waits PID: it has nothing to do.
waits() { [ "$(sed 's/.*) //' "/proc/$1/stat" | cut -c 1)" = S ]; }

# grown FILE BYTES: it has as many by now.
grown() { [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -ge "$2" ]; }

# Microseconds, for what is measured.
now() { echo "${EPOCHREALTIME/./}"; }
milliseconds_since() { echo $((("${EPOCHREALTIME/./}" - $1) / 1000)); }

# --- network namespaces -------------------------------------------------------------------------

# netns NAME...: empty ones, with loopback up. tests/run deletes them. The cgroup mount is where
# it was, unlike under "ip netns exec", which mounts another /sys.
netns() {
	local name
	for name; do
		ip netns add "$name"
		ip -n "$name" link set lo up
	done
}

# veth_pair A B: connects namespaces by vA (10.77.0.1, fd77::1) and vB (10.77.0.2, fd77::2).
veth_pair() {
	ip link add "v$1" netns "$1" type veth peer name "v$2" netns "$2"
	ip -n "$1" addr add 10.77.0.1/24 dev "v$1"
	ip -n "$2" addr add 10.77.0.2/24 dev "v$2"
	ip -n "$1" addr add fd77::1/64 dev "v$1" nodad
	ip -n "$2" addr add fd77::2/64 dev "v$2" nodad
	ip -n "$1" link set "v$1" up
	ip -n "$2" link set "v$2" up
	eventually 5 link_is_up "$1" "v$1"
	eventually 5 link_is_up "$2" "v$2"
}
link_is_up() { ip -n "$1" -o link show dev "$2" | grep -q LOWER_UP; }

netns_pair() { netns "$1" "$2"; veth_pair "$1" "$2"; }

# in_ns NS COMMAND...
in_ns() { nsenter --net="/run/netns/$1" "${@:2}"; }

# A shell without job control starts what is in the background deaf to SIGINT.
INTERRUPTIBLE=(env --default-signal=INT,QUIT)

# spawn NS COMMAND...: in the background; $SPAWNED is the very process that COMMAND runs in.
spawn() {
	"${INTERRUPTIBLE[@]}" nsenter --net="/run/netns/$1" "${@:2}" &
	SPAWNED=$!
}

# --- traffic ------------------------------------------------------------------------------------

# What every traffic program knows about itself is appended to this file; see traffic/truth.py.
export TRUTH=$TEST_TMP/truth

# talk NS ARGUMENTS...: see traffic/talk.py
talk() { in_ns "$1" $PYTHON "$TRAFFIC/talk.py" "${@:2}"; }

# serve NS ARGUMENTS...: the same in the background, ready when this returns; $SPAWNED is its pid.
serve() {
	local ready=$TEST_TMP/ready.$RANDOM
	spawn "$1" $PYTHON "$TRAFFIC/talk.py" "${@:2}" --ready "$ready"
	eventually 10 test -e "$ready" || fail "talk.py ${*:2} did not start"
}

# --- captures -----------------------------------------------------------------------------------

declare -A CAPTURES=()

# capture NS SOURCE FILE [OPTION...]: the engine by hand, in that namespace; it captures when this
# returns. Its log is FILE.log, its last words are in FILE.err.
capture() {
	local ns=$1 source=$2 file=$3
	shift 3
	[ -x "$ENGINE" ] || fail "there is no engine at $ENGINE"
	: >"$file.log"
	"${INTERRUPTIBLE[@]}" nsenter --net="/run/netns/$ns" "$ENGINE" --capture --extcap-interface "$source" --fifo "$file" \
		--log-file "$file.log" --log-level info "$@" 2>"$file.err" &
	CAPTURES[$file]=$!
	eventually 10 captures_or_ended "$file" || fail "the engine does not capture after 10 s"
	grep -q capturing "$file.log" || fail "the engine ended at once: $(head -c 300 "$file.err")"
}
captures_or_ended() { grep -q capturing "$1.log" || ! kill -0 "${CAPTURES[$1]}" 2>/dev/null; }

# an_engine_captures: one of this test's, by whomever it was started; its own child is none.
an_engine_captures() {
	local pid
	while read -r pid; do
		[ "$(readlink "/proc/$pid/exe")" = "$ENGINE" ] && grep -q '^NoNewPrivs:.1' "/proc/$pid/status" &&
			[ "$(readlink "/proc/$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")/exe")" != "$ENGINE" ] && return
	done <"$TEST_CGROUP/cgroup.procs" 2>/dev/null
	return 1
}

# capture_stop [FILE...]: ends these captures, or all, as Ctrl-C does, and waits for them.
capture_stop() {
	local file status
	# What the last packets' readers do is still to be told.
	sleep 0.1
	[ $# -gt 0 ] || set -- "${!CAPTURES[@]}"
	for file; do
		kill -INT "${CAPTURES[$file]}"
	done
	for file; do
		status=0
		wait "${CAPTURES[$file]}" || status=$?
		unset "CAPTURES[$file]"
		[ $status -eq 0 ] || fail "the engine ended with status $status: $(head -c 300 "$file.err")"
	done
}

# tcpdump beside us: the packets that are there to be seen. It captures when this returns.
TCPDUMPS=()
reference() { # NS INTERFACE FILE [FILTER]
	"${INTERRUPTIBLE[@]}" nsenter --net="/run/netns/$1" tcpdump -i "$2" -w "$3" -U -s 262144 -B 65536 -Z root "${@:4}" 2>"$3.err" &
	TCPDUMPS+=($!)
	eventually 10 grep -q "listening on" "$3.err" || fail "tcpdump does not start: $(cat "$3.err")"
}
reference_stop() {
	local pid
	sleep 1.2 # it looks at a ring's block that is not full once a second
	for pid in "${TCPDUMPS[@]}"; do
		eventually 5 waits "$pid" || fail "tcpdump is still at work"
	done
	kill -INT "${TCPDUMPS[@]}"
	wait "${TCPDUMPS[@]}"
	TCPDUMPS=()
}

# --- what is expected ---------------------------------------------------------------------------

# expect_owners FILE [OPTION...]: packet by packet against $TRUTH; see traffic/check_owners.py.
expect_owners() {
	local file=$1 answer
	shift
	answer=$($PYTHON "$TRAFFIC/check_owners.py" "$file" "$TRUTH" "$@") || {
		echo "$answer"
		fail "$(basename "$file"): $(tail -n 1 <<<"$answer")"
	}
	figure "$(basename "$file"): $(tail -n 1 <<<"$answer")"
}

# pcapng FILE WHAT...: see traffic/read_pcapng.py
pcapng() { $PYTHON "$TRAFFIC/read_pcapng.py" "$@"; }

# expect_same_packets FILE INTERFACE PCAP: the bytes that tcpdump has, no fewer, no more.
expect_same_packets() {
	$PYTHON "$TRAFFIC/same_packets.py" "$@" || fail "not the packets that tcpdump has on $2"
}

# expect_sentence WORDS COMMAND...: it must fail, with one sentence on stderr, under 1 KiB, in which
# the words (an extended regular expression) are found.
expect_sentence() {
	local words=$1 status=0
	shift
	"$@" >"$TEST_TMP/stdout" 2>"$TEST_TMP/stderr" </dev/null &
	eventually 20 gone $! || fail "does not end: $*"
	wait $! || status=$?
	cat "$TEST_TMP/stderr"
	[ $status -ne 0 ] || fail "succeeded: $*"
	[ $status -lt 126 ] || fail "ended with status $status: $*"
	[ -s "$TEST_TMP/stderr" ] || fail "says nothing: $*"
	[ "$(wc -c <"$TEST_TMP/stderr")" -lt 1024 ] || fail "says more than 1 KiB: $*"
	[ "$(wc -l <"$TEST_TMP/stderr")" -le 3 ] || fail "says more than one sentence: $*"
	grep -qiE -- "$words" "$TEST_TMP/stderr" || fail "does not speak of $words: $(cat "$TEST_TMP/stderr")"
}
