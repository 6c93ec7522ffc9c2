/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rights.h - the capabilities of ptcpdump-attach: effective only around the call that needs one */
#ifndef PTCPDUMP_EXTCAP_ATTACH_RIGHTS_H
#define PTCPDUMP_EXTCAP_ATTACH_RIGHTS_H

#include <linux/capability.h>
#include <stdbool.h>

/** rights_begin() - keep what may be needed, none of it effective, and nothing ever again */
bool rights_begin(void);

/** rights_have() - may it be raised? */
bool rights_have(unsigned int capability);

/** rights_raise() - effective, if we have it, until rights_lower() */
void rights_raise(unsigned int capability);
void rights_lower(void);

#endif
