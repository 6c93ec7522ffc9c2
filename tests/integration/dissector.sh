# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# dissector.sh - what packets' comments become in Wireshark
#
# The files are written by annotated_file.py, which knows the format without our code, and by the
# reference. A case is named as there; its number in the file is its place in that list.

WRITER=$SOURCE/tests/integration/annotated_file.py
REFERENCE=$SOURCE/tests/data/reference

# cases: writes ./cases.pcapng. case_number NAME: which packet a case is.
cases() { $PYTHON "$WRITER" cases cases.pcapng; }
case_number() {
	$PYTHON -c 'import sys; sys.path.insert(0, sys.argv[1]); import annotated_file as a
print([name for name, _ in a.CASES].index(sys.argv[2]) + 1)' "${WRITER%/*}" "$1"
}

# quiet_tshark ARGUMENTS...: as root tshark says on stderr that it is; anything else is kept.
quiet_tshark() { tshark "$@" 2>>tshark.log; }

# fields CASE FIELD...: values, one field a line, several of one field joined by " | "
fields() {
	local case=$1 field wanted=()
	shift
	for field; do
		wanted+=(-e "$field")
	done
	quiet_tshark -r cases.pcapng -Y "frame.number == $(case_number "$case")" -T fields \
		-E separator=/t -E aggregator='|' "${wanted[@]}" | tr '\t' '\n'
}

