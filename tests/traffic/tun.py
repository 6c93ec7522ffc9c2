#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tun devices and the program behind them; one called tap… is a tap device, with Ethernet; gre…, ipip… and
sit… have the hardware type of such a tunnel

    tun.py NAME ADDRESS/LENGTH
        a device whose far side answers every datagram with itself
    tun.py NAME ADDRESS/LENGTH NAMESPACE ADDRESS/LENGTH
        one here and one in another namespace, joined by this program: whatever arrives at
        either comes in while this program runs
"""
import ctypes
import fcntl
import os
import select
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 1, 2, 0x1000, 0x40000000
TUNSETLINK, HARDWARE = 0x400454CD, {"gre": 778, "ipip": 768, "sit": 776}


def open_tun(name, address):
    device = os.open("/dev/net/tun", os.O_RDWR)
    kind = IFF_TAP if name.startswith("tap") else IFF_TUN
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    if name.rstrip("0123456789") in HARDWARE:
        fcntl.ioctl(device, TUNSETLINK, HARDWARE[name.rstrip("0123456789")])
    subprocess.run(["ip", "addr", "add", address, "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    return device


def mirror(device):
    while True:
        packet = os.read(device, 65536)
        if packet[0] >> 4 == 4 and packet[9] == 17:
            # The checksums stay right when ends and ports change places.
            ends = packet[16:20] + packet[12:16] + packet[22:24] + packet[20:22]
            os.write(device, packet[:12] + ends + packet[24:])


def join(one, other):
    to = {one: other, other: one}
    while True:
        for device in select.select([one, other], [], [])[0]:
            os.write(to[device], os.read(device, 65536))


def main():
    name, address = sys.argv[1:3]
    device = open_tun(name, address)
    if len(sys.argv) == 3:
        mirror(device)
    with open(f"/run/netns/{sys.argv[3]}") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
            sys.exit(os.strerror(ctypes.get_errno()))
    join(device, open_tun(name, sys.argv[4]))


if __name__ == "__main__":
    main()
