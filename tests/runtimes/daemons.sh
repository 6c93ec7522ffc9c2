# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# daemons.sh - real container daemons, for a test; source it
#
# Each runs in a network and a mount namespace of its own, with its data below $TEST_TMP, its /run
# in $TEST_TMP/r (sockets have short names) and its containers' cgroups below one that is this
# test's: no bridge, firewall rule or cgroup of the machine's is touched. What is left ends with
# the test; daemons_stop takes the v1 cgroups away, which no one else would.

DAEMON_RUN=$TEST_TMP/r
DAEMON_CGROUP=ptcpdump-daemons.$$.$RANDOM
DAEMONS=()
# Where a test's server listens: what is captured is the machine's, other runs' containers included.
PORT=$((10000 + RANDOM % 9000))

# daemon LOG COMMAND...: in the background, in the namespaces of all daemons of this test.
daemon() {
	local log=$1
	shift
	mkdir -p "$DAEMON_RUN"
	if [ -z "${DAEMON_HOME:-}" ]; then
		trap 'daemon_status=$?; daemons_stop; (exit $daemon_status); test_ends' EXIT
		unshare --net --mount --propagation private sh -c '
			ip link set lo up
			mount --bind "$1" /run
			exec sleep infinity' daemons "$DAEMON_RUN" &
		DAEMON_HOME=$!
		DAEMONS+=($!)
		eventually 5 in_daemons_test || fail "no namespaces for daemons"
	fi
	# No function in the background: that would be a shell, which a signal ends alone.
	nsenter --target "$DAEMON_HOME" --net --mount "$@" >"$TEST_TMP/$log.log" 2>&1 &
	DAEMONS+=($!)
	DAEMON=$!
}
in_daemons() { nsenter --target "$DAEMON_HOME" --net --mount "$@"; }
in_daemons_test() { [ "/proc/$DAEMON_HOME/root/run" -ef "$DAEMON_RUN" ]; }

