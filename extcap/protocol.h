/* SPDX-License-Identifier: GPL-2.0-or-later */
/* protocol.h - what Wireshark asks of an extcap, as far as no privilege is needed */
#ifndef PTCPDUMP_EXTCAP_PROTOCOL_H
#define PTCPDUMP_EXTCAP_PROTOCOL_H

#include "extcap/options.h"

/**
 * protocol_answer() - answer a list or a dialog, --help or --version
 * @out:	where to; sentences for Wireshark, or text for people
 * @options:	what was asked: any face but FACE_CHECK_FILTER and FACE_CAPTURE
 * @program:	who answers, for --help
 *
 * Return: false with one sentence for the user in @error when there is no answer.
 */
bool protocol_answer(FILE *out, const struct options *options, const char *program, GError **error);

/**
 * protocol_list() - the list of sources
 * @told:	such a list of a moment ago, of which what takes long to find is told again;
 *		NULL: everything is looked up
 */
void protocol_list(FILE *out, const char *told);

/**
 * protocol_end_fifo() - the last act of a capture that failed before it opened @path
 *
 * A capture that fails must end its FIFO too. If it only went away, dumpcap would
 * either find the FIFO gone, and complain of that beside our sentence (4.0 to 4.6),
 * or have opened it already, and wait for its first byte for ever (4.0). So this
 * waits, some seconds at most, for the reader, and shows it an end. The sentence
 * must be out on stderr by then.
 */
void protocol_end_fifo(const char *path);

#endif
