# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# replay.sh - what a fuzzer once found, or was given to begin with, is fed to each target again

replay() {
	local corpus=$SOURCE/tests/fuzz/corpus/$1
	[ -d "$corpus" ] || corpus=''
	"$BUILD/tests/fuzz/fuzz_$1" $corpus
}

for name in $(cat "$BUILD/tests/fuzz/list"); do
	eval "test_replay_$name() { replay $name; }"
done
