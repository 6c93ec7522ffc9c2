# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# pods.sh - pods of a real containerd, as a kubelet makes them: what their packets say, and who is wanted
#
# In them run the tests' own programs: the machine's root is mounted at /host.
. "$SOURCE/tests/runtimes/daemons.sh"

IMAGE=docker.io/library/web:test

# ports FIRST: a pod's clients' own thousand, for a client is known by its port
ports() { echo "%net.ipv4.ip_local_port_range=$1 $(($1 + 999))"; }

# pod_new NAMESPACE NAME UID [WORD...]: see cri.py; below a cgroup such as a kubelet's
pod_new() { cri pod "$1" "$2" "$3" "/$DAEMON_CGROUP/kubepods/besteffort/pod$3" "${@:4}"; }

# run_in POD NAME COMMAND...: a container that runs COMMAND as NAME.end tells; its claims go to truth.NAME, and which
# network namespace it is in to net.NAME
run_in() {
	cri container "$1" "$2" $IMAGE busybox chroot /host env TRUTH="$TEST_TMP/truth.$2" \
		sh -c "readlink /proc/self/ns/net >$TEST_TMP/net.$2; ${*:3}"
}
ended() { # NAME...
	local name
	for name; do
		eventually 20 test -e "$name.end" || fail "$name does not end"
	done
}
bursts() { echo "i=0; while [ \$i -lt $2 ]; do $BUILD/tests/traffic/brief $1 $PORT \$i; i=\$((i + 1)); done"; }

# The address that the bridge plugin has given to a pod.
address_of() { basename "$(grep -l "$1" "$TEST_TMP"/ipam/test/10.*)"; }

# serve_cart UID: the pod shop/cart, whose container web listens at $PORT; $CART is its address
serve_cart() {
	rm -f ready
	POD=$(pod_new shop cart "$1" app=cart 'tier=front "1"' @note=hello '@kubectl.kubernetes.io/last-applied-configuration={}' "$(ports 20000)")
	WEB=$(run_in "$POD" web "exec $PYTHON $TRAFFIC/talk.py tcp-server :: $PORT --ready $TEST_TMP/ready")
	eventually 10 test -e ready || fail "web does not start"
	CART=$(address_of "$POD")
}
end_pod() { cri stop-pod "$1"; cri remove-pod "$1"; }

capture_pods() { # SOURCE FILE [OPTION...]
	[ -e /run/netns/a ] || netns a
	capture a "$1" "$2" --netns all --extcap-capture-filter "tcp port $PORT or (icmp and net 10.85.0.0/16)" --docker-address none --podman-address none \
		--containerd-address "$CONTAINERD_SOCKET" --cri-runtime-address "$CONTAINERD_SOCKET" "${@:3}"
	eventually 10 have_told "$2.log"
}

expect_pods() { # FILE SERVER=NAME CLIENT=NAME=TRUTH...
	local answer
	answer=$($PYTHON "$TRAFFIC/check_docker.py" "$1" "$PORT" "${@:2}") || {
		echo "$answer"
		fail "$(tail -n 1 <<<"$answer")"
	}
	figure "$1: $(tail -n 1 <<<"$answer")"
}

# read_words FILE: what is asked below, in one go
read_words() {
	tshark -r "$1" -E 'separator=|' -T fields -e tcp.port -e ip.dst -e ptcpdump.dst.name -e ptcpdump.container.id -e ptcpdump.container.by \
		-e frame.interface_name -e ptcpdump.pod.namespace -e ptcpdump.pod.name -e ptcpdump.pod.uid -e ptcpdump.pod.label -e ptcpdump.pod.annotation >"$1.words"
}

# says FILE CONTAINER WANTED: the one thing that all packets of this container say of its pod
says() {
	local said
	said=$(grep -F "|$2|" "$1.words" | cut -d '|' -f 7- | sort -u)
	[ "$said" = "$3" ] || fail "of its pod $2 says: $said"
}

