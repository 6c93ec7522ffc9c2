# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# containers.sh - of which container a packet's owner is
#
# Containers here are cgroups as runtimes shape them, into which processes are moved before they
# become what they run, as a runtime does it. What is in which one, the programs say themselves.

WEB=36f0310403b1a1f0d1c3a2f4b5968778695a4b3c2d1e0f99887766554433abcd
CART=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
POD=8a1b2c3d-0a1b-2c3d-4e5f-0123456789ab

# cgroups_of HIERARCHY PATH: its folders, made; v1 is what Docker uses of it.
cgroups_of() {
	local root folder
	case $1 in
	v2) root=("$TEST_CGROUP") ;;
	v1) root=("$V1"/{memory,pids,devices}/"$(basename "$CGROUP")") ;;
	esac
	[ "$1" = v2 ] || [ -d "$V1/pids" ] || skip "no cgroup v1 here"
	for folder in "${root[@]}"; do
		mkdir -p "$folder$2"
		echo "$folder$2"
	done
}
V1=/sys/fs/cgroup

# in_container HIERARCHY PATH ID NS COMMAND...: its claims go to truth.ID
in_container() {
	local folders
	folders=$(cgroups_of "$1" "$2")
	TRUTH=$TEST_TMP/truth.$3 FOLDERS=$folders in_ns "$4" sh -c \
		'for folder in $FOLDERS; do echo $$ >"$folder/cgroup.procs"; done; exec "$@"' container "${@:5}"
}

# no_container HIERARCHY PATH: it has ended, and its cgroups go.
no_container() {
	local folder
	for folder in $(cgroups_of "$1" "$2"); do
		eventually 5 rmdir "$folder"
	done
}

talker() { echo "$PYTHON" "$TRAFFIC/talk.py" "$@"; }

# bursts N: so many processes of a millisecond, each a child of the container's shell.
bursts() { echo "i=0; while [ \$i -lt $1 ]; do '$BUILD/tests/traffic/brief' 10.77.0.2 8080 \$i; i=\$((i + 1)); done"; }

# stage: b has a server outside of all containers; $SERVER's claims are in truth.none
stage() {
	netns_pair a b
	TRUTH=$TEST_TMP/truth.none serve b tcp-server :: 8080
}

