/* SPDX-License-Identifier: GPL-2.0-or-later */
/* comments.h - the comments of a packet's owner, encoded once
 *
 * A packet's comments depend on what its process was then, the thread, the user, and on
 * which of them are wanted. They are encoded when that combination first appears, as
 * pcapng options ready to be copied, and kept with the process's image.
 */
#ifndef PTCPDUMP_EXTCAP_IDENTITY_COMMENTS_H
#define PTCPDUMP_EXTCAP_IDENTITY_COMMENTS_H

#include "extcap/identity/processes.h"

/* In place of CONTEXT_* bits: the comment of a process that is a packet's peer. */
#define CONTEXT_PEER 0x80000000U

/**
 * comments_of() - the comments for an owner
 * @image:	what it was when it did that; NULL: not known, then only ids are told
 * @owner:	as the packet's record has it
 * @context:	CONTEXT_* bits, or CONTEXT_PEER alone
 *
 * Return: pcapng options, borrowed until the next processes_apply(), processes_expire() or
 *         comments_of(); a peer's does not touch those of the owner that were asked for
 *         before.
 */
const GByteArray *comments_of(struct image *image, const struct owner *owner, guint32 context);

/**
 * comment_of_end() - which end of the packet its owner is, encoded
 * @source:	it has sent it, else it receives it
 *
 * For packets that pass through, whose direction on the device says nothing of it.
 */
const GByteArray *comment_of_end(bool source);

#endif
