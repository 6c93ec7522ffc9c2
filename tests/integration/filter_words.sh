# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# filter_words.sh - what a capture filter may be made of: names, a netmask, a second filter

# beside NAME INTERFACE EXPRESSION [OPTION...]: ours and tcpdump's, started
beside() {
	reference a "$2" "t$1" "$3"
	capture a "ptcpdump.if.$2" "f$1" --buffer-size 8 "${@:4}"
}

# --- names ---------------------------------------------------------------------------------------

# with_names: ours and tcpdump's look names up in etc/, and in no network.
with_names() {
	local program
	cp -a /etc etc
	cat >etc/hosts <<-END
		10.77.0.2 far.example
		fd77::2 far.example
		10.77.0.99 router.example
	END
	echo '02:00:00:00:00:0b router.example' >etc/ethers
	echo 'talknet 10.77.0.2' >etc/networks
	printf 'talking 5300/udp\ntalking 5300/tcp\nserving 8080/tcp\n' >etc/services
	echo 'nameserver 127.0.0.1' >etc/resolv.conf # where nobody answers
	mkdir bin
	for program in "$ENGINE" "$(command -v tcpdump)"; do
		cat >"bin/${program##*/}" <<-END
			#!/bin/sh
			exec "$SOURCE/tests/private" sh -c 'mount --bind "$PWD/etc" /etc && exec "\$@"' sh "$program" "\$@"
		END
		chmod +x "bin/${program##*/}"
	done
	ENGINE=$PWD/bin/${ENGINE##*/} PATH=$PWD/bin:$PATH
}

test_names_as_tcpdump() {
	local i expressions=(
		'host far.example'
		'dst host far.example and udp'
		'net talknet and tcp'
		'udp port talking'
		'portrange talking-serving'
		'tcp dst port serving'
		'ether host router.example and not arp'
		'ip proto \udp'
		'ether proto \ip6 and udp'
	)
	netns_pair a b
	ip -n b link set vb address 02:00:00:00:00:0b
	with_names
	serve b udp-server :: 5300
	serve b tcp-server :: 8080
	for ((i = 0; i < ${#expressions[@]}; i++)); do
		beside $i va "${expressions[i]}" --extcap-capture-filter "${expressions[i]}"
	done
	# What they stand for is asked for once, at the start.
	printf '10.77.0.1 router.example\n10.77.0.98 far.example\n' >etc/hosts
	talk a udp-client 10.77.0.2 5300 --messages 2
	talk a udp-client fd77::2 5300
	talk a tcp-client 10.77.0.2 8080
	capture_stop
	reference_stop
	for ((i = 0; i < ${#expressions[@]}; i++)); do
		echo "${expressions[i]}:"
		expect_same_packets "f$i" va "t$i"
	done
}
LIMIT[test_names_as_tcpdump]=120

# A name that nobody knows is told before the capture, and that of a machine's file is good.
test_names_that_are_unknown() {
	netns a
	with_names
	expect_sentence "\"host nosuch.example\" cannot be used: unknown host 'nosuch.example'" in_ns a "$ENGINE" --capture \
		--extcap-interface ptcpdump.any --fifo file --extcap-capture-filter 'host nosuch.example'
	expect_sentence "unknown port 'nosuch'" in_ns a "$ENGINE" --capture \
		--extcap-interface ptcpdump.any --fifo file --extcap-capture-filter 'port nosuch'
	in_ns a "$ENGINE" --extcap-interface ptcpdump.any --extcap-capture-filter 'host far.example and port talking' >answer
	[ ! -s answer ] || fail "$(cat answer)"
}

# Where this libpcap knows no gateways, its words are ours.
test_gateway_as_tcpdump() {
	netns_pair a b
	ip -n b link set vb address 02:00:00:00:00:0b
	with_names
	if ! in_ns a tcpdump -i va -d 'gateway router.example' >program 2>words; then
		expect_sentence "$(sed -n 's/^tcpdump: //p' words)" in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.if.va \
			--fifo file --extcap-capture-filter 'gateway router.example'
		return
	fi
	beside 0 va 'gateway router.example' --extcap-capture-filter 'gateway router.example'
	in_ns a ping -n -q -c 2 -i 0.1 10.77.0.2
	capture_stop
	reference_stop
	expect_same_packets f0 va t0
}

# --- the netmask ---------------------------------------------------------------------------------

# That of the one interface that is captured, as pcap-filter(7) says. tcpdump looks it up with -f alone, and then
# it and dumpcap take its bytes in the wrong order: what is asked beside us is the address.
test_broadcasts_of_one_interface() {
	netns_pair a b
	ip -n a addr del 10.77.0.1/24 dev va
	ip -n a addr add 10.77.0.1/24 broadcast + dev va
	ip -n a addr add 10.78.0.1/30 broadcast + dev va # a second one does not count
	serve b udp-server :: 5300
	reference a va t0 'ip[19] = 0 or ip[19] = 255'
	reference a va t1 'udp and not (ip[19] = 0 or ip[19] = 255)'
	capture a ptcpdump.if.va f0 --extcap-capture-filter 'ip broadcast'
	capture a ptcpdump.if.va f1 --extcap-capture-filter 'udp and not ip broadcast'
	in_ns a ping -n -q -b -c 2 -i 0.2 -W 1 10.77.0.255 || true
	in_ns a ping -n -q -b -c 1 -W 1 10.78.0.3 || true
	in_ns a ping -n -q -c 1 10.77.0.2
	talk a udp-client 10.77.0.2 5300
	capture_stop
	reference_stop
	expect_same_packets f0 va t0
	expect_same_packets f1 va t1
	[ "$(pcapng f0 packets)" = 2 ] || fail "$(pcapng f0 packets) broadcasts, not 2"
}

# Of many interfaces there is not one netmask.
test_broadcasts_of_many_interfaces() {
	netns a
	expect_sentence 'needs the netmask of one interface' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file \
		--extcap-capture-filter 'ip broadcast'
	in_ns a "$ENGINE" --extcap-interface ptcpdump.any --extcap-capture-filter 'ip broadcast' >answer
	grep -q 'needs the netmask of one interface' answer || fail "the check says $(cat answer)"
	in_ns a "$ENGINE" --extcap-interface ptcpdump.if.lo --extcap-capture-filter 'ip broadcast' >answer
	[ ! -s answer ] || fail "the check says of lo: $(cat answer)"
}

# --- two filters ---------------------------------------------------------------------------------

# The one of the dialog and Wireshark's field.
test_both_filters_hold() {
	netns_pair a b
	serve b udp-server :: 5300
	beside 0 va 'udp and not dst port 5300' --capture-filter udp --extcap-capture-filter 'not dst port 5300'
	beside 1 va 'tcp or udp' --capture-filter 'tcp or udp'
	beside 2 va '(ip or arp) and (udp or arp)' --capture-filter 'ip or arp' --extcap-capture-filter 'udp or arp'
	talk a udp-client 10.77.0.2 5300 --messages 2
	talk a udp-client fd77::2 5300
	capture_stop
	reference_stop
	local i
	for i in 0 1 2; do
		expect_same_packets f$i va t$i
	done
	[ "$(tshark -r f0 -Y 'udp.dstport == 5300' | wc -l)" = 0 ] || fail "$(tshark -r f0)"
	[ "$(capinfos f0 | sed -n 's/.*Filter string = //p' | sort -u)" = '(not dst port 5300) and (udp)' ] || fail "$(capinfos f0)"
	grep -q "must match two filters.*: (not dst port 5300) and (udp)" f0.log || fail "the log does not tell: $(cat f0.log)"
	! grep -q "must match two" f1.log || fail "there is one: $(cat f1.log)"
}

# Behind "vlan" libpcap looks into the packet inside: so each means what it means alone.
test_tags_are_asked_for_last() {
	netns_pair a b
	serve b udp-server :: 5300
	beside 0 va 'not host 10.99.0.1 and vlan 42' --extcap-capture-filter 'vlan 42' --capture-filter 'not host 10.99.0.1'
	beside 1 va 'not host 10.99.0.1 and vlan 42' --extcap-capture-filter 'not host 10.99.0.1' --capture-filter 'vlan 42'
	in_ns a $PYTHON "$TRAFFIC/forge.py" vlan va 20
	talk a udp-client 10.77.0.2 5300
	capture_stop
	reference_stop
	expect_same_packets f0 va t0
	expect_same_packets f1 va t1
	[ "$(pcapng f0 packets)" = 20 ] || fail "$(pcapng f0 packets) packets"
	expect_sentence 'both look inside' in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file \
		--extcap-capture-filter 'vlan 42' --capture-filter 'vlan and udp'
}

# Each is right by itself, or is named.
test_two_filters_of_which_one_is_wrong() {
	netns a
	local capture=(in_ns a "$ENGINE" --capture --extcap-interface ptcpdump.any --fifo file)
	expect_sentence "the dialog's capture filter .--capture-filter. \"tcp prt 80\" cannot be used: .*syntax error" \
		"${capture[@]}" --capture-filter 'tcp prt 80'
	expect_sentence "the dialog's capture filter .*\"tcp\) or \(udp\" cannot be used: .*syntax error" \
		"${capture[@]}" --extcap-capture-filter icmp --capture-filter 'tcp) or (udp'
	expect_sentence "the capture filter \"tcp\) or \(udp\" cannot be used: .*syntax error" \
		"${capture[@]}" --extcap-capture-filter 'tcp) or (udp' --capture-filter icmp
	expect_sentence "the capture filter and the dialog's together .*rejects all packets" \
		"${capture[@]}" --extcap-capture-filter arp --capture-filter 'ip'
}

# As Wireshark saves it under a source's name, and as it is typed beside it.
test_both_filters_of_tshark() {
	netns_pair a b
	serve b udp-server :: 5300
	spawn a tshark -i ptcpdump.if.va -f udp -o 'extcap.ptcpdump_if_va.capturefilter:not dst port 5300' -w file 2>tshark.err
	eventually 20 an_engine_captures || fail "$(cat tshark.err)"
	sleep 0.5
	in_ns a ping -n -q -c 1 10.77.0.2
	talk a udp-client 10.77.0.2 5300 --messages 3
	eventually 10 three_answers
	kill -INT "$SPAWNED"
	wait "$SPAWNED" || fail "status $?: $(cat tshark.err)"
	three_answers || fail "no answers: $(tshark -r file)"
	[ "$(tshark -r file -Y 'udp.srcport != 5300 or !udp' | wc -l)" = 0 ] || fail "others: $(tshark -r file)"
}
three_answers() { [ "$(tshark -r file -Y 'udp.srcport == 5300' 2>/dev/null | wc -l)" -ge 3 ]; }
