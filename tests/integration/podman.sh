# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# podman.sh - containers of a real podman, which has no daemon: their monitors tell the names
. "$SOURCE/tests/runtimes/daemons.sh"

# podman_run OPTION...: below this test's cgroup; this machine's root may not raise limits
podman_run() {
	podman_here run --runtime runc --cgroup-manager cgroupfs --cgroup-parent "/$DAEMON_CGROUP/podman" \
		--ulimit nofile=1024:1024 --ulimit nproc=1000:1000 --network host -v /:/host "$@"
}
podman_here() {
	in_daemons podman --root "$TEST_TMP/podman" --runroot /run/p --tmpdir /run/pt --storage-driver vfs \
		--events-backend file "$@"
}

# Without any runtime to ask: the id from the cgroup, the name from conmon.
LIMIT[test_rootful]=100
test_rootful() {
	need podman runc conmon busybox
	daemon home sleep 1000
	podman_here import "$(busybox_tar)" web:test >/dev/null 2>&1 || fail "no image"
	in_daemons env TRUTH="$TEST_TMP/truth.none" "$PYTHON" "$TRAFFIC/talk.py" tcp-server 127.0.0.1 8080 --ready "$TEST_TMP/ready" &
	eventually 5 test -e ready || fail "no server"
	netns a
	capture a ptcpdump.any file --netns all --extcap-capture-filter 'tcp port 8080' \
		--docker-address none --podman-address none --containerd-address none --cri-runtime-address none
	podman_run --name client web:test busybox chroot /host env TRUTH="$TEST_TMP/truth.client" \
		sh -c "i=0; while [ \$i -lt 10 ]; do $BUILD/tests/traffic/brief 127.0.0.1 8080 \$i; i=\$((i + 1)); done"
	capture_stop
	local id answer
	id=$(podman_here ps -a --no-trunc --format '{{.ID}}')
	answer=$($PYTHON "$TRAFFIC/check_docker.py" file 8080 none=- "$id=client=truth.client") || {
		echo "$answer"
		fail "$(tail -n 1 <<<"$answer")"
	}
	figure "$(tail -n 1 <<<"$answer")"
}

# keeper_captures FILE [OPTION...]: the engine as keeper, with what the package gives it
keeper_captures() {
	[ -e engine ] || { cp "$ENGINE" engine && chmod 755 engine && setcap cap_bpf,cap_perfmon,cap_net_admin=p engine; }
	install -d -m 777 keepers
	"${INTERRUPTIBLE[@]}" nsenter --target "$DAEMON_HOME" --net --mount setpriv --reuid $KEEPER --regid $KEEPER --clear-groups --inh-caps=-all \
		"$PWD/engine" --capture --extcap-interface ptcpdump.any --fifo "$PWD/keepers/$1" --log-file "$PWD/keepers/$1.log" --log-level info --netns all \
		--extcap-capture-filter "tcp port $PORT" --docker-address none --containerd-address none --cri-runtime-address none "${@:2}" 2>"$1.err" &
	CAPTURES[$1]=$!
	eventually 10 grep -qs capturing "keepers/$1.log" || fail "keeper does not capture: $(cat "$1.err" "keepers/$1.log")"
}

# keeper_runs NAME FILE WORDS: connections from a container of keeper's, through slirp4netns, to a server
# outside: ten, and more until WORDS are in FILE, for the first packets come before Podman tells more
# than its monitor.
keeper_runs() {
	install -m 666 /dev/null "truth.$1"
	keep run -d --name "$1" --label app=cart --network slirp4netns:allow_host_loopback=true -v /:/host localhost/web:test busybox chroot /host \
		env TRUTH="$TEST_TMP/truth.$1" sh -c "i=0; while [ \$i -lt 10 ] || ! [ -e $TEST_TMP/enough.$1 ]; do
			$TEST_TMP/brief 10.0.2.2 $PORT \$i; i=\$((i + 1)); [ \$i -lt 10 ] || sleep 0.1; done" >/dev/null
	eventually 15 grep -aqF "$3" "$2" || fail "$2: nothing more than the name is known of $1"
	touch "enough.$1"
	keep wait "$1" >/dev/null
}
keeper_id() { keep ps -a --no-trunc --filter "name=$1" --format '{{.ID}}'; }

expect_keeper() { # FILE NAME
	local answer
	answer=$($PYTHON "$TRAFFIC/check_docker.py" "$1" "$PORT" none=- "$(keeper_id "$2")=$2=truth.$2") || {
		echo "$answer"
		fail "$1: $(tail -n 1 <<<"$answer")"
	}
	figure "$1: $(tail -n 1 <<<"$answer")"
}

has_detail() { # FILE NAME IMAGE-AND-LABELS
	tshark -r "$1" -Y "ptcpdump.container.name == \"$2\"" -T fields -e ptcpdump.container.image -e ptcpdump.container.label | sort | uniq -c >detail
	figure "$1: $2 $(xargs <detail)"
	! grep -v "[0-9] 	\$" detail | grep -v "$3\$" || fail "$1: of $2 something else is known"
}

# A user's own containers, which have no cgroup here: root has names from their monitors, and the user
# also what the user's own Podman says, or has in its files.
LIMIT[test_rootless]=120
test_rootless() {
	need setcap
	keeper_start
	cp "$BUILD/tests/traffic/brief" brief
	in_daemons env TRUTH="$TEST_TMP/truth.none" "$PYTHON" "$TRAFFIC/talk.py" tcp-server 127.0.0.1 "$PORT" --ready "$TEST_TMP/ready" &
	eventually 5 test -e ready || fail "no server"
	netns a
	capture a ptcpdump.any root --netns all --extcap-capture-filter "tcp port $PORT"
	keeper_captures files
	keeper_runs one keepers/files localhost/web:test
	as_keeper podman system service -t 0 "unix:///run/user/$KEEPER/podman/podman.sock" &
	eventually 10 test -S "$DAEMON_RUN/user/$KEEPER/podman/podman.sock" || fail "keeper's podman does not answer"
	keeper_captures asked
	keeper_runs two keepers/asked '{"app":"cart"}'
	capture_stop
	local file
	for file in root keepers/files; do
		expect_keeper $file one
		expect_keeper $file two
	done
	expect_keeper keepers/asked two
	has_detail keepers/files one "localhost/web:test	"
	has_detail keepers/asked two "localhost/web:test	app=cart"
}
