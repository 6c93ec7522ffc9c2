/* SPDX-License-Identifier: GPL-2.0-or-later */
/* remember.h - answers that are the same for a moment
 *
 * Whenever an interface comes or goes Wireshark asks for everything again, several times, and
 * its window stands still meanwhile. Who has sockets is not looked up anew for each of them.
 */
#ifndef PTCPDUMP_EXTCAP_REMEMBER_H
#define PTCPDUMP_EXTCAP_REMEMBER_H

/** remembered() - what the program that has started us was told under @name some seconds ago at
 *  most, to be freed; NULL where it must be looked up: another program always gets what is
 *  there now */
char *remembered(const char *name);

/** remember() - keep @text under @name for a moment, for who has started us; where there is no
 *  room for it, it will be looked up again */
void remember(const char *name, const char *text);

#endif