expect_containers() { # FILE ID... [OPTION...]
	local file=$1 answer words=()
	shift
	while [ $# -gt 0 ] && [[ $1 != --* ]]; do
		words+=("$1=$TEST_TMP/truth.$1")
		shift
	done
	answer=$($PYTHON "$TRAFFIC/check_containers.py" "$file" "${words[@]}" "$@") || {
		echo "$answer"
		fail "$(basename "$file"): $(tail -n 1 <<<"$answer")"
	}
	figure "$(basename "$file"): $(tail -n 1 <<<"$answer")"
}

# shaped HIERARCHY PATH ID [OPTION...]: one that is older than the capture, one that starts and
# starts children during it, one whose processes come as "docker exec" sends them; and strangers.
shaped() {
	stage
	# The capture will find it.
	# shellcheck disable=SC2046
	in_container "$1" "$2" "$3" a $(talker tcp-client 10.77.0.2 8080 --messages 3 --go $TEST_TMP/go) &
	local old=$!
	eventually 5 test -s "truth.$3" # it is connected
	capture a ptcpdump.any file
	touch go
	wait $old
	in_container "$1" "$2" "$3" a sh -c "$(bursts 40)"
	# shellcheck disable=SC2046
	TRUTH=$TEST_TMP/truth.none in_ns a $(talker tcp-client 10.77.0.2 8080)
	TRUTH=$TEST_TMP/truth.none in_ns a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	no_container "$1" "$2"
	in_container "$1" "$2" "$3" a sh -c "$(bursts 10)"
	capture_stop
	expect_containers file "$3" none "${@:4}"
}

test_docker_by_cgroupfs_v1() { shaped v1 "/docker/$WEB" $WEB; }
test_docker_by_systemd_v2() { shaped v2 "/system.slice/docker-$WEB.scope" $WEB; }
test_kubernetes_v2() {
	shaped v2 "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD//-/_}.slice/cri-containerd-$WEB.scope" $WEB --pod $POD
}
test_kubernetes_v1() { shaped v1 "/kubepods/burstable/pod$POD/$WEB" $WEB --pod $POD; }
test_podman_v2_with_a_cgroup_of_its_own_inside() { shaped v2 "/machine.slice/libpod-$WEB.scope/container" $WEB; }
test_docker_in_docker_v1() { shaped v1 "/docker/$CART/docker/$WEB" $WEB; }
test_an_init_that_makes_cgroups_v2() { shaped v2 "/docker/$WEB/system.slice/nginx.service" $WEB; }

# Ids that are not 64 digits are other people's.
test_other_peoples_cgroups() {
	stage
	capture a ptcpdump.any file
	in_container v2 "/process_api/${WEB:0:32}" none a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	in_container v2 "/machine.slice/libpod-conmon-$CART.scope" none a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	in_container v2 "/docker/$WEB" $WEB a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	capture_stop
	expect_containers file $WEB none
}

# A process that moves itself, and goes on as what it is.
test_moved_while_it_runs() {
	stage
	capture a ptcpdump.any file
	# shellcheck disable=SC2046
	TRUTH=$TEST_TMP/truth.$WEB spawn a $(talker tcp-client 10.77.0.2 8080 --messages 5 --go $TEST_TMP/go)
	eventually 5 test -s "truth.$WEB" # it is connected
	echo "$SPAWNED" >"$(cgroups_of v2 /docker/$WEB)/cgroup.procs"
	touch go
	wait $SPAWNED
	capture_stop
	# Its handshake was outside.
	expect_containers file $WEB --right 60
	[ "$(tshark -r file -Y 'ptcpdump.args contains "--go" && tcp.len > 0 && !ptcpdump.container' | wc -l)" = 0 ] ||
		fail "data was sent outside of the container"
}

# Two on one network, and two hooks missing: then the process's own records still tell.
test_without_the_hooks_of_cgroups() {
	stage
	capture a ptcpdump.any file --without cgroup-new,cgroup-gone
	in_container v2 "/docker/$WEB" $WEB a sh -c "$(bursts 5)"
	in_container v2 "/docker/$CART" $CART a sh -c "$(bursts 5)"
	capture_stop
	expect_containers file $WEB $CART
}

# Rootless Podman on v1: no cgroup, only namespaces; and a second process that joins them.
test_podman_without_a_cgroup() {
	stage
	cp "$(readlink -f $PYTHON)" conmon
	capture a ptcpdump.any file
	TRUTH=$TEST_TMP/truth.$WEB in_ns a ./conmon "$TRAFFIC/monitor.py" -c $WEB -n web -- sh -c "$(bursts 5)" || true
	TRUTH=$TEST_TMP/truth.none in_ns a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	capture_stop
	# The pid that a program knows is of its own namespace: its port tells whose packet it is.
	pcapng_says file "ContainerName: web" "ContainerId: $WEB" >said
	[ "$(sort -u said)" = "$(sed -n 's/.*"local": "\* \([0-9]*\)".*/\1/p' "truth.$WEB" | sort -u)" ] ||
		fail "ports $(sort -u said | xargs) were of the container"
}

# pcapng_says FILE LINE...: client ports of the packets whose owner is the client and whose comments have all lines
pcapng_says() {
	(cd "$TRAFFIC" && $PYTHON - "$TEST_TMP/$1" "${@:2}") <<-'END'
		import sys
		from frames import Frame
		from read_pcapng import File
		for packet in File(sys.argv[1]).packets:
		    lines = "\n".join(packet.comments).split("\n")
		    frame = Frame(packet.interface.linktype, packet.data)
		    if frame.proto == "tcp" and all(word in lines for word in sys.argv[2:]):
		        print(*{frame.sport, frame.dport} - {8080})
	END
}

# --- the network of a container -----------------------------------------------------------------

# What nobody in the container sends is still in its network: the kernel's answers, and what
# somebody from outside does there.
test_network_of_a_container() {
	stage
	in_container v2 "/docker/$WEB" $WEB a sleep 300 &
	eventually 5 sleeps
	capture a ptcpdump.any file
	in_container v2 "/docker/$WEB" $WEB a sh -c "$(bursts 3)"
	in_ns a ping -q -c 3 -i 0.1 10.77.0.2 >/dev/null
	in_ns b ping -q -c 3 -i 0.1 10.77.0.1 >/dev/null
	capture_stop
	tshark -r file -T fields -E 'separator=|' -e ptcpdump.container.by -e ptcpdump.container.id -e ptcpdump.comm -Y 'icmp || tcp' >said
	local line
	while IFS='|' read -r by id comm; do
		[ "$id" = $WEB ] || fail "a packet of the network is of \"$id\""
		case $by,$comm in
		,brief | network,*) ;;
		*) fail "named by \"$by\" for \"$comm\"" ;;
		esac
	done <said
	[ "$(grep -c ^network said)" -ge 12 ] || fail "$(grep -c ^network said) packets were named after the network"
	expect_containers file $WEB
}
sleeps() { grep -qs . "$TEST_CGROUP/docker/$WEB/cgroup.procs" && grep -lq sleep $(sed 's|.*|/proc/&/comm|' "$TEST_CGROUP/docker/$WEB/cgroup.procs"); }

