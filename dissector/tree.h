/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - a packet's owner in the packet details */
#ifndef PTCPDUMP_DISSECTOR_TREE_H
#define PTCPDUMP_DISSECTOR_TREE_H

#include "dissector/notes.h"

void tree_register(int protocol);

/**
 * tree_add() - add the protocol with all its fields
 * @tvb:	the frame: no byte of it is ours, items stand at its beginning with no length
 * @tree:	may be one that nobody looks at, made for the fields alone; NULL where only
 *		expert items are asked for
 */
void tree_add(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const struct notes *notes);

#endif
