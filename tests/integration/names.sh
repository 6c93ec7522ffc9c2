# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# names.sh - what ptcpdump-names tells of containers, with real daemons; faults are in names_faults.sh
. "$SOURCE/tests/runtimes/daemons.sh"

BEGAN=$EPOCHSECONDS
# made FILE ID...: each time the right time is told, in whatever unit the runtime has it
made() {
	local id time
	for id in "${@:2}"; do
		time=$(sed -n "s/^container $id .* created=\([0-9]*\) .*/\1/p" "$1" | sort -u)
		[ "${time:-0}" -ge "$BEGAN" ] && [ "$time" -le "$EPOCHSECONDS" ] || fail "$id was made at \"$time\", between $BEGAN and $EPOCHSECONDS"
	done
}

LIMIT[test_docker_containers_come_change_and_go]=120
test_docker_containers_come_change_and_go() {
	docker_start
	local old new
	old=$(dock run -d --name old --label app=cart --label 'odd="a
b"' web:test sleep 1000)
	names_watch said 4096 docker="$DOCKER_SOCKET"
	grep -q "^container $old docker state=running uid=0 .*name=old image=web:test" said
	will_say said "$old" 'labels={\"app\":\"cart\",\"odd\":\"\\\"a\\nb\\\"\"}' "addresses=172.17.0.2"

	new=$(dock create --name new web:test sleep 1000)
	will_say said "$new docker state=created" name=new image=web:test
	dock start new >/dev/null
	will_say said "$new docker state=running" pid="$(dock inspect -f '{{.State.Pid}}' new)" addresses=172.17.0.3
	dock rename new newer
	will_say said "$new" name=newer
	dock kill newer >/dev/null
	will_say said "$new docker state=ended" name=newer
	dock start newer >/dev/null
	will_say said "$new docker state=running" name=newer
	dock rm -f newer >/dev/null
	will_say said "gone $new"

	# It ends, which is no trouble, and comes back.
	docker_stop
	docker_start
	will_say said "$old docker state=ended"
	dock run -d --name third web:test sleep 1000 >third
	will_say said "$(cat third) docker state=running" name=third
	made said "$old" "$new" "$(cat third)"
}

LIMIT[test_containerd_and_its_pods]=120
test_containerd_and_its_pods() {
	containerd_start
	local pod app other host
	contain run -d --cgroup "/$DAEMON_CGROUP/web" --label tier=front docker.io/library/web:test web sleep 1000
	pod=$(cri pod shop cart-7d9f 1111-2222 "/$DAEMON_CGROUP/pods" app=cart @note=hello)
	app=$(cri container "$pod" app docker.io/library/web:test sleep 1000)
	names_watch said 4096 cri="$CONTAINERD_SOCKET" containerd="$CONTAINERD_SOCKET"
	will_say said "container web containerd state=running" image=docker.io/library/web:test '\"tier\":\"front\"}'
	will_say said "container $pod cri state=running uid=0 pause" pod=cart-7d9f namespace=shop pod_uid=1111-2222 \
		addresses=10.85.0. 'pod_labels={\"app\":\"cart\"}' 'annotations={\"note\":\"hello\"}'
	will_say said "container $app cri state=running" name=app pod=cart-7d9f pod_id="$pod" addresses=10.85.0. \
		'pod_labels={\"app\":\"cart\"}'

	# A second one in the same pod, and a pod in the host's network, which has no address.
	other=$(cri container "$pod" side docker.io/library/web:test sleep 1000)
	will_say said "container $other cri state=running" name=side pod=cart-7d9f
	host=$(cri pod kube-system proxy 3333-4444 "/$DAEMON_CGROUP/pods" host)
	will_say said "container $host cri state=running uid=0 pause" pod=proxy namespace=kube-system
	grep "^container $host" said | grep -q addresses && fail "the host's network has no address of the pod's"
	cri stop "$other"
	will_say said "container $other cri state=ended"
	cri remove "$other"
	will_say said "gone $other"
	contain run -d --cgroup "/$DAEMON_CGROUP/late" docker.io/library/web:test late sleep 1000
	will_say said "container late containerd state=running"
	contain task kill -s KILL late
	will_say said "container late containerd state=ended"
	made said "$pod" "$app" "$host" web late
}

LIMIT[test_podman_containers_come_change_and_go]=120
test_podman_containers_come_change_and_go() {
	podman_start
	local old new
	old=$(pod_run --name old --label app=cart localhost/web:test sleep 1000)
	names_watch said 4096 podman="$PODMAN_SOCKET"
	will_say said "container $old podman state=running uid=0" name=old image=localhost/web:test '\"app\":\"cart\"' \
		addresses=10.88.0.

	new=$(pod_run --name new localhost/web:test sleep 1000)
	will_say said "$new podman state=created" name=new image=localhost/web:test
	will_say said "$new podman state=running" name=new pid="$(pod inspect -f '{{.State.Pid}}' new)"
	pod rename new newer
	will_say said "$new" name=newer
	pod kill newer >/dev/null
	will_say said "$new podman state=ended"
	made said "$old" "$new"
	pod start newer >/dev/null
	pod rm -f -t 0 newer >/dev/null
	will_say said "gone $new"
}
