# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# docker.sh - a real dockerd's containers: ids and names on their packets, whoever talks to whom
#
# In them run the tests' own programs: the machine's root is mounted at /host.
. "$SOURCE/tests/runtimes/daemons.sh"

# runs TRUTH COMMAND...: the words that run a command of ours in a container
runs() { echo "web:test busybox chroot /host env TRUTH=$TEST_TMP/truth.$1 ${*:2}"; }
bursts() { echo "'i=0; while [ \$i -lt $1 ]; do $BUILD/tests/traffic/brief $2 $PORT \$i; i=\$((i + 1)); done'"; }

# in_container OPTION... -- TRUTH COMMAND...: as docker run, its command through a shell
docker_run() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	eval "dock run -v /:/host ${options[*]} $(runs "${@:2}")"
}

# ports FIRST: its clients' own thousand, for a client is known by its port
ports() { echo "--sysctl net.ipv4.ip_local_port_range='$1 $(($1 + 999))'"; }

# docker_exec NAME COMMAND...
docker_exec() { eval "dock exec $1 busybox chroot /host env TRUTH=$TEST_TMP/truth.$1 ${*:2}"; }

# serve_web OPTION...: the container web, which listens at $PORT; $WEB is its id
serve_web() {
	rm -f "$TEST_TMP/ready"
	WEB=$(docker_run -d --name web "$@" -- web "$PYTHON $TRAFFIC/talk.py tcp-server :: $PORT --ready $TEST_TMP/ready")
	eventually 10 test -e "$TEST_TMP/ready" || fail "web does not start: $(dock logs web)"
}
address_of() { dock inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
id_of() { dock inspect -f '{{.Id}}' "$1"; }

capture_docker() { # FILE [OPTION...]; $ALSO is a filter for more than the server's port
	[ -e /run/netns/a ] || netns a
	# Other runs on this machine send millions, and what no reader of packets understands.
	capture a ptcpdump.any "$1" --netns all --extcap-capture-filter "tcp port $PORT${ALSO:+ or ($ALSO)}" --docker-address "$DOCKER_SOCKET" --podman-address none \
		--containerd-address none --cri-runtime-address none "${@:2}"
	eventually 10 have_told "$1.log"
}

expect_docker() {
	local answer
	answer=$($PYTHON "$TRAFFIC/check_docker.py" "$@") || {
		echo "$answer"
		fail "$(tail -n 1 <<<"$answer")"
	}
	figure "$(tail -n 1 <<<"$answer")"
}

# What is older, what comes, what is executed in it, what starts once more; hundreds of processes of
# a millisecond.
LIMIT[test_default_network]=120
test_default_network() {
	docker_start
	serve_web --label app=cart
	local web
	web=$(address_of web)
	capture_docker file
	docker_run -d --name client "$(ports 20000)" -- client sh -c "$(bursts 100 "$web")" >/dev/null
	dock wait client >/dev/null
	docker_run -d --name other "$(ports 25000)" -- other sleep 100 >/dev/null
	docker_exec other sh -c "$(bursts 50 "$web")"
	dock start client >/dev/null
	dock wait client >/dev/null
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" "$web" $PORT x
	capture_stop
	expect_docker file $PORT "$WEB=web" "$(id_of client)=client=truth.client" "$(id_of other)=other=truth.other" "none=-=truth.none"
	[ "$(tshark -r file -Y 'ptcpdump.container.label == "app=cart" && ptcpdump.container.image == "web:test"' | head -n 1)" ] ||
		fail "no label, or no image"
	# Whoever the owner is, the addresses have names.
	[ "$(tshark -r file -Y "ip.dst == $web && tcp.dstport == $PORT" -T fields -e ptcpdump.dst.name | sort -u)" = web ] ||
		fail "web's address is called $(tshark -r file -Y "ip.dst == $web" -T fields -e ptcpdump.dst.name | sort -u | xargs)"
	[ "$(tshark -r file -Y "ip.src == $web && tcp.srcport == $PORT" -T fields -e ptcpdump.src.name | sort -u)" = web ] || fail "as a source it is not"
}

# Its name server is dockerd, in the container's network but in no container.
LIMIT[test_own_network_and_its_name_server]=120
test_own_network_and_its_name_server() {
	docker_start
	dock network create ours >/dev/null
	serve_web --network ours
	ALSO='udp and host 127.0.0.11' capture_docker file
	docker_run -d --name client --network ours -- client sh -c "$(bursts 20 "$(address_of web)")" >/dev/null
	dock wait client >/dev/null
	docker_run -d --name asks --network ours -- asks sleep 100 >/dev/null
	dock exec asks busybox nslookup web 127.0.0.11 >asked || true
	grep -q "$(address_of web)" asked || fail "no answer: $(cat asked)"
	capture_stop
	expect_docker file $PORT "$WEB=web" "$(id_of client)=client=truth.client"
	tshark -r file -Y 'ip.addr == 127.0.0.11 && udp' -T fields -E 'separator=|' -e ptcpdump.comm -e ptcpdump.container.by -e ptcpdump.container.name >said
	grep -q '^dockerd|network|asks$' said || fail "dockerd's answers: $(sort -u said)"
	grep -q '^busybox||asks$' said || fail "the questions: $(sort -u said)"
	! grep -v '|asks$' said || fail "not of the container"
}

# By NAT from an address of the host, and by docker-proxy from its loopback.
LIMIT[test_published_port]=120
test_published_port() {
	docker_start
	serve_web -p $PORT:$PORT
	capture_docker file
	for i in 1 2 3 4 5; do
		TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" 172.17.0.1 $PORT "$i"
		TRUTH=$TEST_TMP/truth.local in_daemons "$BUILD/tests/traffic/brief" 127.0.0.1 $PORT "$i"
	done
	capture_stop
	expect_docker file $PORT "$WEB=web" none=-=truth.none
	expect_docker file $PORT none=- none=-=truth.local
}

# The daemon's network is no container's, whoever has a process there.
LIMIT[test_host_network]=120
test_host_network() {
	docker_start
	serve_web --network host
	ALSO='icmp and host 127.0.0.1' capture_docker file
	docker_run --rm --name client --network host -- none true
	docker_run -d --name client --network host -- client sh -c "$(bursts 20 127.0.0.1)" >/dev/null
	dock wait client >/dev/null
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" 127.0.0.1 $PORT x
	in_daemons ping -q -c 2 -i 0.1 127.0.0.1 >/dev/null
	capture_stop
	expect_docker file $PORT "$WEB=web" "$(id_of client)=client=truth.client" none=-=truth.none
	! tshark -r file -Y 'ptcpdump.container.by && ip.addr == 127.0.0.1' | grep . || fail "the daemon's network was given to a container"
}

# By a name that nobody has yet: from the first packet on, at the next start too, and nobody else's.
LIMIT[test_wanted_by_name]=120
test_wanted_by_name() {
	docker_start
	serve_web
	local web
	web=$(address_of web)
	docker_run -d --name other "$(ports 25000)" -- other sleep 100 >/dev/null
	capture_docker file --container-name client
	capture_docker image --container-name web
	docker_run -d --name client "$(ports 20000)" -- client sh -c "$(bursts 20 "$web")" >/dev/null
	dock wait client >/dev/null
	docker_exec other sh -c "$(bursts 20 "$web")"
	dock start client >/dev/null
	dock wait client >/dev/null
	capture_stop
	expect_docker file $PORT "$WEB=web" "$(id_of client)=client=truth.client"
	expect_docker image $PORT "$WEB=web" "$(id_of client)=client=truth.client" "$(id_of other)=other=truth.other"
	[ "$(tshark -r file -Y "tcp && !(ptcpdump.container.name == \"client\") && !(ptcpdump.peer.comm == \"brief\")" | wc -l)" = 0 ] ||
		fail "others' packets"
}

# In the host's network that is the container's packets alone, also where several are wanted.
LIMIT[test_wanted_in_the_hosts_network]=120
test_wanted_in_the_hosts_network() {
	local name others
	docker_start
	serve_web
	capture_docker file --container-name one,two
	for name in one other two; do
		docker_run -d --name $name --network host -- $name sh -c "$(bursts 10 "$(address_of web)")';sleep 1000'" >/dev/null
		eventually 20 has_lines "truth.$name" 10 || fail "$name is not heard"
	done
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" "$(address_of web)" $PORT x
	in_daemons ping -q -c 2 -i 0.1 "$(address_of web)" >/dev/null
	capture_stop
	expect_docker file $PORT "$WEB=web" "$(id_of one)=one=truth.one" "$(id_of two)=two=truth.two"
	others=$(sed -n 's/.*"local": "\* \([0-9]*\)".*/\1/p' truth.other truth.none | paste -sd,)
	[ "$(tshark -r file -Y "tcp.port in {$others} || !tcp" | wc -l)" = 0 ] || fail "others' packets"
}

has_lines() { [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

# Many that live for a tenth of a second, each with its name from its first packet on.
LIMIT[test_many_short_ones]=120
test_many_short_ones() {
	local i web words=()
	docker_start
	serve_web
	web=$(address_of web)
	capture_docker file
	for i in 1 2 3 4 5 6 7 8 9 10; do
		docker_run --name "short$i" "$(ports $((20000 + i * 1000)))" -- "short$i" "$BUILD/tests/traffic/brief" "$web" $PORT "$i"
		words+=("$(id_of "short$i")=short$i=truth.short$i")
	done
	capture_stop
	expect_docker file $PORT "$WEB=web" "${words[@]}"
}

# Five hundred processes of milliseconds; the web's processes seen from another container; a container
# whose cgroup is below another's, as in Docker in Docker; one that gets another name.
LIMIT[test_many_processes_shared_pids_nested_renamed]=120
test_many_processes_shared_pids_nested_renamed() {
	local web
	docker_start
	serve_web
	web=$(address_of web)
	capture_docker file
	docker_run -d --name many "$(ports 20000)" -- many sh -c "$(bursts 500 "$web")" >/dev/null
	docker_run -d --name shared --pid container:web "$(ports 25000)" -- shared sh -c "$(bursts 30 "$web")" >/dev/null
	docker_run -d --name inner --cgroup-parent "/$DAEMON_CGROUP/docker/$WEB/docker" "$(ports 30000)" -- inner sh -c "$(bursts 30 "$web")" >/dev/null
	docker_run -d --name was "$(ports 35000)" -- was sleep 100 >/dev/null
	docker_exec was sh -c "$(bursts 20 "$web")"
	dock rename was is
	docker_exec is sh -c "$(bursts 20 "$web")"
	dock wait many shared inner >/dev/null
	capture_stop
	expect_docker file "$PORT" "$WEB=web" "$(id_of many)=many=truth.many" "$(id_of shared)=shared=truth.shared" \
		"$(id_of inner)=inner=truth.inner" "$(id_of is)=was/is=truth.was" "$(id_of is)=was/is=truth.is"
}

# Where runc sees no cgroup2, version 1 alone tells.
LIMIT[test_cgroups_of_version_1_alone]=120
test_cgroups_of_version_1_alone() {
	[ -d /sys/fs/cgroup/unified ] && [ -d /sys/fs/cgroup/pids ] || lack "no cgroup v1 beside v2 here"
	local web
	daemon home sleep 1000
	in_daemons umount /sys/fs/cgroup/unified
	docker_start
	serve_web
	! grep "^0::.*$WEB" "/proc/$(dock inspect -f '{{.State.Pid}}' web)/cgroup" || fail "the container has a cgroup of version 2"
	web=$(address_of web)
	capture_docker file
	capture_docker client --container-name client
	docker_run -d --name client "$(ports 20000)" -- client sh -c "$(bursts 30 "$web")" >/dev/null
	dock wait client >/dev/null
	capture_stop
	expect_docker file "$PORT" "$WEB=web" "$(id_of client)=client=truth.client"
	expect_docker client "$PORT" "$WEB=web" "$(id_of client)=client=truth.client"
}

# capture_as GROUP FILE: the engine as an ordinary user of this group, with what the package gives it
capture_as() {
	[ -e engine ] || { cp "$ENGINE" engine && chmod 755 engine && setcap cap_bpf,cap_perfmon,cap_net_admin=p engine; }
	install -d -m 777 users
	spawn a setpriv --reuid 65534 --regid 65534 --groups "$1" --inh-caps=-all "$PWD/engine" --capture --extcap-interface ptcpdump.any \
		--fifo "$PWD/users/$2" --log-file "$PWD/users/$2.log" --log-level info --netns all --extcap-capture-filter "tcp port $PORT" \
		--docker-address "$DOCKER_SOCKET" --podman-address none --containerd-address none --cri-runtime-address none 2>"$2.err"
	CAPTURES[$2]=$SPAWNED
	eventually 10 grep -qs capturing "users/$2.log" || fail "$2 does not capture: $(cat "$2.err" "users/$2.log")"
	eventually 10 have_told "users/$2.log"
}

# Who may ask Docker has names; who may only capture has ids, and a sentence; others have nothing.
LIMIT[test_named_for_whom]=120
test_named_for_whom() {
	need setcap setpriv
	local web client
	docker_start -G 4322
	serve_web
	web=$(address_of web)
	capture_docker root
	capture_as 4322 docker
	capture_as 65534 wireshark
	docker_run -d --name client "$(ports 20000)" -- client sh -c "$(bursts 20 "$web")" >/dev/null
	dock wait client >/dev/null
	capture_stop
	client=$(id_of client)
	expect_docker root "$PORT" "$WEB=web" "$client=client=truth.client"
	expect_docker users/docker "$PORT" "$WEB=web" "$client=client=truth.client"
	expect_docker users/wireshark "$PORT" "$WEB=" "$client==truth.client"
	grep -q "does not let us in.*adduser" users/wireshark.log || fail "nobody says what to do: $(cat users/wireshark.log)"
	chmod 750 engine
	! setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env "$PWD/engine" --version >/dev/null 2>&1 || fail "nobody may start it"
}

# What runs is in the list and in the dialog, the youngest first; an ended one is in neither.
LIMIT[test_list_of_containers]=120
test_list_of_containers() {
	docker_start -H unix:///run/docker.sock
	serve_web
	sleep 1.1 # Docker tells in seconds when it was made
	dock run -d --name 'younger' web:test sleep 100 >/dev/null
	dock run --name ended web:test true
	# It waits for a quarter of a second, and then has what was said last.
	eventually 10 list_has younger || fail "not there: $(cat list)"
	grep '{value=ptcpdump.container' list >containers || fail "none: $(cat list)"
	sed -n 's/.*{value=\([^}]*\)}{display=\([^}]*\)}.*/\1 \2/p' containers >said
	printf '%s\n' "ptcpdump.container.$(id_of younger | head -c 12) younger, web:test, docker" \
		"ptcpdump.container.${WEB:0:12} web, web:test, docker" "ptcpdump.container Another container" >wanted
	diff wanted said || fail "the list is another one"
	eventually 10 dialog_has "{value=$WEB}{display=web, web:test, docker}" || fail "not in the dialog: $(cat dialog)"
	! grep ended dialog || fail "an ended one is offered"
}
dialog_has() {
	in_daemons "$ENGINE" --extcap-config --extcap-interface ptcpdump.container >dialog
	grep -qF "$1" dialog
}
list_has() {
	in_daemons "$ENGINE" --extcap-interfaces >list
	grep -q "$1" list
}
