# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# names_places.sh - the runtimes' usual places, with nobody there, somebody slow, another user; and the
# administrator's service. In a mount namespace each, for the places are the machine's.
. "$SOURCE/tests/runtimes/daemons.sh"

# in_places SCRIPT [ARGUMENTS...]: in a shell whose /run and /var/lib are empty and its own, with
# names_show as $0.
in_places() {
	unshare --mount --propagation private sh -euc '
		mount -t tmpfs -o mode=755 tmpfs /run
		mount -t tmpfs -o mode=755 tmpfs /var/lib
		exec sh -euc "$@"' in_places "$1" "$NAMES_SHOW" "${@:2}"
}

# What Docker and Podman left in their files, when neither runs.
LIMIT[test_state_on_disk]=120
test_state_on_disk() {
	local docker podman
	docker_start
	docker=$(dock run -d --name kept --label app=cart web:test sleep 1000)
	podman_start
	podman=$(pod_run --name pkept localhost/web:test sleep 1000)
	kill "$DOCKER_PID" "$PODMAN_PID"
	eventually 20 gone "$DOCKER_PID"
	in_places '
		mkdir /var/lib/docker /var/lib/containers
		mount --bind "$1/docker" /var/lib/docker
		mount --bind "$1/podman" /var/lib/containers
		timeout 5 "$0" watch 4096 </dev/zero >"$1/said" || true' "$TEST_TMP"
	will_say said "container $docker docker state=unknown uid=0 disk" name=kept image=web:test 'app\":\"cart'
	will_say said "container $podman podman state=unknown uid=0 disk" name=pkept image=localhost/web:test
	said said trouble && fail "nobody there is no trouble"
	said said listed
}

# What containerd's bundles say of a pod, when it does not run: no labels, which are not in there.
LIMIT[test_state_of_pods_on_disk]=120
test_state_of_pods_on_disk() {
	local pod app
	containerd_start
	pod=$(cri pod shop cart-7d9f 1111-2222 "/$DAEMON_CGROUP/pods" app=cart)
	app=$(cri container "$pod" app docker.io/library/web:test sleep 1000)
	kill "$CONTAINERD_PID"
	eventually 20 gone "$CONTAINERD_PID"
	in_places '
		mkdir /run/containerd
		mount --bind "$1/r/containerd" /run/containerd
		timeout 5 "$0" watch 4096 </dev/zero >"$1/said" || true' "$TEST_TMP"
	will_say said "container $app containerd state=unknown uid=0 disk" name=app image=docker.io/library/web:test pod=cart-7d9f namespace=shop \
		pod_uid=1111-2222 "pod_id=$pod"
	will_say said "container $pod containerd state=unknown uid=0 disk pause" pod=cart-7d9f namespace=shop
	! grep 'labels=\|addresses=' said || fail "more than the files say"
	said said trouble && fail "nobody there is no trouble"
	said said listed
}

# A daemon that hangs: the list has what it said the last time.
test_the_list_has_what_was_said_last() {
	fake good.sock good well
	fake silent.sock silent
	in_places '
		ln -s "$1/good.sock" /run/docker.sock
		"$0" list 20000 >"$1/first"
		ln -sf "$1/silent.sock" /run/docker.sock
		"$0" list 3000 >"$1/second"
		ls -l /run/ptcpdump' "$TEST_TMP"
	cat first second
	grep -q 'docker state=running .*name=well' first || fail "the list is empty"
	grep -q 'docker state=running .*name=well' second || fail "what was said last is forgotten"
	figure "with Docker that hangs: $(tail -n 1 second)"
}

# A user's daemon is not root's, wherever its socket is.
test_another_users_daemon() {
	need setpriv
	mkdir -m 777 theirs
	chmod 755 "$TEST_TMP"
	cp "$SOURCE/tests/runtimes/fake.py" theirs # the tree may be closed to others
	setpriv --reuid 65534 --clear-groups $PYTHON theirs/fake.py "$TEST_TMP/theirs/d.sock" good well &
	eventually 5 test -S theirs/d.sock
	chmod 666 theirs/d.sock
	names_watch said 4096 docker="$TEST_TMP/theirs/d.sock"
	will_say said "docker state=running uid=65534" name=well
}

# In in_places: Docker is root's, and the service listens, $service; as_user UID shows what that user is told.
SERVICE='
	cp -r "$1/show" /run/show
	mount --bind /run /run
	touch /run/docker.sock
	mount --bind "$1/docker.sock" /run/docker.sock
	chmod 600 /run/docker.sock
	as_user() { setpriv --reuid "$1" --clear-groups timeout 5 /run/show watch 4096 </dev/zero || true; }
	as_user 65534 >"$1/without"
	python3 - <<-END &
		import os, socket
		listener = socket.socket(socket.AF_UNIX)
		listener.bind("/run/ptcpdump-names.socket")
		os.chmod("/run/ptcpdump-names.socket", 0o666)
		listener.listen(8)
		os.dup2(listener.fileno(), 3)
		os.set_inheritable(3, True)
		os.execv("/usr/libexec/ptcpdump/ptcpdump-names", ["ptcpdump-names"])
	END
	service=$!
	while ! [ -S /run/ptcpdump-names.socket ]; do sleep 0.02; done
	'

