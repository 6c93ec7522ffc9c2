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
