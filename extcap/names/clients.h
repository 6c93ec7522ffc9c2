/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clients.h - who has asked ptcpdump-names, and what each still has to be told
 *
 * Theory of operation
 * A client that does not read must cost no memory and hold up nobody. So nothing is queued for
 * it but which containers have changed; what is said of them is made when the socket takes it.
 */
#ifndef PTCPDUMP_EXTCAP_NAMES_CLIENTS_H
#define PTCPDUMP_EXTCAP_NAMES_CLIENTS_H

#include "extcap/names/runtime.h"

struct clients;

/**
 * clients_new() - ask the runtimes, for whoever will come
 * @addresses:	one for each runtime, as in struct names_options
 * @loop:	ended when nobody is left to be told
 */
struct clients *clients_new(const char *const addresses[NAMES_RUNTIMES], GMainLoop *loop);

/** clients_add() - one at the other end of @fd, which is the clients' own from here */
void clients_add(struct clients *clients, int fd);

/** clients_listen() - those who connect to @fd */
void clients_listen(struct clients *clients, int fd);

void clients_free(struct clients *clients);

#endif