# expect CASE FIELD VALUE [FIELD VALUE...]
expect() {
	local case=$1 got names=() values=() i=0
	shift
	while [ $# -gt 0 ]; do
		names+=("$1") values+=("$2")
		shift 2
	done
	while IFS= read -r got; do
		[ "$got" = "${values[i]}" ] || fail "$case: ${names[i]} is '$got', not '${values[i]}'"
		i=$((i + 1))
	done < <(fields "$case" "${names[@]}")
	[ $i -eq ${#names[@]} ] || fail "$case: $i values for ${#names[@]} fields"
}

# matching FILTER: numbers of the cases that a display filter finds, on one line
matching() { quiet_tshark -r cases.pcapng -Y "$1" -T fields -e frame.number | paste -sd' '; }
expect_matching() {
	local got
	got=$(matching "$1")
	[ "$got" = "$2" ] || fail "'$1' finds '$got', not '$2'"
}

expect_same() { # GOT WANTED WHAT
	[ "$1" = "$2" ] || fail "$3: '$1' instead of '$2'"
}

# What the contract names, and what Wireshark is told of: nothing is missing.
test_every_field_is_known() {
	local field known
	known=$(quiet_tshark -G fields | awk -F'\t' '$1 == "F" && $5 == "ptcpdump" { print $3, $4 }')
	for field in pid comm cmd args tid thread uid user ppid parent.cmd parent.args parent.comm \
		container.name container.id container.image container.label pod.name pod.namespace pod.uid \
		pod.label pod.annotation process peer.pid peer.cmd peer.comm peer.args src.pid src.process \
		dst.pid dst.process lost; do
		grep -q "^ptcpdump\.$field " <<<"$known" || fail "no field ptcpdump.$field"
	done
	for field in pid tid uid ppid peer.pid src.pid dst.pid; do
		grep -q "^ptcpdump\.$field FT_UINT32$" <<<"$known" || fail "ptcpdump.$field is no number"
	done
}

# The README's table is the fields that there are, no more and no fewer.
test_readme_lists_the_fields() {
	quiet_tshark -G fields | awk -F'\t' '$1 == "F" && $5 == "ptcpdump" { print $3 }' | sort >known
	# shellcheck disable=SC2016 # backticks of the README
	sed -n 's/^| `\(ptcpdump\.[a-z.]*\)`.*/\1/p' "$SOURCE/dissector/README.md" | sort >listed
	diff known listed >difference || fail "dissector/README.md: $(grep '^[<>]' difference | paste -sd' ')"
}

test_all_values() {
	cases
	expect all-out ptcpdump.process "curl (4711)" ptcpdump.pid 4711 ptcpdump.comm curl \
		ptcpdump.cmd /usr/bin/curl ptcpdump.args "curl -s http://web/" \
		ptcpdump.tid 4712 ptcpdump.thread resolver ptcpdump.uid 0 ptcpdump.user root \
		ptcpdump.parent "bash (321)" ptcpdump.ppid 321 ptcpdump.parent.comm bash \
		ptcpdump.parent.cmd /usr/bin/bash ptcpdump.parent.args -bash \
		ptcpdump.container web ptcpdump.container.name web \
		ptcpdump.container.id 36f0310403b1a0b1c2d3e4f536f0310403b1a0b1c2d3e4f536f0310403b1a0b1 \
		ptcpdump.container.image nginx:1.27 ptcpdump.container.label "app=web|note=café <" \
		ptcpdump.pod default/web-1 ptcpdump.pod.name web-1 ptcpdump.pod.namespace default \
		ptcpdump.pod.uid 9e2c ptcpdump.pod.label run=web ptcpdump.pod.annotation seen=2024-01-01 \
		ptcpdump.peer "nginx (80)" ptcpdump.peer.pid 80 ptcpdump.peer.comm nginx \
		ptcpdump.peer.cmd /usr/sbin/nginx ptcpdump.peer.args "nginx: worker process" ptcpdump.lost ""
}

# The sender of an outgoing packet is its owner, that of an incoming one its peer.
test_sender_and_receiver() {
	cases
	expect all-out ptcpdump.src.pid 4711 ptcpdump.src.process "curl (4711)" \
		ptcpdump.dst.pid 80 ptcpdump.dst.process "nginx (80)"
	expect all-in ptcpdump.src.pid 80 ptcpdump.src.process "nginx (80)" \
		ptcpdump.dst.pid 4711 ptcpdump.dst.process "curl (4711)"
	expect no-direction ptcpdump.src.pid "" ptcpdump.dst.pid "" ptcpdump.pid 4711 ptcpdump.peer.pid 80
	expect lost ptcpdump.src.pid 4711 ptcpdump.dst.pid ""
	# What passes through says by itself which end its owner is.
	expect forwarded-out ptcpdump.src.pid "" ptcpdump.dst.pid 4711 ptcpdump.end destination
	expect forwarded-in ptcpdump.src.pid 4711 ptcpdump.dst.pid "" ptcpdump.end source
	expect by-network ptcpdump.container.by network ptcpdump.container web ptcpdump.src.name web ptcpdump.dst.name ""
	expect by-hand ptcpdump.container.by "" ptcpdump.src.name "" ptcpdump.dst.name 'a\x1b[2Jb'
	expect pod-uid ptcpdump.pod 8a1b ptcpdump.pod.uid 8a1b
	expect no-end ptcpdump.src.pid "" ptcpdump.dst.pid 4711 ptcpdump.end ""
}

# The reference's own files, packet by packet.
test_reference_files() {
	local file
	for file in curl-thread tcp dns; do
		quiet_tshark -r "$REFERENCE/$file.pcapng" -T fields -e ptcpdump.pid -e ptcpdump.cmd -e ptcpdump.args \
			-e ptcpdump.ppid -e ptcpdump.parent.cmd -e ptcpdump.parent.args | sort | uniq -c | sed 's/^ *//'
	done >got
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' \
		"10 122868" /usr/bin/curl "curl kernel.com" 53229 /usr/bin/bash -bash \
		"24 345650" /usr/bin/curl "curl http://127.0.0.1:8000/notfound" 345626 \
		/go_workshop/src/github.com/mozillazg/ptcpdump/ptcpdump "ptcpdump -- curl http://127.0.0.1:8000/notfound" \
		"2 380281" /usr/bin/dig "dig example.com" 45198 /usr/bin/bash -bash >wanted
	diff wanted got || fail "the reference's files are not read right"
	expect_same "$(quiet_tshark -r "$REFERENCE/curl-thread.pcapng" -Y ptcpdump.tid -T fields -e frame.number \
		-e ptcpdump.tid -e ptcpdump.thread | paste -sd' ')" \
		$'1\t122868\tcurl 4\t122868\tcurl 8\t122868\tcurl' "threads"
	# A query goes out, its answer comes in.
	expect_same "$(quiet_tshark -r "$REFERENCE/dns.pcapng" -T fields -e ptcpdump.src.process \
		-e ptcpdump.dst.process | paste -sd' ')" $'dig (380281)\t \tdig (380281)' "ends"
}

test_older_keys() {
	cases
	expect older ptcpdump.pid 4711 ptcpdump.cmd /usr/bin/curl ptcpdump.args curl ptcpdump.tid 4712 \
		ptcpdump.thread r ptcpdump.parent.cmd /bin/sh
}

test_filters() {
	cases
	expect_matching 'ptcpdump.container && ptcpdump.pod' '1 2 3'
	expect_matching 'ptcpdump.pid == 4711 && ptcpdump.dst.process contains "nginx"' 1
	expect_matching 'ptcpdump.container.label == "app=web"' '1 2 3'
	expect_matching 'ptcpdump.pod.label matches "^run="' '1 2 3'
	expect_matching 'ptcpdump.uid == 0 || ptcpdump.lost > 3' '1 2 3 5 7'
	expect_matching '!ptcpdump' '4 9 16'
}

# A loss shows where it happened, and an expert says so; one packet is not "packets".
test_lost() {
	cases
	expect lost ptcpdump.lost 5 frame.drop_count 5
	expect_matching '_ws.expert.message == "5 packets lost before this one"' "$(case_number lost)"
	expect_matching '_ws.expert.message == "1 packet lost before this one"' "$(case_number lost-alone)"
	quiet_tshark -q -r cases.pcapng -z expert >experts
	grep -q "Sequence.*ptcpdump.*5 packets lost before this one" experts || fail "not in the expert information"
}

# Somebody's own words are no business of ours, wherever they stand.
test_words_are_left_alone() {
	cases
	expect words ptcpdump "" ptcpdump.pid "" ptcpdump.uid ""
	expect words-too ptcpdump.pid 4711
	expect_matching 'ptcpdump.malformed' "$(case_number bad-number) $(case_number missing-key)"
}

# What looks like ours and is broken is told, and what is whole beside it is used.
test_malformed() {
	cases
	expect bad-number ptcpdump.pid "" ptcpdump.cmd "" ptcpdump.uid 0
	expect missing-key ptcpdump.container ""
	expect bad-labels ptcpdump.container web ptcpdump.container.label '{"a":"b...'
	expect_matching ptcpdump.labels.malformed "$(case_number bad-labels)"
	expect repeated ptcpdump.pid 4711
	expect_matching ptcpdump.repeated "$(case_number repeated)"
}

# A command line cannot make fields, nor reach the terminal.
test_hostile_values() {
	cases
	expect raw-lines ptcpdump.pid 4711 ptcpdump.uid "" ptcpdump.ppid "" \
		ptcpdump.args 'sh -c a\nUserId: 0\nParentPID: 1\x1b[31m\x7f'
	expect not-utf8 ptcpdump.comm '\xff\xc3(' ptcpdump.args '\xc2\x85 \xed\xa0\x80'
	quiet_tshark -r cases.pcapng -O ptcpdump | sed -n '/^Process:/,/^[^ ]/p' >shown
	iconv -f utf-8 -t utf-8 shown >/dev/null || fail "not UTF-8"
	! LC_ALL=C grep -n $'[\x01-\x08\x0b-\x1f\x7f]' shown || fail "control characters"
}

test_names_that_lack() {
	cases
	expect gone ptcpdump.comm nginx ptcpdump.cmd "/usr/sbin/nginx (deleted)"
	expect nameless ptcpdump.process "? (0)" ptcpdump.comm "" ptcpdump.user "" ptcpdump.uid 4294967294 \
		ptcpdump.container 36f0310403b1 ptcpdump.container.label ""
	expect euro-id ptcpdump.container 0123456789a€bc
}

# The standard option for process ids is there for other tools; Wireshark reads it since 4.6.
test_standard_ids() {
	cases
	case $(tshark --version | sed -n '1s/.* \([0-9]*\.[0-9]*\)\..*/\1/p') in
	4.[0-5]) expect standard ptcpdump.pid "" ;;
	*) expect standard ptcpdump.process "? (99)" ptcpdump.pid 99 ptcpdump.tid 100 ptcpdump.src.pid 99 ;;
	esac
}

# Wireshark's column, statistics, JSON: each asks for fields in a way of its own.
test_custom_column() {
	cases
	quiet_tshark -r cases.pcapng -o 'gui.column.format:"No","%m","Owner","%Cus:ptcpdump.process:0:R"' >list
	expect_same "$(head -n 1 list | tr -s ' ')" " 1 curl (4711)" "column"
}

test_info_column() {
	cases
	quiet_tshark -r cases.pcapng -o ptcpdump.info_column:TRUE >list
	grep -q '^ *1 .*\[curl (4711)\] 40000 → 9 Len=4' list || fail "no owner: $(head -n 1 list)"
	grep -q '^ *4 .* 46 40000 → 9 Len=4' list || fail "an owner from nowhere: $(sed -n 4p list)"
	quiet_tshark -r cases.pcapng >list
	! grep -q curl list || fail "on without being asked for"
}

test_switched_off() {
	cases
	expect_same "$(quiet_tshark -r cases.pcapng -o ptcpdump.show:FALSE -o ptcpdump.info_column:TRUE \
		-T fields -e ptcpdump.pid -e _ws.col.Info | grep -c '^'$'\t''40000')" "$(wc -l < <(quiet_tshark -r cases.pcapng))" "packets without owner"
}

test_statistics() {
	cases
	quiet_tshark -q -r cases.pcapng -z ptcpdump,tree | awk '/^ *[^ ].* [0-9]+ /' | sed -E 's/ {2,}[0-9].*//' >names
	grep -q '^ curl (4711)' names || fail "no process"
	grep -q '^  resolver (4712)' names || fail "no thread below its process"
	grep -q '^ root (0)' names || fail "no user"
	grep -q '^ web' names || fail "no container"
	grep -q '^ default/web-1' names || fail "no pod"
	quiet_tshark -q -r cases.pcapng -z ptcpdump,tree | tr -s ' ' >table
	grep -q "^Processes $(wc -l < <(quiet_tshark -r cases.pcapng)) " table || fail "not all packets are counted"
	grep -q "^ nobody known 11 " table || fail "not the packets without an owner: $(grep nobody table)"
	grep -q "^ curl (4711) 10 " table || fail "not the packets of curl: $(grep curl table)"
	quiet_tshark -q -r cases.pcapng -z io,stat,0,ptcpdump.pid==4711 >table
	grep -Eq '\| +12 \|' table || fail "io,stat: $(cat table)"
}

test_json() {
	cases
	quiet_tshark -r cases.pcapng -c 1 -T json -J ptcpdump >layers.json
	$PYTHON - <<-'END' || fail "JSON"
		import json
		layer = json.load(open("layers.json"))[0]["_source"]["layers"]["ptcpdump"]
		assert layer["ptcpdump.process"] == "curl (4711)", layer
		assert layer["ptcpdump.process_tree"]["ptcpdump.pid"] == "4711", layer
		assert layer["ptcpdump.uid_tree"]["ptcpdump.user"] == "root", layer
		assert layer["ptcpdump.pod_tree"]["ptcpdump.pod.namespace"] == "default", layer
	END
	quiet_tshark -r cases.pcapng -T ek -J ptcpdump >layers.ek
	$PYTHON -c 'import json; [json.loads(line) for line in open("layers.ek")]' || fail "not JSON (ek)"
}

test_headline() {
	cases
	quiet_tshark -r cases.pcapng -O ptcpdump -c 1 >details
	grep -qx 'Owner: curl (4711), root, container web, pod default/web-1' details || fail "$(grep ^Owner: details)"
	for wanted in 'Process: curl (4711)' 'Thread: resolver (4712)' 'User: root (0)' 'Parent: bash (321)' \
		'Container: web' 'Pod: default/web-1' 'Peer: nginx (80)' '[Sender: curl (4711)]' '[Receiver: nginx (80)]'; do
		grep -qxF "    $wanted" details || fail "no branch '$wanted'"
	done
}

# Two passes, and packets in any order: there is no state to get wrong.
test_two_passes() {
	cases
	expect_same "$(quiet_tshark -2 -r cases.pcapng -R 'ptcpdump.dst.pid == 80' -T fields -e ptcpdump.src.pid)" 4711 "second pass"
}

# A comment that is edited in Wireshark counts as it is now, before the file is saved.
test_edited_comment() {
	need sharkd
	cases
	printf '{"jsonrpc":"2.0","id":%d,"method":"%s","params":%s}\n' \
		1 load '{"file":"cases.pcapng"}' \
		2 setcomment '{"frame":4,"comment":"PID: 9\nCmd: /bin/nine\nArgs: nine"}' \
		3 frames '{"column0":"ptcpdump.process:1","filter":"frame.number == 4"}' \
		| sharkd - 2>/dev/null >answers
	grep -q '"c":\["nine (9)"\]' answers || fail "$(tail -n 1 answers)"
}

# Damaged comments of every sort: no crash, no control character, and the run ends.
test_mutated_comments() {
	local seed=${SEED:-20240607}
	$PYTHON "$WRITER" mutated mutated.pcapng "$seed" 200
	quiet_tshark -r mutated.pcapng -O ptcpdump >details || fail "tshark exited $? (seed $seed)"
	expect_same "$(grep -c '^Frame ' details)" 200 "packets (seed $seed)"
	! grep -q 'Dissector bug\|STATUS_ACCESS_VIOLATION' details || fail "a bug is reported (seed $seed)"
	sed -n '/^Process:/,/^[^ ]/p' details >shown
	iconv -f utf-8 -t utf-8 shown >/dev/null || fail "not UTF-8 (seed $seed)"
	! LC_ALL=C grep -n $'[\x01-\x08\x0b-\x1f\x7f]' shown || fail "control characters (seed $seed)"
	quiet_tshark -r mutated.pcapng -q -z ptcpdump,tree -z expert >statistics || fail "statistics (seed $seed)"
}

# Twenty thousand comments on one packet take no time that grows with their square.
test_crowded_packet() {
	local TIMEFORMAT=%0U
	$PYTHON "$WRITER" crowded crowded.pcapng 20000
	{ time quiet_tshark -r crowded.pcapng -T fields -e ptcpdump.pid -e ptcpdump.uid >owner; } 2>seconds
	expect_same "$(cat owner)" $'4711\t0' "owner"
	[ "$(cat seconds)" -lt 10 ] || fail "it took $(cat seconds) s of processor time"
}

# reads ARGUMENTS...: of how many packets the plugin reads the options, when tshark is asked for these
reads() {
	rm -f reads
	READS=$PWD/reads LD_PRELOAD=$BUILD/tests/faults/reads.so quiet_tshark -r cases.pcapng "$@" >/dev/null || fail "tshark $* exited $?"
	stat -c %s reads
}

# While nobody asks for our fields the plugin reads nothing; what it costs then is one question a packet.
test_costs_nothing_unasked() {
	local packets plugin
	plugin=$(tshark -G folders 2>/dev/null | sed -n 's/^Global Plugins:[ \t]*//p')/epan/ptcpdump.so
	[ -e "$plugin" ] || fail "no plugin at $plugin"
	[ "$(nm -D "$plugin" | grep -c __asan_init)" = 0 ] || skip "the sanitizers preload a library of their own"
	cases
	packets=$(quiet_tshark -r cases.pcapng | wc -l)
	expect_same "$(reads)" 0 "read for a plain list"
	expect_same "$(reads -Y 'udp.port == 9')" 0 "read for another display filter"
	expect_same "$(reads -q -z io,phs)" 0 "read for other statistics"
	expect_same "$(reads -T fields -e ptcpdump.pid)" "$packets" "read for a field of ours"
	expect_same "$(reads -Y 'ptcpdump.pid == 1')" "$packets" "read for a display filter of ours"
	expect_same "$(reads -q -z ptcpdump,tree)" "$packets" "read for our statistics"
	expect_same "$(reads -q -z expert)" "$packets" "read for the expert information"
}
