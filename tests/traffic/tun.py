#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tun.py NAME ADDRESS/LENGTH - a tun device whose far side answers every datagram with itself"""
import fcntl
import os
import struct
import subprocess
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def main():
    name, address = sys.argv[1:]
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    subprocess.run(["ip", "addr", "add", address, "dev", name], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)
    while True:
        packet = os.read(device, 65536)
        if packet[0] >> 4 == 4 and packet[9] == 17:
            # The checksums stay right when ends and ports change places.
            ends = packet[16:20] + packet[12:16] + packet[22:24] + packet[20:22]
            os.write(device, packet[:12] + ends + packet[24:])


if __name__ == "__main__":
    main()