# of_ports FILE FIRST [NETNS]: how many packets a pod's clients have, on all interfaces or on those of one namespace
of_ports() {
	awk -F '[|,]' -v first="$2" -v there="${3:+@$3}" '
		{ of = ($1 >= first && $1 < first + 1000) || ($2 >= first && $2 < first + 1000) }
		of && index($7, there) { n++ }
		END { print n + 0 }' "$1.words"
}
CART_SAYS='app=cart,tier=front "1"|note=hello'

# What all packets say of whose they are.
expect_said() {
	expect_pods file "$OLD=web" "$ONE=one=truth.one" "$TWO=two=truth.two" "$SIDE=side=truth.side" "$PROXY=proxy=truth.proxy" none=-=truth.none
	expect_pods file "$WEB=web" "$LATE=late=truth.late"
	says file "$OLD" "shop|cart|1111-2222|$CART_SAYS"
	says file "$WEB" "shop|cart|7777-8888|$CART_SAYS"
	says file "$SIDE" "shop|cart|1111-2222|$CART_SAYS"
	says file "$ONE" 'shop|buyer|3333-4444||'
	says file "$TWO" 'shop|buyer|3333-4444||'
	says file "$PROXY" 'kube-system|proxy|5555-6666||'
	# The kernel's own answers are its network's, whose oldest process is the pause.
	says file "$OLD_POD" "shop|cart|1111-2222|$CART_SAYS"
	grep -q "^|.*|network|[^|]*|shop|cart|" file.words || fail "pings are of nobody's network"
	[ "$(awk -F '|' -v cart="$CART" '$1 && $2 == cart { print $3 }' file.words | sort -u)" = cart.shop ] || fail "the address has another name"
}

# same_number FILE FIRST NETNS: in the pod's own network those that are wanted are all that there were. On interfaces
# elsewhere most are: its end is not always known there, as of what comes when its process has ended.
same_number() {
	local all own
	all=$(of_ports file "$2" "$3") own=$(of_ports "$1" "$2" "$3")
	[ "$all" -gt 0 ] || fail "there is nothing of $2 in $3"
	[ "$own" = "$all" ] || fail "$1 has $own of $2, not $all"
	all=$(of_ports file "$2") own=$(of_ports "$1" "$2")
	[ $((own * 10)) -ge $((all * 8)) ] || fail "$1 has $own of $2 on all interfaces, not $all"
	figure "$1: $own of $all of $2 on all interfaces"
}
net_of() { tr -cd 0-9 <"net.$1"; }

# A pod that is older, one of two containers that comes, what is executed, the host's network, a
# pod that is made anew under its name: everybody's, those of a pod that is there, of one to come.
LIMIT[test_pods_of_containerd]=120
test_pods_of_containerd() {
	local pod file
	containerd_start
	serve_cart 1111-2222
	OLD=$WEB OLD_POD=$POD OLD_NET=$(net_of web)
	capture_pods ptcpdump.any file
	capture_pods ptcpdump.any buyer --pod-name buyer.shop
	capture_pods ptcpdump.pod.shop.cart cart
	pod=$(pod_new shop buyer 3333-4444 "$(ports 25000)")
	ONE=$(run_in "$pod" one "$(bursts "$CART" 30); touch $TEST_TMP/one.end")
	TWO=$(run_in "$pod" two "$(bursts "$CART" 30); touch $TEST_TMP/two.end")
	SIDE=$(run_in "$POD" side sleep 1000)
	cri exec "$SIDE" busybox chroot /host env TRUTH="$TEST_TMP/truth.side" sh -c "$(bursts 127.0.0.1 20)"
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" "$CART" "$PORT" x
	in_daemons ping -q -c 2 -i 0.1 "$CART" >/dev/null
	PROXY=$(run_in "$(pod_new kube-system proxy 5555-6666 host)" proxy "$(bursts "$CART" 20); touch $TEST_TMP/proxy.end")
	ended one two proxy
	end_pod "$POD"
	serve_cart 7777-8888
	LATE=$(run_in "$(pod_new shop late 9999-0000 "$(ports 30000)")" late "$(bursts "$CART" 20); touch $TEST_TMP/late.end")
	ended late
	capture_stop

	for file in file buyer cart; do
		read_words $file
	done
	expect_said
	expect_pods buyer "$OLD=web" "$ONE=one=truth.one" "$TWO=two=truth.two"
	same_number buyer 25000 "$(net_of one)"
	[ "$(grep -c '^[0-9]' buyer.words)" = "$(of_ports buyer 25000)" ] || fail "others' packets with buyer's"
	expect_pods cart "$OLD=web" "$ONE=one=truth.one" "$TWO=two=truth.two" "$SIDE=side=truth.side" none=-=truth.none
	expect_pods cart "$WEB=web" "$LATE=late=truth.late"
	same_number cart 20000 "$OLD_NET"
	same_number cart 25000 "$OLD_NET"
	same_number cart 30000 "$(net_of web)"
}

