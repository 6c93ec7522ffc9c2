# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# guest.sh - the guest's system: what a machine has mounted, then the tests, then the end
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
RUN=$(dirname "$0")
. "$RUN/what"

mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
ip link set lo up
# Modules are loaded when they are asked for, by the loader that the guest brings.
cp "$RUN/busybox" /run/busybox
printf '#!/run/busybox sh\nexec /run/busybox modprobe "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
for module in veth tun bridge 8021q macvlan macvtap ipvlan bonding team team_mode_roundrobin team_mode_activebackup \
	vxlan ipip ip_gre sit wireguard sch_ingress cls_bpf; do
	/run/modprobe -q $module
done

if [ -n "$SHELL_ONLY" ]; then
	setsid -c bash </dev/ttyS0 >/dev/ttyS0 2>&1
else
	echo; echo "matrix: begin"
	cd "$SOURCE" && SLOW=5 tests/private tests/run --inside "$RUN" --build "$BUILD" "${WANTED[@]}" 2>&1
	echo "matrix: end $?"
fi
sync
/run/busybox poweroff -f
