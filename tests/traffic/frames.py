# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames taken apart as far as the tests need it."""
import ipaddress
import struct

ETHERNET, RAW, IPV4, IPV6 = 1, 101, 228, 229


class Frame:
    """proto is tcp, udp, icmp, icmp6, igmp, or None for all else; ports are 0 where there are none."""

    def __init__(self, linktype, data):
        self.proto = self.src = self.dst = None
        self.sport = self.dport = 0
        self.payload = b""
        self.carries_data = False
        self.fragment = None  # what all fragments of a packet have in common
        self.later_fragment = False
        self.multicast = False
        self.icmp_type = None
        self.tcp_flags = 0
        try:
            self._link(linktype, data)
        except (struct.error, IndexError):
            pass  # cut short: what is known so far has to do

    def _link(self, linktype, data):
        if linktype in (RAW, IPV4, IPV6):
            self._ip(data)
            return
        if linktype != ETHERNET:
            return
        at = 12
        kind = struct.unpack_from("!H", data, at)[0]
        while kind in (0x8100, 0x88A8):
            at += 4
            kind = struct.unpack_from("!H", data, at)[0]
        if kind in (0x0800, 0x86DD):
            self._ip(data[at + 2 :])

    def _ip(self, data):
        if data[0] >> 4 == 4:
            header = (data[0] & 15) * 4
            total, ident, offset = struct.unpack_from("!HHH", data, 2)
            proto = data[9]
            self.src, self.dst = (str(ipaddress.ip_address(data[i : i + 4])) for i in (12, 16))
            if offset & 0x3FFF:
                self.fragment = (self.src, self.dst, ident, proto)
                self.later_fragment = bool(offset & 0x1FFF)
            data = data[header:total]
        else:
            proto = data[6]
            self.src, self.dst = (str(ipaddress.ip_address(data[i : i + 16])) for i in (8, 24))
            data = data[40 : 40 + struct.unpack_from("!H", data, 4)[0]]
            while proto in (0, 44):
                if proto == 44:
                    offset, ident = struct.unpack_from("!HI", data, 2)
                    self.fragment = (self.src, self.dst, ident, data[0])
                    self.later_fragment = bool(offset & 0xFFF8)
                    size = 8
                else:
                    size = (data[1] + 1) * 8
                proto, data = data[0], data[size:]
                if self.later_fragment:
                    break
        self.multicast = ipaddress.ip_address(self.dst).is_multicast
        self.proto = {6: "tcp", 17: "udp", 1: "icmp", 2: "igmp", 58: "icmp6"}.get(proto)
        if self.later_fragment:
            self.carries_data = True
        elif self.proto == "tcp":
            self.sport, self.dport = struct.unpack_from("!HH", data)
            self.tcp_flags = data[13]
            self.payload = data[(data[12] >> 4) * 4 :]
            self.carries_data = len(self.payload) > 0
        elif self.proto == "udp":
            self.sport, self.dport, length = struct.unpack_from("!HHH", data)
            self.payload = data[8:length]
            self.carries_data = True
        elif self.proto in ("icmp", "icmp6"):
            self.icmp_type = data[0]
            if self.is_echo():
                self.sport = self.dport = struct.unpack_from("!H", data, 4)[0]
                self.payload = data[8:]
            self.carries_data = True

    def is_echo(self):
        return (self.proto, self.icmp_type) in (("icmp", 8), ("icmp", 0), ("icmp6", 128), ("icmp6", 129))

    def is_request(self):
        return self.icmp_type in (8, 128)

    def is_chatter(self):
        """The kernel's own: neighbours, routers, group memberships."""
        return self.proto == "igmp" or self.proto == "icmp6" and 130 <= (self.icmp_type or 0) <= 143
