# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# files.sh - what we write, other programs read, and it passes through dumpcap and editcap whole

some_packets() {
	netns_pair a b
	serve b udp-server :: 5300
	serve b tcp-server :: 8080
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300
	talk a tcp-client fd77::2 8080
	capture_stop
}

owners_by_tshark() { tshark -r "$1" -Y 'udp or tcp' -T fields -e frame.comment -e udp.length -e tcp.len; }

test_capinfos_reads_it() {
	some_packets
	capinfos file >infos 2>errors || fail "$(cat errors)"
	[ ! -s errors ] || fail "$(cat errors)"
	grep -q 'Number of packets: *'"$(pcapng file packets)\$" infos || fail "$(cat infos)"
}

test_tcpdump_reads_it() {
	some_packets
	# tcpdump takes no file with interfaces of several link types; these are of one.
	tcpdump -n -r file udp >lines 2>errors || fail "$(cat errors)"
	[ "$(wc -l <lines)" = 10 ] || fail "$(cat lines)"
}

test_editcap_keeps_the_comments() {
	some_packets
	editcap file edited
	[ "$(owners_by_tshark edited)" = "$(owners_by_tshark file)" ] || fail "they differ"
	expect_owners edited --local 10.77.0.1,fd77::1 --right 100 --at-least 20
}

test_mergecap_keeps_the_comments() {
	some_packets
	mergecap -w merged file file
	expect_owners merged --local 10.77.0.1,fd77::1 --right 100 --at-least 40
}

test_plugin_reads_it() {
	some_packets
	tshark -r file -Y 'udp or tcp' -T fields -e ptcpdump.pid | grep . | sort | uniq -c >ours
	pcapng file owners | awk '$4 != "-" { print $4 }' | sort | uniq -c >theirs
	cmp ours theirs || fail "the plugin: $(cat ours), the comments: $(cat theirs)"
}

# dumpcap writes ring files from the engine's stream: each has the interfaces, none loses an owner.
test_dumpcap_ring_files() {
	netns_pair a b
	serve b udp-server :: 5300
	mkfifo fifo
	dumpcap -q -i fifo -b packets:50 -b files:100 -w ring.pcapng 2>err &
	local dumpcap=$!
	capture a ptcpdump.any fifo
	talk a udp-client 10.77.0.2 5300 --messages 150
	capture_stop
	eventually 10 gone "$dumpcap" || fail "dumpcap goes on after the stream's end"
	ls ring_*.pcapng >files
	[ "$(wc -l <files)" -ge 5 ] || fail "$(cat files err)"
	mergecap -w file ring_*.pcapng
	expect_owners file --local 10.77.0.1,fd77::1 --right 100 --at-least 300
}

# A file that is cut off, as by a full disk or a power cut, is readable up to there.
test_file_cut_off() {
	some_packets
	head -c $(($(stat -c %s file) / 2)) file >cut
	tshark -r cut >lines 2>/dev/null || true
	[ "$(wc -l <lines)" -gt 5 ] || fail "$(wc -l <lines) packets"
}
