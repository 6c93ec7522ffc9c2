# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# errors.sh - what cannot be done ends in one sentence that says why
#
# Under Wireshark any byte on stderr opens a dialog that keeps about one KiB: so one sentence, with
# a status that is not 0, within seconds, and nothing is left behind.

by_hand=("$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --duration 1)

# mount_ns COMMAND...: for what is hidden from the engine by mounts; setup is a shell line.
mount_ns() { # SETUP COMMAND...
	"$SOURCE/tests/private" sh -c "$1"' && exec "$@"' sh "${@:2}"
}

test_by_hand_works_here() {
	netns a
	in_ns a "${by_hand[@]}" || fail "so the tests of this file mean nothing"
}

test_unknown_source() {
	expect_sentence 'nosuch' "$ENGINE" --capture --extcap-interface ptcpdump.nosuch --fifo file
	expect_sentence 'randpkt' "$ENGINE" --capture --extcap-interface randpkt --fifo file
}

test_no_source() { expect_sentence 'extcap-interface|source' "$ENGINE" --capture --fifo file; }

test_interface_that_does_not_exist() {
	netns a
	expect_sentence 'nosuch0' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.if.nosuch0 --fifo file
}

test_unknown_option() { expect_sentence 'no-such-option' "${by_hand[@]}" --no-such-option; }

test_bad_values() {
	expect_sentence 'snapshot-length' "${by_hand[@]}" --snapshot-length 0
	expect_sentence 'snapshot-length' "${by_hand[@]}" --snapshot-length 12x
	expect_sentence 'duration' "${by_hand[@]}" --duration -1
	expect_sentence 'count' "${by_hand[@]}" --count -3
	expect_sentence 'nonsense' "${by_hand[@]}" --context process,nonsense
	expect_sentence 'log-level' "${by_hand[@]}" --log-level loud
}

test_value_that_is_missing() { expect_sentence 'fifo' "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo; }

test_fifo_in_no_directory() {
	expect_sentence 'nowhere' "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo nowhere/fifo
}

test_no_fifo() { expect_sentence 'fifo' "$ENGINE" --capture --extcap-interface ptcpdump.any; }

test_log_file_in_no_directory() { expect_sentence 'nowhere' "${by_hand[@]}" --log-file nowhere/log; }

# --- privilege ----------------------------------------------------------------------------------

test_ordinary_user_without_privilege() {
	chmod 777 .
	local user=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all)
	expect_sentence 'permission|permitted|privilege|may not|root' \
		"${user[@]}" "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --duration 1
	expect_sentence 'permission|permitted|privilege|may not|root' \
		"${user[@]}" "$EXTCAP/ptcpdump" --capture --extcap-interface ptcpdump.any --fifo file --duration 1
}

test_without_the_capabilities_for_bpf() {
	expect_sentence 'permission|permitted|privilege|may not|capabilit' \
		setpriv --bounding-set=-sys_admin,-bpf --inh-caps=-sys_admin,-bpf "${by_hand[@]}"
}

test_without_the_capability_for_tracing() {
	expect_sentence 'permission|permitted|privilege|may not|capabilit' \
		setpriv --bounding-set=-sys_admin,-perfmon --inh-caps=-sys_admin,-perfmon "${by_hand[@]}"
}

# The list of sources does not depend on privilege: Wireshark would show nothing at all.
test_list_without_privilege() {
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$EXTCAP/ptcpdump" --extcap-interfaces >list 2>words || fail "status $?: $(cat words)"
	[ ! -s words ] || fail "says $(cat words)"
	grep -q '{value=ptcpdump.any}' list || fail "no ptcpdump.any: $(cat list)"
}

# --- what the kernel must have ------------------------------------------------------------------

# Only below root's own folders is such a file taken at all.
test_btf_file_that_is_none() {
	expect_sentence 'btf' mount_ns 'mount -t tmpfs -o mode=755 tmpfs /sys/kernel/btf && echo nonsense >/sys/kernel/btf/none' \
		"${by_hand[@]}" --kernel-btf /sys/kernel/btf/none
	expect_sentence 'btf|no such file' "${by_hand[@]}" --kernel-btf /nonexistent/btf
}

# A file that others may write decides which kernel memory is read.
test_btf_file_that_others_may_write() {
	cp /sys/kernel/btf/vmlinux btf
	chmod 666 btf
	expect_sentence 'btf' "${by_hand[@]}" --kernel-btf "$PWD/btf"
}

test_kernel_without_btf() {
	expect_sentence 'btf' mount_ns 'mount -t tmpfs tmpfs /sys/kernel/btf' "${by_hand[@]}"
}

# Without a cgroup mount to be seen the engine finds one of its own, or says what is missing.
test_no_cgroup_mount() {
	netns_pair a b
	serve b udp-server :: 5300
	: >file.log
	spawn a "$SOURCE/tests/private" sh -c 'umount -l -a -t cgroup2; exec "$@"' sh \
		"$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --log-file file.log --log-level info 2>words
	CAPTURES[file]=$SPAWNED
	eventually 10 captures_or_ended file
	if grep -q capturing file.log; then
		talk a udp-client 10.77.0.2 5300
		capture_stop
		expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 10
	else
		expect_sentence cgroup mount_ns 'umount -l -a -t cgroup2' "${by_hand[@]}"
	fi
}

test_full_disk() {
	netns a
	spawn a "$BUILD/tests/traffic/flood" 127.0.0.1 5300 1000000 1000 1000
	expect_sentence 'no space|space left' in_ns a "$SOURCE/tests/private" sh -c '
		mkdir small && mount -t tmpfs -o size=64k tmpfs small && exec "$@"' sh \
		"$ENGINE" --capture --extcap-interface ptcpdump.any --fifo small/file --duration 3
}

# The front says the engine's sentence, not one of its own beside it.
test_front_passes_the_sentence_on() {
	expect_sentence 'nosuch' "$EXTCAP/ptcpdump" --capture --extcap-interface ptcpdump.if.nosuch0 --fifo file
}

test_front_without_engine() {
	expect_sentence 'ptcpdump-capture' mount_ns "mount -t tmpfs tmpfs $(dirname "$ENGINE")" \
		"$EXTCAP/ptcpdump" --capture --extcap-interface ptcpdump.any --fifo file
}
