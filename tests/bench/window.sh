# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# window.sh - Wireshark's window while something happens: how long it gives no answer; source it
#
# $IN is how a command gets to where Wireshark is to run, $MOUNTS how one gets into its mounts; to $started
# is added what is to be ended with the bench.
IN=() MOUNTS=()

# The median of the numbers on standard input.
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

# with without|ours COMMAND...: without is Wireshark's folder as it would be without our extcap.
with() {
	[ "$1" = without ] || { "${@:2}"; return; }
	if [ ! -d "$RUN/others" ]; then
		mkdir "$RUN/others"
		cp -a "$EXTCAP/." "$RUN/others/"
		rm "$RUN/others/ptcpdump"
	fi
	"${MOUNTS[@]}" mount --bind "$RUN/others" "$EXTCAP"
	"${@:2}"
	"${MOUNTS[@]}" umount -l "$EXTCAP"
}

# A display of this bench's own, and a Wireshark that asks nothing.
window_display() {
	need Xvfb xdotool wireshark
	DISPLAY=:$((1000 + RANDOM))
	# Without -noreset it begins anew when a window has gone, and the next one may find nobody.
	Xvfb "$DISPLAY" -screen 0 1400x900x24 -nolisten tcp -noreset 2>xvfb.log &
	started+=($!)
	eventually 10 test -S "/tmp/.X11-unix/X${DISPLAY#:}" || fail "Xvfb does not start: $(cat xvfb.log)"
	export DISPLAY QT_QPA_PLATFORM=xcb
	mkdir -p "$HOME/.config/wireshark"
	echo 'privs.warn_if_elevated: FALSE' >"$HOME/.config/wireshark/recent_common"
	printf 'gui.ask_unsaved: FALSE\ngui.update.enabled: FALSE\n' >"$HOME/.config/wireshark/preferences"
}

# window_measured ARM SOURCE COMMAND...: a window with a capture running in it, while COMMAND runs and
# until it is quiet again; what window_probe.py says goes to window.ARM.
window_measured() {
	local arm=$1 id probe wireshark
	"${INTERRUPTIBLE[@]}" "${IN[@]}" wireshark -i "$2" -k >wireshark.out 2>&1 &
	wireshark=$!
	started+=("$wireshark")
	eventually 60 xdotool search --onlyvisible --name 'Capturing from' >/dev/null 2>&1 || { say "no window: $(tail -n 3 wireshark.out)"; exit 1; }
	id=$(xdotool search --onlyvisible --name 'Capturing from' | tail -n 1)
	sleep 3
	$PYTHON "$SOURCE/tests/bench/window_probe.py" "$id" "$wireshark" >probe.out &
	probe=$!
	sleep 1
	"${@:3}"
	quiet "$wireshark"
	kill -TERM "$probe"
	wait "$probe" || true
	cat probe.out >>"window.$arm"
	kill -TERM "$wireshark"
	wait "$wireshark" || true
}

# Until the process has used next to no CPU for two seconds, its children's included.
quiet() { # PID
	local before after=-1
	while before=$after; after=$(awk '{ print $14 + $15 + $16 + $17 }' "/proc/$1/stat"); [ $((after - before)) -gt 20 ] || [ "$before" -lt 0 ]; do
		sleep 2
	done
}

# window_says ARM...: medians, and what each round had.
window_says() {
	local arm
	for arm; do
		echo "    $arm: $(cut -d ' ' -f 1 "window.$arm" | median), $(cut -d ' ' -f 2 "window.$arm" | median), $(cut -d ' ' -f 3 "window.$arm" | median)" \
			"(no answer, each round: $(cut -d ' ' -f 1 "window.$arm" | xargs))"
	done
}
