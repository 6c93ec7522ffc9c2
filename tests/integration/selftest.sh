# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# selftest.sh - what --self-test says is there, is there; what is taken away, it says is missing

# Where these tests know better than the program: what it is told to do without, and which capabilities
# and hooks it has, from the outside.

# report COMMAND...: the text in "report", the same as JSON in "report.json"; both are looked at.
report() {
	"$@" --self-test >report 2>words || STATUS=$?
	"$@" --self-test --json >report.json 2>/dev/null || true
	cat report
	same_in_both
}

# The JSON is JSON, and what it says of each thing the text says, too.
same_in_both() {
	$PYTHON - <<-'END' || fail "text and JSON do not agree"
		import json, re
		report = json.load(open("report.json"))
		rows = {}
		group = None
		for line in open("report").read().splitlines()[1:]:
		    row = re.match(r"(.{11}) (ok|unused|untried|missing) +(.*)", line)
		    if row:
		        group = row[1].strip() or group
		        state, text = row[2], row[3]
		        rows.setdefault((group, state), []).append(text)
		    elif re.match(r" {21}\S", line):
		        rows[group, state][-1] += " " + line.strip()
		counts = dict(missing=0, untried=0, ok=0, unused=0)
		for check in report["checks"]:
		    counts[check["state"]] += 1
		    if check["state"] == "untried" and "found" not in check:
		        continue
		    texts = rows[check["group"], check["state"]]
		    assert any(re.search(r"(^|, )" + re.escape(check["name"]) + r"($|[,:])", text) for text in texts), check
		    assert check["costs"] and check["mend"], check
		said = f"{counts['missing']} of {len(report['checks'])} are missing, {counts['untried']} could not be tried."
		assert open("report").read().splitlines()[-1] == said, said
		assert len({(c["group"], c["name"]) for c in report["checks"]}) == len(report["checks"])
	END
}

# state_of NAME: in the JSON.
state_of() { $PYTHON -c 'import json, sys; print(*(c["state"] for c in json.load(open("report.json"))["checks"] if c["name"] == sys.argv[1]))' "$1"; }
expect_states() { # STATE NAME...
	local name
	for name in "${@:2}"; do
		[ "$(state_of "$name")" = "$1" ] || fail "$name is \"$(state_of "$name")\", not $1"
	done
}
fits_a_screen() {
	[ "$(wc -l <report)" -le 40 ] || fail "takes $(wc -l <report) lines"
	[ "$(awk '{ if (length > most) most = length } END { print most }' report)" -le 80 ] || fail "a line is too long: $(grep -E '.{81}' report)"
}

before() { [ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" != "$1" ]; } # VERSION: is this kernel older?

# As root, where these tests run, all that a capture can use is there; but for what later kernels alone have, which
# is told, and nothing else.
test_root_has_all() {
	local missing=0
	report "$ENGINE"
	expect_states ok types cgroup2 bpf perfmon net_admin net_raw "other namespaces" ptcpdump-attach ptcpdump-names \
		tshark sources fields load exec egress ingress transmit receive-packet wanted-transmit
	if before 6.12; then
		expect_states missing "whole packets"
		missing=1
	fi
	[[ $(tail -n 1 report) = "$missing of "* ]] || fail "something else is missing"
	fits_a_screen
	figure "$(tail -n 1 report) $(wc -l <report) lines"
}

# On another kernel some of it may be missing, and is said so: what the log of a capture says is off.
test_says_what_a_capture_says() {
	netns a
	capture a ptcpdump.any file --log-level debug
	capture_stop file
	in_ns a "$ENGINE" --self-test --json >report.json || fail "cannot capture, it says"
	sed -n 's/.* hook \([a-z0-9-]*\) is off.*/\1/p' file.log | sort >off
	$PYTHON - <<-'END' >missing
		import json
		groups = "processes", "owners", "older ones", "packets"
		for check in json.load(open("report.json"))["checks"]:
		    if check["group"] in groups and (check["state"] == "missing" or "by " in check.get("found", "")):
		        print(check["name"])
	END
	sort missing | sed '/^wanted-/d' | diff off - || fail "a capture is without $(xargs <off)"
	figure "$(uname -r): without $(xargs <off)"
}

test_hooks_that_are_taken_away_are_missing() {
	STATUS=0
	report "$ENGINE" --without exec,held-sockets,reentry
	[ $STATUS = 0 ] || fail "cannot capture, it says: $(cat words)"
	expect_states missing exec held-sockets reentry
	expect_states ok fork egress known-processes
	tr -s ' \n' ' ' <report | grep -q 'held-sockets: --without costs: sockets older than the capture have no owner' || fail "does not say what it costs"
	fits_a_screen
}

# What stands in for another is as good.
test_stand_ins_are_no_loss() {
	report "$ENGINE" --without send
	case $(state_of send-inet) in
	ok) expect_states ok send ;;
	*) expect_states missing send ;;
	esac
}

test_a_needed_hook_that_is_missing_is_told() {
	STATUS=0
	report "$ENGINE" --without egress
	expect_states missing egress
	[ $STATUS = 1 ] || fail "status $STATUS"
	grep -q 'nothing can be captured' words || fail "says $(cat words)"
}

# An ordinary user: with the package's capabilities it captures, with one fewer it does not.
user_reports() { # CAPABILITIES
	need setcap
	rm -f engine
	cp "$ENGINE" engine
	chmod 755 engine .
	[ -z "$1" ] || setcap "$1=p" engine
	STATUS=0
	report setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all env ./engine
	fits_a_screen
}
test_user_with_capabilities() {
	user_reports cap_bpf,cap_perfmon,cap_net_admin
	[ $STATUS = 0 ] || fail "cannot capture, it says: $(cat words)"
	expect_states ok bpf perfmon net_admin load egress
	expect_states missing net_raw
	tr -s ' \n' ' ' <report | grep -q 'net_raw costs: capture filters with "vlan" are refused mend: run it as root, or sudo setcap' || fail "does not say how to mend it"
}
test_user_without_one() {
	user_reports cap_bpf,cap_net_admin
	[ $STATUS = 1 ] || fail "can capture, it says"
	expect_states ok bpf net_admin
	expect_states missing perfmon load
	expect_states untried exec egress transmit
}
test_user_without_any() {
	user_reports ''
	[ $STATUS = 1 ] || fail "can capture, it says"
	expect_states missing bpf perfmon net_admin load
}

# A report is pasted: nobody's name, number or address is in it.
test_says_nothing_of_anybody() {
	netns a
	in_ns a unshare --uts sh -c 'hostname sesame-host && exec env USER=sesame-user HOME=/home/sesame "$@"' sh "$ENGINE" --self-test >report
	in_ns a unshare --uts sh -c 'hostname sesame-host && exec env USER=sesame-user HOME=/home/sesame "$@"' sh "$ENGINE" --self-test --json >report.json
	! grep -i -e sesame -e "$PWD" report report.json || fail "says somebody's name"
}

# Through the front, as an issue's reporter would call it who knows only that.
test_front_hands_it_on() {
	"$EXTCAP/ptcpdump" --self-test >report || fail "status $?"
	grep -q '^kernel .*types' report || fail "says $(head -n 3 report)"
}
