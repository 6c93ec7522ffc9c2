/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket.h - where ptcpdump-names and its clients meet */
#ifndef PTCPDUMP_EXTCAP_NAMES_SOCKET_H
#define PTCPDUMP_EXTCAP_NAMES_SOCKET_H

/* The descriptor of its child's end of the socket pair; of systemd's first socket, too. */
#define NAMES_SOCKET 3

/* The administrator's service, if enabled: root's, for the group wireshark. */
#define NAMES_SERVICE "/run/ptcpdump-names.socket"

#endif
