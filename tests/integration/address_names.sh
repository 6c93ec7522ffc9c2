# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# address_names.sh - name-resolution blocks (--address-names): which addresses of a real dockerd's
# containers have a name in the file, and what Wireshark makes of it
. "$SOURCE/tests/integration/docker.sh" # its words

# All namespaces are captured, those of other runs' containers among them: none has our addresses.
NET=10.$((100 + RANDOM % 150)).$((RANDOM % 128))
OURS=10.$((100 + RANDOM % 150)).$((128 + RANDOM % 128))
docker_here() { docker_start --bip "$NET.1/24" "$@"; }
network_ours() { dock network create --subnet "$OURS.0/24" ours >/dev/null; }
sleeps() { dock run -d --name "$1" "${@:2}" web:test sleep 1000 >/dev/null; } # NAME [OPTION...]

# named FILE: its blocks, as "ADDRESS NAME ..." in one line
named() { pcapng "$1" names 2>/dev/null | cut -d ' ' -f 1,2 | sort | xargs; }
has_named() { [ "$(named "$1")" = "$(printf '%s %s\n' "${@:2}" | sort | xargs)" ]; } # FILE ADDRESS NAME ...
# will_name FILE ADDRESS NAME ...: in the end these, and no others
will_name() { eventually 20 has_named "$@" || fail "$1 names \"$(named "$1")\", not ${*:2}; $(cat "$1.log")"; }
still_names() { sleep 2; has_named "$@" || fail "$1 names \"$(named "$1")\", not ${*:2}"; }

# hosts FILE HOW ...: what tshark shows as the destination of what clients send
hosts() { tshark -r "$1" "${@:2}" -Y "tcp.dstport == $PORT" -T fields -e ip.dst_host | sort -u | xargs; }

seconds_of_life() { # NAME
	echo $(($(date +%s) - $(date +%s -d "$(dock inspect -f '{{.State.StartedAt}}' "$1")")))
}

# Only where it is asked for; there wherever names are resolved, and the packets are as ever.
LIMIT[test_where_it_is_asked_for]=120
test_where_it_is_asked_for() {
	local web client
	docker_here
	serve_web
	web=$(address_of web)
	capture_docker file --address-names
	capture_docker plain
	docker_run -d --name client "$(ports 20000)" -- client sh -c "$(bursts 5 "$web")';sleep 1000'" >/dev/null
	client=$(address_of client)
	will_name file "$web" web "$client" client
	docker_exec client sh -c "$(bursts 5 "$web")"
	capture_stop
	[ -z "$(named plain)" ] || fail "by default too: $(named plain)"
	expect_docker file "$PORT" "$WEB=web" "$(id_of client)=client=truth.client"
	capinfos file >/dev/null || fail "capinfos does not read it"
	# The first packets are older than the name: who reads the file a second time knows it there, too.
	[ "$(hosts file -2 -N n)" = web ] || fail "shown is $(hosts file -2 -N n)"
	[ "$(hosts file -N n)" = "$(printf '%s\n' "$web" web | sort | xargs)" ] || fail "as it is read, shown is $(hosts file -N n)"
	[ "$(hosts file -n)" = "$web" ] || fail "a name where none is wanted: $(hosts file -n)"
	[ "$(hosts plain -2 -N n)" = "$web" ] || fail "a name out of nowhere: $(hosts plain -2 -N n)"
	tshark -r file -N n -q -z hosts | grep -P "^$client\tclient$" || fail "not in the list of hosts"
}

# Also where packets say nothing of containers: they have the names of their addresses with this option, and not
# because a container was chosen by its name.
LIMIT[test_without_comments_of_containers]=120
test_without_comments_of_containers() {
	local web
	docker_here
	serve_web
	web=$(address_of web)
	capture_docker file --address-names --context process
	capture_docker chosen --container-name web --context process
	will_name file "$web" web
	TRUTH=$TEST_TMP/truth.none in_daemons "$BUILD/tests/traffic/brief" "$web" "$PORT" x
	capture_stop
	[ "$(said_of file "$web")" = "|web" ] || fail "packets say $(said_of file "$web")"
	[ "$(said_of chosen "$web")" = "|" ] || fail "by a choice of containers packets say $(said_of chosen "$web")"
}
# said_of FILE ADDRESS: the container, and what the address is called
said_of() { tshark -r "$1" -Y "ip.dst == $2 && ptcpdump.process" -T fields -E 'separator=|' -e ptcpdump.container -e ptcpdump.dst.name | sort -u; }

