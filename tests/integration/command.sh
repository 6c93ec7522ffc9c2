# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# command.sh - the program that --command starts: when, with what rights, and until when

. "$SOURCE/tests/integration/front.sh" # its words

# An engine that captures when the file "capturing" appears, and ends with the file "end".
patient_engine() {
	cat >engine <<-'END'
		#!/bin/bash
		# As the real one, run by root, is at its end.
		[ -n "${POWERLESS:-}" ] || POWERLESS=1 exec setpriv --bounding-set=-kill --inh-caps=-all "$0" "$@"
		cd "$TEST_TMP"
		printf '%s\n' "$@" >arguments
		child=$(sed -n 's/^--command-child=//p' arguments)
		echo "${child%%:*}" >pid
		while [ ! -e capturing ]; do sleep 0.02; done
		printf x >&"${child##*:}"
		while [ ! -e end ]; do sleep 0.02; done
	END
	chmod 755 engine
	chmod 777 .
}

# run_command COMMAND [OPTION...]: the front, in the background, until its engine has the pid.
run_command() {
	patient_engine
	with_engine engine "$front" --capture --extcap-interface ptcpdump.any --fifo file --command "$@" >out 2>err &
	FRONT=$!
	eventually 10 test -s pid || fail "no engine: $(cat err)"
}

engine_ends() {
	touch end
	wait $FRONT || fail "the engine's status is $?"
}

test_command_waits_until_the_engine_captures() {
	export A_VARIABLE=kept
	run_command "sh -c 'echo \"\$A_VARIABLE \$\$\" >ran; exec sleep 60'"
	sleep 0.3
	[ ! -e ran ] || fail "did not wait"
	touch capturing
	eventually 5 test -s ran || fail "does not run"
	[ "$(cat ran)" = "kept $(cat pid)" ] || fail "it says \"$(cat ran)\", the engine was told pid $(cat pid)"
	grep -q "^--command-child=$(cat pid):[0-9]*:[0-9]*\$" arguments || fail "$(cat arguments)"
	engine_ends
}

# Wireshark waits for whoever holds its pipes, and shows a word on stderr as an error.
test_command_has_none_of_our_streams() {
	touch capturing
	exec 7</dev/zero
	run_command "sh -c 'ls -l /proc/\$\$/fd >fds; echo loud; echo louder >&2; cat; echo said >ran'" --log-file log
	eventually 5 test -s ran || fail "does not run"
	[ ! -s out ] && [ ! -s err ] || fail "ours got $(cat out err)"
	[ "$(xargs <log)" = "loud louder" ] || fail "the log has $(cat log)"
	! grep -qE 'pipe|zero|pidfd' fds || fail "open in it: $(cat fds)"
	engine_ends
}

test_command_ends_with_the_engine() {
	touch capturing
	run_command "sh -c 'sleep 61 & echo \$! >grandchild; wait; true'"
	eventually 5 test -s grandchild || fail "does not run"
	kill -0 "$(cat grandchild)"
	engine_ends
	eventually 5 gone "$(cat pid)" || fail "it is still there"
	eventually 5 gone "$(cat grandchild)" || fail "what it started is still there"
}

test_command_under_sudo_is_the_users() {
	touch capturing
	export SUDO_UID=65534 SUDO_GID=65534
	run_command "sh -c 'echo \$(id -u) \$(id -G) \$HOME >ran; exec sleep 60'"
	eventually 5 test -s ran || fail "does not run"
	[ "$(cat ran)" = "65534 65534 $(getent passwd 65534 | cut -d: -f6)" ] || fail "runs as $(cat ran)"
	[ "$(grep -c '^CapEff:.*[1-9a-f]' "/proc/$(cat pid)/status")" = 0 ] || fail "has capabilities"
	engine_ends
	eventually 5 gone "$(cat pid)" || fail "it is still there"
}

test_command_of_a_capture_that_fails_never_runs() {
	patient_engine
	expect_sentence "is missing" \
		without_engine "$front" --capture --extcap-interface ptcpdump.any --fifo file --command "touch $TEST_TMP/ran"
	printf '#!/bin/sh\nexit 1\n' >engine
	with_engine engine "$front" --capture --extcap-interface ptcpdump.any --fifo file --command "touch $TEST_TMP/ran" || true
	sleep 0.3
	[ ! -e ran ] || fail "it ran"
	! pgrep -f "touch $TEST_TMP/ran" || fail "something is left"
}

# Who ends the command's group must be in it: it may be gone before that one came to enter it, and
# the group that it would end instead is Wireshark's.
test_failing_capture_ends_nobody_else() {
	local status
	need setsid
	for _ in $(seq 50); do
		status=0
		without_engine setsid -w sh -c '"$1" --capture --extcap-interface ptcpdump.any --fifo file --command true
			sleep 0.01; exit 3' sh "$front" 2>/dev/null || status=$?
		[ $status = 3 ] || fail "the group of who started it was ended: status $status"
	done
}

test_command_that_is_none_is_a_sentence() {
	local run=("$front" --capture --extcap-interface ptcpdump.any --fifo file --command)
	expect_sentence '"no-such-program -x".*no such program' "${run[@]}" 'no-such-program -x'
	expect_sentence "quote" "${run[@]}" "echo 'half"
	expect_sentence "empty" "${run[@]}" " "
}