# What runs is in the list and in the dialog: pods, and containers by their ids, but no pod's pause; one of ctr's goes
# by its name, which is its id.
LIMIT[test_list_of_pods]=120
test_list_of_pods() {
	local pod ended
	containerd_start
	in_daemons ln -s /run/c.sock /run/containerd/containerd.sock
	serve_cart 1111-2222
	pod=$(pod_new kube-system proxy 5555-6666 host)
	ended=$(pod_new shop ended 3333-4444)
	cri stop-pod "$ended"
	contain run -d --cgroup "/$DAEMON_CGROUP/web" docker.io/library/web:test ctrs sleep 1000
	sort >wanted <<-END
		ptcpdump.container Another container
		ptcpdump.container.${WEB:0:12} web, $IMAGE, cri
		ptcpdump.container.ctrs ctrs, $IMAGE, containerd
		ptcpdump.pod Another pod
		ptcpdump.pod.kube-system.proxy kube-system/proxy
		ptcpdump.pod.shop.cart shop/cart
	END
	# The list waits a quarter of a second for a runtime; what one has said by then the next list has.
	eventually 20 list_has wanted || fail "the list is another one: $(diff wanted said)"
	eventually 20 dialog_has "{value=cart.shop}{display=shop/cart}" || fail "not in the dialog: $(cat dialog)"
	! grep -e ended -e "$pod" dialog || fail "something else is offered"
}
list_has() {
	in_daemons "$ENGINE" --extcap-interfaces >list
	sed -n 's/.*{value=\(ptcpdump\.[cp]o[^}]*\)}{display=\([^}]*\)}.*/\1 \2/p' list | sort >said
	[ -z "$(uniq -d said)" ] || fail "twice in the list: $(uniq -d said)"
	diff "$1" said >/dev/null
}
dialog_has() {
	in_daemons "$ENGINE" --extcap-config --extcap-interface ptcpdump.pod >dialog
	grep -qF "$1" dialog
}

# A pod's address is called as in Kubernetes; one in the host's network has none of its own.
LIMIT[test_name_of_a_pods_address]=120
test_name_of_a_pods_address() {
	containerd_start
	serve_cart 1111-2222
	run_in "$(pod_new kube-system proxy 5555-6666 host)" proxy "sleep 1000" >/dev/null
	netns a
	# Not all namespaces: other runs' pods have the same addresses.
	capture a ptcpdump.any file --netns "/proc/$DAEMON_HOME/ns/net" --extcap-capture-filter "tcp port $PORT" --address-names \
		--docker-address none --podman-address none --containerd-address "$CONTAINERD_SOCKET" --cri-runtime-address "$CONTAINERD_SOCKET"
	eventually 20 grep -q 'have a name' file.log || fail "none in 20 s: $(cat file.log)"
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" "$CART" "$PORT" x
	capture_stop
	[ "$(pcapng file names | cut -d ' ' -f 1,2 | xargs)" = "$CART cart.shop" ] || fail "named are $(pcapng file names)"
	[ "$(tshark -r file -2 -N n -Y "tcp.dstport == $PORT" -T fields -e ip.dst_host | sort -u)" = cart.shop ] || fail "tshark does not show it"
}
