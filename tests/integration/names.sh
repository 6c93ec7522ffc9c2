# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# names.sh - what ptcpdump-names tells of containers, with real daemons; faults are in names_faults.sh
. "$SOURCE/tests/runtimes/daemons.sh"

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
}
