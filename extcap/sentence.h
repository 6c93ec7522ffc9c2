/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentence.h - the sentences that an extcap says to Wireshark
 *
 * Theory of operation
 * An extcap answers in lines such as
 *
 *	interface {value=ptcpdump.if.eth0}{display=eth0 with processes}
 *
 * The language has no escape: a brace or a line end inside of a name begins a new
 * key or a new sentence, so a process called "{display=x}{value=y" would make a
 * source of its own. Names of interfaces, processes and containers are other
 * people's words, so no other file writes a sentence, and here
 *
 *  - a value, by which Wireshark names things back to us, is written only when it
 *    is of the alphabet "letters digits _ . - @"; else its whole sentence is left
 *    out and counted, for a changed name would be the name of something else;
 *  - a text, which is only looked at, is always written: what is no printable
 *    character becomes "?", braces become parentheses.
 */
#ifndef PTCPDUMP_EXTCAP_SENTENCE_H
#define PTCPDUMP_EXTCAP_SENTENCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Where a display is cut: longer ones only make Wireshark's list unreadable. */
#define SENTENCE_TEXT_MAX 512

struct sentence {
	GString *line;
	bool refused;
};

/** sentence_begin() - begin a line: @verb is "interface", "arg", … */
void sentence_begin(struct sentence *sentence, const char *verb);

/** sentence_value() - add a name; refuses the sentence if it is not of the alphabet */
void sentence_value(struct sentence *sentence, const char *key, const char *value);

/** sentence_number() - add a number */
void sentence_number(struct sentence *sentence, const char *key, guint64 number);

/** sentence_range() - add "{range=@from,@to}" */
void sentence_range(struct sentence *sentence, guint64 from, guint64 to);

/** sentence_pattern() - add what a value must look like: a regular expression of our own,
 *  without braces */
void sentence_pattern(struct sentence *sentence, const char *pattern);

/** sentence_text() - add words for people: cleaned, cut, never refused */
void sentence_text(struct sentence *sentence, const char *key, const char *text);

/**
 * sentence_end() - write the line, unless one of its values was refused
 *
 * Return: whether it was written.
 */
bool sentence_end(struct sentence *sentence, FILE *out);

/** sentence_refusals() - how many sentences this process did not write */
guint sentence_refusals(void);

/** sentence_is_name() - is it of the alphabet of values, and not empty? */
bool sentence_is_name(const char *name);

/**
 * sentence_printable() - any bytes made fit for a terminal or an error dialog
 * @text:	other people's words, any bytes
 * @max:	characters to keep; a cut text ends in "..."
 *
 * Return: valid UTF-8 without control characters, to be freed. Braces stay.
 */
char *sentence_printable(const char *text, gsize max);

#endif