# One who may not ask Docker is told what to do, and asks the administrator's service, if there is one.
test_the_administrators_service() {
	need setpriv
	fake docker.sock good well
	cp "$NAMES_SHOW" show # where anybody may run it
	in_places "$SERVICE"'
		as_user 65534 >"$1/one" &
		one=$!
		as_user 65534 >"$1/two"
		wait $one
		kill $service' "$TEST_TMP"
	cat without one two
	said without "trouble docker" "does not let us in" "adduser"
	grep -q well without && fail "nobody may ask Docker"
	said one "docker state=running uid=0" name=well || fail "the service tells nothing"
	said two "docker state=running uid=0" name=well || fail "the service tells one alone"
}

# One who may not ask any of them is told so once by each, though they are tried again, and what to do.
test_who_may_ask_nobody() {
	need setpriv
	local runtime
	fake docker.sock good well
	cp "$NAMES_SHOW" show
	in_places '
		cp "$1/show" /run/show
		mkdir /run/podman /run/containerd
		for place in docker podman/podman containerd/containerd; do
			touch "/run/$place.sock"
			mount --bind "$1/docker.sock" "/run/$place.sock"
		done
		chmod 600 /run/docker.sock
		setpriv --reuid 65534 --clear-groups timeout 4 /run/show watch 4096 </dev/zero >"$1/said" || true' "$TEST_TMP"
	for runtime in docker podman cri containerd; do
		[ "$(grep -c "^trouble $runtime .*does not let us in.*: .*ptcpdump-names.socket" said)" = 1 ] || { cat said; fail "of $runtime it is told otherwise"; }
	done
	[ "$(wc -l <said)" = 5 ] && said said listed || { cat said; fail "more than that is told"; }
}

# Somebody takes every place that the service has, says nothing, half of something or what is nothing, and
# reads nothing: others are told all the same, and that user's next is told why not.
test_a_hostile_user_of_the_service() {
	need setpriv
	fake docker.sock good well
	cp "$NAMES_SHOW" show
	in_places "$SERVICE"'
		setpriv --reuid 65534 --clear-groups /usr/bin/python3 - <<-END >"$1/places" &
			import socket, struct, time
			hello = struct.pack("=IB", 1, 5)
			begun = struct.pack("=IB", 200000, 5) + bytes(100000)
			words = [b"\0", hello, begun, hello * 1000]
			clients = []
			for number in range(300):
			    client = socket.socket(socket.AF_UNIX)
			    client.connect("/run/ptcpdump-names.socket")
			    client.setblocking(False)
			    try:
			        client.send(words[number % len(words)])
			    except OSError:
			        pass
			    clients.append(client)
			time.sleep(1)
			def is_open(client):
			    try:
			        first = client.recv(5, socket.MSG_PEEK)
			        return len(first) == 5 and first[4] != 7 # refused
			    except BlockingIOError:
			        return True
			    except OSError:
			        return False
			print(sum(map(is_open, clients)), flush=True)
			time.sleep(60)
		END
		hostile=$!
		while kill -0 $hostile && ! [ -s "$1/places" ]; do sleep 0.05; done
		as_user 4242 >"$1/other"
		as_user 65534 >"$1/refused"
		grep VmRSS /proc/$service/status >"$1/memory"
		kill $hostile $service' "$TEST_TMP"
	figure "$(cat places) places of 300 that were asked for; the service has $(xargs <memory)"
	[ "$(cat places)" -ge 1 ] && [ "$(cat places)" -le 16 ] || fail "one user has $(cat places) places"
	said other "docker state=running uid=0" name=well || fail "others are told nothing: $(cat other)"
	said refused "refused ptcpdump-names.socket serves 16" || fail "the user is not told why: $(cat refused)"
}

# Who selects by what only a runtime can tell, and has no place at the service, captures nothing for ever: it is told
# so, and ends. The self-test has asked nobody then, and says no more than that.
test_no_place_at_the_service() {
	fake docker.sock good well
	cp "$NAMES_SHOW" show
	in_places "$SERVICE"'
		python3 - <<-END &
			import socket, time
			clients = [socket.socket(socket.AF_UNIX) for number in range(16)]
			for client in clients:
			    client.connect("/run/ptcpdump-names.socket")
			open("$1/taken", "w").write("all")
			time.sleep(60)
		END
		greedy=$!
		while kill -0 $greedy && ! [ -s "$1/taken" ]; do sleep 0.05; done
		status=0
		unshare --net timeout 30 "$2" --capture --extcap-interface ptcpdump.any --fifo "$1/file" \
			--container-name web 2>"$1/words" || status=$?
		echo $status >"$1/status"
		"$2" --self-test --json >"$1/report.json" 2>"$1/untold" || true
		kill $greedy $service' "$TEST_TMP" "$ENGINE"
	cat words status
	[ "$(cat status)" = 1 ] || fail "it ends with $(cat status)"
	grep -q "cannot be selected by name: ptcpdump-names.socket serves 16 .* has ended\.$" words || fail "it is told otherwise"
	$PYTHON - <<-'END' || fail "the self-test says otherwise"
		import json
		checks = [c for c in json.load(open("report.json"))["checks"] if c["name"] in ("Docker", "Podman", "Kubernetes", "containerd")]
		assert len(checks) == 4 and all(c["state"] == "untried" and "no place" in c["found"] for c in checks), checks
	END
}
