/* SPDX-License-Identifier: GPL-2.0-or-later */
/* roff.h - text as the man pages' language has it */
#ifndef PTCPDUMP_PACKAGING_MAN_ROFF_H
#define PTCPDUMP_PACKAGING_MAN_ROFF_H

#include <stdio.h>

/* Text as text: no line of it a request, no character an escape. */
static inline void text(const char *words)
{
	if (*words == '.' || *words == '\'')
		fputs("\\&", stdout);
	for (; *words; words++)
		if (*words == '\\')
			fputs("\\e", stdout);
		else if (*words == '-')
			fputs("\\-", stdout);
		else
			putchar(*words);
}

static inline void line(const char *words)
{
	text(words);
	putchar('\n');
}

static inline void paragraph(const char *words)
{
	puts(".PP");
	line(words);
}

static inline void example(const char *command)
{
	puts(".PP\n.RS 4\n.nf");
	line(command);
	puts(".fi\n.RE");
}

#endif