# A container's source has both.
test_source_of_a_container() {
	stage
	in_container v2 "/docker/$WEB" $WEB a sleep 300 &
	eventually 5 sleeps
	capture b ptcpdump.container.${WEB:0:12} file
	in_container v2 "/docker/$WEB" $WEB a sh -c "$(bursts 3)"
	TRUTH=$TEST_TMP/truth.none talk b tcp-client 127.0.0.1 8080
	in_ns a ping -q -c 3 -i 0.1 10.77.0.2 >/dev/null
	in_ns b ping -q -c 3 -i 0.1 10.77.0.1 >/dev/null
	capture_stop
	tshark -r file -T fields -E 'separator=|' -e frame.interface_name -e ptcpdump.container.by -e ptcpdump.container.id -e _ws.col.Protocol >said
	grep -q "|network|$WEB|ICMP" said || fail "nothing of its network: $(cat said)"
	[ "$(grep -c 'ICMP$' said)" = 12 ] || fail "$(grep -c 'ICMP$' said) packets of ping in its network, not 12"
	! grep -v '|TCP$' said | grep -v "|$WEB|" || fail "packets of others"
	! grep '^lo' said || fail "somebody else's loopback"
	expect_containers file $WEB
}

# The machine's own network is no container's, and a neighbour's is not either.
test_network_of_others() {
	stage
	in_container v2 "/docker/$WEB" $WEB a sleep 300 &
	eventually 5 sleeps
	capture b ptcpdump.any file
	in_container v2 "/docker/$WEB" $WEB a sh -c "$(bursts 3)"
	in_ns b ping -q -c 3 -i 0.1 10.77.0.1 >/dev/null
	capture_stop
	! tshark -r file -Y 'ptcpdump.container' | grep . || fail "a packet in b is of a container"
}

# --- who is wanted ------------------------------------------------------------------------------

# wanted HIERARCHY CAPTURE-OPTION...: what one container sends, older than the capture, during it,
# and after a restart, from the first packet on; nothing of another one or of nobody's.
wanted() {
	local where=$1
	shift
	stage
	# shellcheck disable=SC2046
	in_container "$where" /docker/$WEB $WEB a $(talker tcp-client 10.77.0.2 8080 --messages 3 --go $TEST_TMP/go) &
	local old=$!
	# shellcheck disable=SC2046
	in_container "$where" /docker/$CART $CART a $(talker tcp-client 10.77.0.2 8080 --messages 3 --go $TEST_TMP/go) &
	local other=$!
	eventually 5 test -s truth.$WEB
	eventually 5 test -s truth.$CART
	capture a ptcpdump.any file "$@"
	touch go
	wait $old $other
	in_container "$where" /docker/$WEB $WEB a sh -c "$(bursts 20)"
	in_container "$where" /docker/$CART $CART a sh -c "$(bursts 20)"
	TRUTH=$TEST_TMP/truth.none in_ns a "$BUILD/tests/traffic/brief" 10.77.0.2 8080 x
	no_container "$where" /docker/$WEB
	in_container "$where" /docker/$WEB $WEB a sh -c "$(bursts 10)"
	capture_stop
	expect_containers file $WEB $CART none --only $WEB
}

# The first digits of an id must mean one: else nothing is captured, and the sentence says so.
test_digits_of_several_containers() {
	local other=${WEB:0:6}${CART:6}
	stage
	in_container v2 "/docker/$WEB" $WEB a sleep 30 &
	in_container v2 "/docker/$other" "$other" a sleep 30 &
	eventually 5 grep -qs . "$TEST_CGROUP/docker/$WEB/cgroup.procs"
	eventually 5 grep -qs . "$TEST_CGROUP/docker/$other/cgroup.procs"
	! in_ns a timeout 20 "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file --container-id "${WEB:0:6}" 2>said || fail "it captures"
	grep -q "cannot capture container \"${WEB:0:6}\": the ids of 2 containers" said || fail "it says: $(cat said)"
	capture a ptcpdump.any file --container-id "${WEB:0:7}"
	capture_stop
}

test_one_container_v1() { wanted v1 --container-id ${WEB:0:12}; }
test_one_container_v2() { wanted v2 --container-id $WEB; }
test_one_container_without_its_hooks() { wanted v2 --container-id ${WEB:0:12} --without cgroup-new,cgroup-gone; }
