#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames that no socket of the kernel's would send, by a packet socket.

    forge.py fragment INTERFACE SOURCE DESTINATION PORT
        a later fragment alone, whose bytes would read as a datagram to PORT
    forge.py vlan INTERFACE COUNT
        datagrams in frames with a VLAN tag
"""
import socket
import struct
import sys

UDP, LATER = 17, 185  # in units of eight bytes: the second fragment of a 1,500 byte packet


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(source, destination, proto, payload, ident=1, offset=0):
    fields = [0x45, 0, 20 + len(payload), ident, offset, 64, proto, 0]
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    header = struct.pack("!BBHHHBBH", *fields) + ends
    fields[-1] = checksum(header)
    return struct.pack("!BBHHHBBH", *fields) + ends + payload


def datagram(source_port, port, payload):
    return struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload


def main():
    what, interface = sys.argv[1:3]
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sender.bind((interface, 0))
    mine = sender.getsockname()[4]
    if what == "fragment":
        source, destination, port = sys.argv[3:]
        # To all, so that it is for the other end whatever its address.
        packet = ip_packet(source, destination, UDP, datagram(40000, int(port), b"x" * 1200), 7, LATER)
        sender.send(b"\xff" * 6 + mine + struct.pack("!H", 0x0800) + packet)
    elif what == "vlan":
        for number in range(int(sys.argv[3])):
            packet = ip_packet("10.99.0.1", "10.99.0.2", UDP, datagram(4000, 5000, b"%d" % number))
            sender.send(b"\xff" * 6 + mine + struct.pack("!HHH", 0x8100, 42, 0x0800) + packet)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