# Not before a container has lived for five seconds, since its last start.
LIMIT[test_young_container]=120
test_young_container() {
	local life again
	docker_here
	dock run --name again web:test sh -c 'test -e /old && exec sleep 1000; busybox touch /old'
	sleep 5
	dock start again >/dev/null
	capture_docker file --address-names
	again=$(address_of again)
	will_name file "$again" again
	life=$(seconds_of_life again)
	# The container lives a little longer than Docker says that it runs.
	[ "$life" -ge 4 ] || fail "named after $life s"
	figure "the restarted one after $life s"
	serve_web
	will_name file "$again" again "$(address_of web)" web
	life=$(seconds_of_life web)
	[ "$life" -ge 4 ] || fail "named after $life s"
	figure "the new one after $life s"
	capture_stop
}

# One that has it for a moment, then one that has it for long: the name would be the first one's too.
LIMIT[test_address_that_is_handed_on]=120
test_address_that_is_handed_on() {
	docker_here
	network_ours
	capture_docker file --address-names
	docker_run --rm --name first --network ours --ip "$OURS.9" -- first "$BUILD/tests/traffic/brief" "$OURS.1" "$PORT" || true # refused
	sleeps second --network ours --ip "$OURS.9"
	sleeps third --network ours --ip "$OURS.10"
	will_name file "$OURS.10" third
	still_names file "$OURS.10" third
	capture_stop
	[ "$(tshark -r file -Y "ip.src == $OURS.9" | wc -l)" -gt 0 ] || fail "nothing of the first one"
}

# A namespace that has a container's address when the capture begins, and one that sends from it later.
LIMIT[test_address_of_two_namespaces]=120
test_address_of_two_namespaces() {
	local web
	docker_here
	serve_web
	web=$(address_of web)
	network_ours
	netns a b c
	ip -n b addr add "$web/32" dev lo
	capture_docker file --address-names
	ip -n c addr add "$OURS.9/32" dev lo
	export TRUTH=$TEST_TMP/truth.none
	serve c tcp-server "$OURS.9" "$PORT"
	in_ns c "$BUILD/tests/traffic/brief" "$OURS.9" "$PORT"
	sleeps shared --network ours --ip "$OURS.9"
	sleeps alone --network ours --ip "$OURS.10"
	will_name file "$OURS.10" alone
	still_names file "$OURS.10" alone
	capture_stop
	# Else these were said to be the container's.
	[ "$(hosts file -2 -N n)" = "$OURS.9" ] || fail "shown is $(hosts file -2 -N n)"
}

# In the network of the host, or of another container, one has no address of its own.
LIMIT[test_networks_of_others]=120
test_networks_of_others() {
	local web
	docker_here
	serve_web
	web=$(address_of web)
	sleeps host --network host
	sleeps joined --network container:web
	sleep 5
	capture_docker file --address-names
	will_name file "$web" web
	still_names file "$web" web
	capture_stop
}

# dumpcap takes the block from the FIFO as it is: into a file, and for what tshark shows as it comes.
LIMIT[test_live_in_tshark]=120
test_live_in_tshark() {
	local web live shows tshark
	docker_here -H unix:///run/docker.sock
	serve_web
	web=$(address_of web)
	tshark=("${INTERRUPTIBLE[@]}" nsenter --target "$DAEMON_HOME" --net --mount
		tshark -i ptcpdump.any -o extcap.ptcpdump_any.addressnames:true -f "tcp port $PORT")
	"${tshark[@]}" -w "$PWD/file" >out 2>err &
	live=$!
	"${tshark[@]}" -l -N n -T fields -e ip.dst_host >shown 2>shown.err &
	shows=$!
	export TRUTH=$TEST_TMP/truth.none
	eventually 30 talk_until has_named file "$web" web || fail "the file names \"$(named file)\": $(cat err)"
	eventually 10 talk_until grep -qx web shown || fail "shown is $(sort -u shown | xargs): $(cat shown.err)"
	kill -INT "$live" "$shows"
	wait "$live" "$shows" || true
	[ "$(hosts file -2 -N n)" = web ] || fail "shown is $(hosts file -2 -N n)"
}
# dumpcap writes when there are packets.
talk_until() {
	in_daemons "$BUILD/tests/traffic/brief" "$(address_of web)" "$PORT"
	sleep 0.5
	"$@"
}
