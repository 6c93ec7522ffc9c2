/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - how many CPUs share the packet buffer */
#ifndef PTCPDUMP_EXTCAP_CPUS_H
#define PTCPDUMP_EXTCAP_CPUS_H

#include <glib.h>

/** cpus_present() - as many as are there, by the highest number; a virtual machine may be allowed a
 *  hundred times as many */
guint cpus_present(void);

#endif
