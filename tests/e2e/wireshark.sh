# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# wireshark.sh - the window itself, under Xvfb, with pictures kept in $BUILD/screenshots

SHOTS=$BUILD/screenshots

# display: a screen of our own. Runs beside this one, in network namespaces of theirs, do not see each
# other's numbers, so the server cannot pick a free one.
display() {
	need Xvfb xdotool import wireshark
	DISPLAY=:$((1000 + RANDOM))
	while [ -e "/tmp/.X11-unix/X${DISPLAY#:}" ] || [ -e "/tmp/.X${DISPLAY#:}-lock" ]; do # of one that was killed, too
		DISPLAY=:$((1000 + RANDOM))
	done
	# When its last client goes it begins anew, and refuses who comes just then: -noreset.
	Xvfb "$DISPLAY" -screen 0 1400x900x24 -nolisten tcp -noreset 2>xvfb.log &
	export DISPLAY
	eventually 10 xdotool getmouselocation >/dev/null 2>&1 || fail "Xvfb does not start: $(cat xvfb.log)"
	export QT_QPA_PLATFORM=xcb
	mkdir -p "$SHOTS"
}

# still SECONDS: after these the window has done what it was told when its picture does not change any more; but a
# cursor may blink.
still() {
	local before now='' _
	sleep "$1"
	for _ in {1..16}; do
		before=$now
		sleep 0.4
		now=$(import -window root rgb:- | cksum)
		[ "$now" != "$before" ] || return 0
	done
}

shot() { import -window root "$SHOTS/$1.png"; }

window() { # SECONDS NAME: its id, when it is there
	eventually "$1" xdotool search --onlyvisible --name "$2" >window.id 2>/dev/null || return 1
	xdotool search --onlyvisible --name "$2" | tail -n 1
}

# large ID: a window that fills the screen, for there is no window manager to do it.
large() { xdotool windowmove "$1" 0 0 windowsize "$1" 1400 900; }

# Wireshark as root warns; and it asks nothing at the end.
wireshark_in() { # NS OPTION...
	local ns=$1
	shift
	mkdir -p "$HOME/.config/wireshark"
	echo 'privs.warn_if_elevated: FALSE' >"$HOME/.config/wireshark/recent_common"
	cat >"$HOME/.config/wireshark/preferences" <<-END
		gui.ask_unsaved: FALSE
		gui.update.enabled: FALSE
		gui.column.format: "No.", "%m", "Time", "%t", "Process", "%Cus:ptcpdump.process:0:R", "Source", "%s", "Destination", "%d", "Info", "%i"
	END
	spawn "$ns" wireshark "$@" >wireshark.out 2>&1
	WIRESHARK=$SPAWNED
}

test_live_capture_in_the_window() {
	display
	netns_pair a b
	serve b udp-server :: 5300
	serve b tcp-server :: 8080
	wireshark_in a -i ptcpdump.any -k -Y ptcpdump.pid
	local id
	id=$(window 30 'Capturing from') || { shot live-failed; fail "no capture window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	still 2
	spawn a $PYTHON "$TRAFFIC/talk.py" udp-client 10.77.0.2 5300 --messages 30 --pause 0.05
	talk a tcp-client 10.77.0.2 8080 --messages 30 --pause 0.05
	wait "$SPAWNED"
	still 1
	# A packet in the list, for its details.
	xdotool mousemove 400 200 click 1
	still 1
	shot live
	sleep 5
	kill -0 "$WIRESHARK" || fail "Wireshark ended: $(tail -n 5 wireshark.out)"
	! xdotool search --onlyvisible --name '^Error|Extcap Error' >/dev/null 2>&1 || { shot live-error; fail "an error dialog"; }
	kill -TERM "$WIRESHARK"
	wait "$WIRESHARK" || true
	eventually 5 no_engine || fail "the engine is still there"
	! grep -iE 'assert|segmentation|critical' wireshark.out || fail "$(cat wireshark.out)"
}
no_engine() {
	local pid
	while read -r pid; do
		[ "$(readlink "/proc/$pid/exe")" != "$ENGINE" ] || return 1
	done <"$TEST_CGROUP/cgroup.procs"
}
LIMIT[test_live_capture_in_the_window]=120

test_list_of_interfaces() {
	display
	netns_pair a b
	wireshark_in a
	local id
	id=$(window 30 'Wireshark Network Analyzer') || { shot list-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	still 3
	shot list
	kill -0 "$WIRESHARK" || fail "Wireshark ended: $(tail -n 5 wireshark.out)"
}
LIMIT[test_list_of_interfaces]=90

test_file_in_the_window() {
	display
	netns_pair a b
	serve b udp-server :: 5300
	capture a ptcpdump.any file
	talk a udp-client 10.77.0.2 5300
	capture_stop
	mv file file.pcapng
	wireshark_in a -r file.pcapng -Y 'ptcpdump.comm contains "python"'
	local id
	id=$(window 30 'file.pcapng') || { shot file-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	xdotool mousemove 400 200 click 1
	still 3
	shot file
	kill -0 "$WIRESHARK" || fail "Wireshark ended: $(tail -n 5 wireshark.out)"
}
LIMIT[test_file_in_the_window]=90

# How many points of the picture have a colour.
points() { convert "$SHOTS/$1.png" -fill black +opaque "$2" -fill white -opaque "$2" -format '%[fx:int(mean*w*h)]' info:; }

# filter_field NAME COLOUR FILTER: typed on the first page, where a source is chosen, it becomes of that
# colour.
filter_field() {
	xdotool mousemove 640 201 click 1 key ctrl+a type --delay 20 "$3"
	eventually 20 has_colour "$1" "$2" || fail "\"$3\" does not show as $1: $SHOTS/$1.png"
}
has_colour() {
	shot "$1"
	[ "$(points "$1" "$2")" -gt 2000 ]
}

test_filter_field_tells() {
	need convert
	[ -c /dev/net/tun ] || skip "no /dev/net/tun"
	display
	netns_pair a b
	wireshark_in a -i ptcpdump.any
	local id
	id=$(window 30 'Wireshark Network Analyzer') || { shot filter-failed; fail "no window: $(tail -n 5 wireshark.out)"; }
	large "$id"
	still 3
	filter_field filter-good '#afffaf' 'tcp port 80 or vlan 5'
	filter_field filter-bad '#ffafaf' 'tcp prt 80'
	spawn a $PYTHON "$TRAFFIC/tun.py" tun0 10.79.0.1/24
	eventually 5 link_is_up a tun0
	still 3 # the list is made anew
	filter_field filter-in-part '#ffffaf' 'ether host 02:00:00:00:00:01'
}
LIMIT[test_filter_field_tells]=150
