# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# filter.sh - the capture filter: what the check says at each key

# check FILTER [SOURCE]: its status in $STATUS, what it says in the file "answer"; stderr stays empty.
check() {
	STATUS=0
	"${IN[@]}" "$EXTCAP/ptcpdump" --extcap-interface "${2:-ptcpdump.any}" --extcap-capture-filter "$1" >answer 2>words || STATUS=$?
	[ ! -s words ] || fail "\"$1\": says $(cat words)"
}
IN=()

# Good, or, on a machine that is many times slower, late; on a busy one it may be late once.
is_good() { # FILTER [SOURCE]
	local _
	for _ in 1 2 3 4 5; do
		check "$@"
		[ ! -s answer ] || fail "\"$1\": $(cat answer)"
		[ $STATUS = 1 ] || break
	done
	[ $STATUS = 0 ] || { [ "${SLOW:-1}" -gt 1 ] && [ $STATUS = 1 ]; } || fail "\"$1\": status $STATUS"
}

test_check_good() {
	local filter
	for filter in 'tcp port 80' 'vlan 5' 'host 10.0.0.1 and not port 22'; do
		is_good "$filter"
	done
}

test_check_bad() {
	check 'tcp prt 80'
	[ $STATUS = 0 ] && [ "$(wc -l <answer)" = 1 ] && grep -q 'syntax error' answer || fail "status $STATUS, $(cat answer)"
}

# Green where it is good on all that is there, red on an interface where it is bad, else yellow.
test_check_where_a_tun_device_is() {
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	netns a
	IN=(nsenter --net=/run/netns/a)
	is_good 'ether host 02:00:00:00:00:01'
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24
	eventually 5 link_is_up a tun0 || fail "tun0 does not come up"
	check 'ether host 02:00:00:00:00:01'
	[ $STATUS = 1 ] && grep -q 'captures nothing on interfaces without a link layer' answer || fail "any: status $STATUS, $(cat answer)"
	check 'ether host 02:00:00:00:00:01' ptcpdump.if.tun0
	[ $STATUS = 0 ] && [ "$(wc -l <answer)" = 1 ] || fail "tun0: status $STATUS, $(cat answer)"
	is_good 'ether host 02:00:00:00:00:01' ptcpdump.if.lo
	is_good udp
}

# Yellow, and soon: optimised it would take a minute.
test_check_of_a_thousand_hosts_cannot_tell() {
	check "$(seq -f '10.0.0.%g' 1 250 | sed 's/^/host /; $!s/$/ or/') or $(seq -f '10.0.1.%g' 1 250 | sed 's/^/host /; $!s/$/ or/') or $(
		seq -f '10.0.2.%g' 1 250 | sed 's/^/host /; $!s/$/ or/') or $(seq -f '10.0.3.%g' 1 250 | sed 's/^/host /; $!s/$/ or/')"
	[ $STATUS = 1 ] && [ ! -s answer ] || fail "status $STATUS, $(cat answer)"
}

# While a name is being typed, nobody is asked for it. A name server is where the route leads, so
# whoever asks is seen there; that this would show is proved by getent.
test_check_resolves_no_names() {
	netns_pair a b
	ip -n a route add default via 10.77.0.2
	echo 'nameserver 10.77.0.2' >resolv.conf
	echo 'options timeout:1 attempts:1' >>resolv.conf
	IN=("$SOURCE/tests/private" sh -c "mount --bind $PWD/resolv.conf /etc/resolv.conf && exec nsenter --net=/run/netns/a \"\$@\"" sh)
	reference b vb asked
	check 'host typed.example.org'
	[ $STATUS = 1 ] && [ ! -s answer ] || fail "status $STATUS, $(cat answer)"
	"${IN[@]}" getent ahostsv4 asked.example.org || true
	reference_stop
	tshark -r asked -Y dns -T fields -e dns.qry.name >names
	grep -q asked.example.org names || fail "so this test means nothing: $(cat names)"
	! grep -q typed names || fail "asked for $(cat names)"
}
