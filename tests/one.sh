# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# one.sh FILE FUNCTION - one test, in a shell of its own; tests/run starts it
set -eu -o pipefail
. "$SOURCE/tests/lib.sh"
. "$1"

# Whatever is started from here on can be found, and ended, by its cgroup.
[ -z "$TEST_CGROUP" ] || echo $$ >"$TEST_CGROUP/cgroup.procs"
trap test_ends EXIT
trap 'exit 143' TERM
trap 'failed_at "$BASH_COMMAND"' ERR
set -E
cd "$TEST_TMP"
"$2"
