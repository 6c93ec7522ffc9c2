#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""same_packets.py FILE INTERFACE PCAP - the same packets, byte for byte, as tcpdump's?

Packets of FILE on INTERFACE against all of PCAP, as sets with counts. The kernel's own chatter may
fall before the start of one and after that of the other; it is left out. Where tcpdump makes up a
link layer ("cooked") we have raw packets: its header is left out.
"""
import collections
import sys

from frames import RAW, Frame
from read_pcapng import File

COOKED, COOKED_HEADER = 113, 16


def packets(path, name):
    counts = collections.Counter()
    for packet in File(path).packets:
        if name and packet.interface.name != name:
            continue
        data, length, linktype = packet.data, packet.length, packet.interface.linktype
        if linktype == COOKED:
            data, length, linktype = data[COOKED_HEADER:], length - COOKED_HEADER, RAW
        if not Frame(linktype, data).is_chatter():
            counts[data, length] += 1
    return counts


def main():
    path, name, reference = sys.argv[1:]
    ours, theirs = packets(path, name), packets(reference, None)
    print(f"figure: {name}: {ours.total()} packets beside tcpdump's {theirs.total()}")
    for words, differ in (("not in ours", theirs - ours), ("only in ours", ours - theirs)):
        for (data, length), count in list(differ.items())[:5]:
            frame = Frame(1, data)
            print(f"{words}: {count} times {length} bytes, {frame.proto} {frame.src} {data[:64].hex()}")
    sys.exit(0 if ours == theirs and theirs else 1)


if __name__ == "__main__":
    main()
