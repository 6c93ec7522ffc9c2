# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# names_faults.sh - container daemons that hang, lie, flood, die and come back, each by a fake; beside each
# there is one that is well (docker.sock, with a container "well"), and must not notice
. "$SOURCE/tests/runtimes/daemons.sh"

beside_one_that_is_well() { # RUNTIME HOW WORDS
	fake "$2.sock" "$2"
	fake docker.sock good well
	names_watch "said.$2" 4096 docker="$TEST_TMP/docker.sock" "$1=$TEST_TMP/$2.sock"
	grep -q '^container .* name=well ' "said.$2" || fail "beside $2 nobody else is heard"
	echo "new-$2" >&8
	will_say "said.$2" "docker state=running" "name=new-$2"
	[ -z "$3" ] || will_say "said.$2" "trouble $1" "$3"
	[ "$2" = half ] || ! grep -q "^container .* $1 " "said.$2" || fail "$2: something was made of nothing"
	kill "$NAMES_WATCH"
}

test_an_http_daemon_that_is_not_well() {
	beside_one_that_is_well podman nonsense "cannot be asked"
	beside_one_that_is_well podman text "is no list of containers"
	beside_one_that_is_well podman status "status 500"
	beside_one_that_is_well podman deep "is no list of containers"
}

test_a_grpc_daemon_that_is_not_well() {
	beside_one_that_is_well cri nonsense "cannot be asked"
	beside_one_that_is_well containerd garbage "cannot be asked"
	beside_one_that_is_well cri wrong "cannot be asked"
	beside_one_that_is_well containerd wrong "cannot be asked"
	beside_one_that_is_well containerd status "cannot be asked"
}

LIMIT[test_a_daemon_that_hangs]=120
test_a_daemon_that_hangs() {
	beside_one_that_is_well podman silent "does not answer"
	beside_one_that_is_well podman half "does not answer"
	beside_one_that_is_well containerd silent "does not answer"
	beside_one_that_is_well cri silent "does not answer"
	beside_one_that_is_well podman deaf "does not answer"
}

# What was understood of it is so; that it is not whole is a trouble.
test_half_an_answer() {
	fake torn.sock torn
	names_watch said 4096 docker="$TEST_TMP/torn.sock"
	will_say said "trouble docker"
	will_say said "name=one"
}

# Labels and names with a NUL are none; a key with one, or half a surrogate, costs its container.
test_a_nul_costs_no_neighbour() {
	fake nul.sock nul
	names_watch said 4096 docker="$TEST_TMP/nul.sock"
	will_say said name=before
	will_say said name=label 'labels={\"b\":\"c\"}'
	will_say said name=after
	grep -q 'name=na\|name=key\|x' said && fail "a NUL ends a text"
	grep -qF "$(printf name | sha256sum | cut -c 1-64)" said || fail "a name that is none hides its container"
}

test_events_without_end() {
	fake flood.sock flood one
	fake docker.sock good well
	names_watch said 4096 docker="$TEST_TMP/docker.sock" podman="$TEST_TMP/flood.sock"
	will_say said podman name=flood999
	echo new >&8
	will_say said docker name=new
}

LIMIT[test_a_hundred_thousand_containers]=120
test_a_hundred_thousand_containers() {
	local begin
	fake many.sock many 100000
	begin=$(now)
	names_watch said 4096 docker="$TEST_TMP/many.sock"
	figure "100,000 containers in $(milliseconds_since "$begin") ms"
	[ "$(grep -c '^container ' said)" -eq 100000 ] || fail "$(grep -c '^container ' said) of 100000"
	said said name=c99999 'number\":\"99999\"'
}

test_a_daemon_that_dies_and_comes_back() {
	local first
	fake docker.sock good first
	first=$FAKE
	names_watch said 4096 docker="$TEST_TMP/docker.sock"
	said said name=first
	kill -9 "$first"
	will_say said "trouble docker"
	fake docker.sock good second
	will_say said name=second
	will_say said gone
	will_say said "trouble docker none"
	echo third >&8
	will_say said name=third
}

# The list of sources waits for no daemon: what one said last takes the place of its answer.
test_the_list_waits_for_nobody() {
	local how
	fake docker.sock good well
	for how in podman cri containerd; do
		fake "$how.sock" silent
	done
	"$NAMES_SHOW" list 5000 docker="$TEST_TMP/docker.sock" podman="$TEST_TMP/podman.sock" cri="$TEST_TMP/cri.sock" \
		containerd="$TEST_TMP/containerd.sock" >list
	grep -q 'name=well' list || fail "one that hangs hides others"
	figure "with three daemons that hang: $(tail -n 1 list)"
}