daemons_stop() {
	[ ${#DAEMONS[@]} -eq 0 ] || kill "${DAEMONS[@]}" 2>/dev/null || true
	sleep 0.2
	local dir depth
	for dir in /sys/fs/cgroup/*/"$DAEMON_CGROUP" /sys/fs/cgroup/"$DAEMON_CGROUP"; do
		[ -d "$dir" ] || continue
		# Its processes, then it, from the deepest up.
		for depth in 1 2 3 4 5; do
			find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null | xargs -r kill -9 2>/dev/null || true
			find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
			[ -d "$dir" ] || break
			sleep 0.1
		done
	done
}

# A root of busybox alone, as a tar.
busybox_tar() {
	local root=$TEST_TMP/busybox program
	if [ ! -e "$root.tar" ]; then
		mkdir -p "$root/bin" "$root/etc" "$root/proc" "$root/tmp"
		cp "$(command -v busybox)" "$root/bin/busybox"
		for program in sh sleep nc wget cat true ip hostname; do
			ln -s busybox "$root/bin/$program"
		done
		tar -C "$root" -cf "$root.tar" .
	fi
	echo "$root.tar"
}

# --- Docker -------------------------------------------------------------------------------------

# docker_start [OPTION...]: DOCKER_SOCKET answers, and has an image web:test.
docker_start() {
	need dockerd runc busybox
	DOCKER_SOCKET=$DAEMON_RUN/d.sock
	daemon docker dockerd -H unix:///run/d.sock --data-root "$TEST_TMP/docker" --exec-root /run/docker \
		--pidfile /run/d.pid --cgroup-parent "/$DAEMON_CGROUP/docker" "$@"
	DOCKER_PID=$DAEMON
	eventually 30 docker_answers || fail "dockerd does not start: $(tail -n 3 "$TEST_TMP/docker.log")"
	dock image inspect web:test >/dev/null 2>&1 || dock import - web:test <"$(busybox_tar)" >/dev/null
}
docker_answers() { dock version >/dev/null 2>&1; }
dock() { /usr/bin/docker -H "unix://$DOCKER_SOCKET" "$@"; }
docker_stop() {
	kill "$DOCKER_PID"
	eventually 20 gone "$DOCKER_PID" || fail "dockerd does not end"
}

# --- containerd, with its Kubernetes side -------------------------------------------------------

# containerd_start: CONTAINERD_SOCKET answers, for ctr and cri, and has an image web:test.
containerd_start() {
	need containerd ctr runc busybox
	CONTAINERD_SOCKET=$DAEMON_RUN/c.sock
	mkdir -p "$TEST_TMP/cni"
	cat >"$TEST_TMP/cni/net.conflist" <<-END
		{"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
		 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.85.0.0/16"}]], "dataDir": "$TEST_TMP/ipam"}}]}
	END
	cat >"$TEST_TMP/containerd.toml" <<-END
		version = 2
		root = "$TEST_TMP/containerd"
		state = "/run/containerd"
		[grpc]
		  address = "/run/c.sock"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "docker.io/library/web:test"
		  restrict_oom_score_adj = true
		  disable_apparmor = true
		  [plugins."io.containerd.grpc.v1.cri".cni]
		    bin_dir = "/usr/lib/cni"
		    conf_dir = "$TEST_TMP/cni"
	END
	daemon containerd containerd --config "$TEST_TMP/containerd.toml"
	CONTAINERD_PID=$DAEMON
	eventually 30 containerd_answers || fail "containerd does not start: $(tail -n 3 "$TEST_TMP/containerd.log")"
	$PYTHON "$SOURCE/tests/runtimes/image.py" docker.io/library/web:test "$(busybox_tar)" /bin/sleep 1000000 >"$TEST_TMP/image.tar"
	contain -n k8s.io images import "$TEST_TMP/image.tar" >/dev/null
	contain images import "$TEST_TMP/image.tar" >/dev/null
}
containerd_answers() { contain version >/dev/null 2>&1; }
# In containerd's namespaces: ctr mounts the roots itself.
contain() { in_daemons ctr -a /run/c.sock "$@"; }
cri() { $PYTHON "$SOURCE/tests/runtimes/cri.py" "$CONTAINERD_SOCKET" "$@"; }

# --- Podman, root's -----------------------------------------------------------------------------

# podman_start: PODMAN_SOCKET answers, and has an image localhost/web:test. It needs no daemon for
# itself: pod ARGUMENTS is the program.
podman_start() {
	need podman conmon runc busybox
	PODMAN_SOCKET=$DAEMON_RUN/p.sock
	mkdir -p "$TEST_TMP/podman"
	# What it would keep at fixed places, and limits that not every root may raise.
	cat >"$TEST_TMP/podman/containers.conf" <<-END
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
		[network]
		network_backend = "cni"
		network_config_dir = "$TEST_TMP/podman/net"
		[engine]
		runtime = "runc"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		events_logfile_path = "$TEST_TMP/podman/events"
		static_dir = "$TEST_TMP/podman/static"
		volume_path = "$TEST_TMP/podman/volumes"
		tmp_dir = "/run/libpod"
	END
	cat >"$TEST_TMP/podman/storage.conf" <<-END
		[storage]
		driver = "${1:-overlay}"
		graphroot = "$TEST_TMP/podman/storage"
		runroot = "/run/containers"
	END
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$TEST_TMP/podman/policy.json"
	PODMAN_SET=(env "CONTAINERS_CONF=$TEST_TMP/podman/containers.conf" "CONTAINERS_STORAGE_CONF=$TEST_TMP/podman/storage.conf")
	daemon podman "${PODMAN_SET[@]}" podman system service -t 0 unix:///run/p.sock
	PODMAN_PID=$DAEMON
	eventually 30 test -S "$PODMAN_SOCKET" || fail "podman does not start: $(tail -n 3 "$TEST_TMP/podman.log")"
	pod import "$(busybox_tar)" localhost/web:test >/dev/null 2>&1
}
pod() { in_daemons "${PODMAN_SET[@]}" podman "$@"; }
# Its cgroup below this test's.
pod_run() { pod run -d --cgroup-parent "/$DAEMON_CGROUP/podman" "$@"; }

# --- Podman, a user's own -----------------------------------------------------------------------

KEEPER=4321
# keeper_start: "keep ARGUMENTS" is the podman of a user of this test's own, keeper, who has a place
# in the daemons' /run and /etc alone; it has an image localhost/web:test.
keeper_start() {
	need podman conmon runc busybox slirp4netns newuidmap setpriv
	[ -c /dev/net/tun ] || lack "no /dev/net/tun"
	KEEPER_HOME=$TEST_TMP/keeper
	daemon home sleep 1000
	mkdir -p "$KEEPER_HOME/.config/containers" "$TEST_TMP/etc"
	cat >"$KEEPER_HOME/.config/containers/containers.conf" <<-END
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
		[engine]
		runtime = "runc"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
	END
	printf '[storage]\ndriver = "overlay"\n' >"$KEEPER_HOME/.config/containers/storage.conf"
	echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$KEEPER_HOME/.config/containers/policy.json"
	in_daemons sh -euc '
		etc=$1/etc uid=$2 home=$3
		cp /etc/passwd /etc/group "$etc"
		echo "keeper:x:$uid:$uid::$home:/bin/sh" >>"$etc/passwd"
		echo "keeper:x:$uid:" >>"$etc/group"
		echo keeper:500000:65536 | tee "$etc/subuid" >"$etc/subgid"
		for file in passwd group subuid subgid; do
			mount --bind "$etc/$file" "/etc/$file"
		done
		mknod -m 666 "$1/tun" c 10 200 || exit 78
		mount --bind "$1/tun" /dev/net/tun
		mkdir -p "/run/user/$uid/podman"
		chown -R "$uid:$uid" "/run/user/$uid" "$home"
		chmod 700 "/run/user/$uid" "$home"' keeper_start "$TEST_TMP" $KEEPER "$KEEPER_HOME" || lack "no place for a user of the test's own"
	keep import "$(busybox_tar)" localhost/web:test >/dev/null 2>&1 || fail "no image"
}
as_keeper() {
	in_daemons setpriv --reuid $KEEPER --regid $KEEPER --clear-groups --inh-caps=-all \
		env -i -C "$KEEPER_HOME" HOME="$KEEPER_HOME" XDG_RUNTIME_DIR=/run/user/$KEEPER PATH="$PATH" "$@"
}
keep() { as_keeper podman "$@"; }

# --- what ptcpdump-names says -------------------------------------------------------------------

NAMES_SHOW=$BUILD/tests/runtimes/names_show
OFF=(docker= podman= cri= containerd=)

# names_watch FILE LABEL_MAX RUNTIME=ADDRESS...: only these runtimes; what it says goes to FILE. A
# line to descriptor 9 is an id to look for.
names_watch() {
	local file=$1
	shift
	exec 9> >(exec cat >/dev/null) # an input that does not end
	: >"$file"
	tail -f /dev/null | "$NAMES_SHOW" watch "$1" "${OFF[@]}" "${@:2}" >"$file" &
	NAMES_WATCH=$!
	eventually 10 grep -q '^listed$' "$file" || fail "the list does not end"
}

# fake NAME HOW...: a daemon that is not well, at the socket NAME; see fake.py. A line to
# descriptor 8 is a further container of the last one that is good.
fake() {
	local name=$1
	shift
	rm -f "$name" "$name.in"
	mkfifo "$name.in"
	exec 8<>"$name.in"
	$PYTHON "$SOURCE/tests/runtimes/fake.py" "$TEST_TMP/$name" "$@" <"$name.in" 2>"$name.log" &
	FAKE=$!
	eventually 5 test -S "$name" || fail "fake.py does not start"
}

# have_told LOG: a capture's; it does not wait long for them.
have_told() { grep -q "have told what they have" "$1"; }

# said FILE WORDS...: a line has all of these.
said() {
	local file=$1 lines word
	shift
	lines=$(cat "$file")
	for word; do
		lines=$(grep -F -- "$word" <<<"$lines") || return 1
	done
}
# will_say FILE WORDS...
will_say() { eventually 30 said "$@" || { cat "$1"; fail "never said: ${*:2}"; }; }
