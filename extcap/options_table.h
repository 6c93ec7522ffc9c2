/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options_table.h - the shape of the option table
 *
 * Only what walks the table needs this: the parser (options_parse.c), the dialog and
 * --help (options_print.c), the man pages (packaging/man/), and the tests.
 */
#ifndef PTCPDUMP_EXTCAP_OPTIONS_TABLE_H
#define PTCPDUMP_EXTCAP_OPTIONS_TABLE_H

#include "extcap/options.h"
#include "extcap/sources/process.h"

/* How a value is read, and drawn in the dialog. */
enum option_type {
	OPTION_FACE,	/* none: it says which face is called */
	OPTION_WORD,	/* optional, by "=" only: --extcap-version */
	OPTION_STRING,	/* any text */
	OPTION_FILE,	/* the path of a file; it need not exist */
	OPTION_ADDRESS, /* of a socket: a path, or unix:// and one; "" or "none" is "": none */
	OPTION_PIDS,	/* process ids, comma separated: a GArray of guint32 */
	OPTION_USERS,	/* user ids or names, comma separated: likewise */
	OPTION_NAMES,	/* any words, comma separated: a char ** */
	OPTION_OFFERED, /* one that the dialog offers, by @offer; "none" is none */
	/* What is above is NULL where it was not given; what is below has a fallback. */
	OPTION_INTEGER, /* from @min to @max */
	OPTION_SIZE,	/* a power of two from @min to @max, in MiB */
	OPTION_SECONDS, /* from 0 to @max, with a fraction */
	OPTION_CHOICE,	/* one of @choices */
	OPTION_LIST,	/* several of @choices, comma separated */
	OPTION_BIT,	/* true or false: sets or clears the bit @max */
	OPTION_FLAG,	/* the same for a bool; without a value it is true */
};

enum option_group {
	GROUP_WIRESHARK, /* what Wireshark itself passes; in no dialog */
	GROUP_WHO,	 /* whose packets */
	GROUP_WHAT,	 /* which of them */
	GROUP_HOW,	 /* how they are recorded */
	GROUP_OWNER,	 /* what is said of their owners */
	GROUP_DEBUG,
	GROUPS,
};

/* Whose dialogs show an option: a bit for each enum source_kind. */
#define EVERY_SOURCE (~0U)

struct option_choice {
	const char *name;
	guint32 value;
	const char *label; /* in the dialog, of a selector */
};

struct option_desc {
	const char *name; /* without dashes */
	enum option_type type;
	enum option_group group;
	unsigned int sources;	 /* whose dialogs show it */
	bool hidden;		 /* from --help: not for people's hands */
	bool selects;		 /* whose packets, or which: saved only for a lasting source */
	bool unsaved;		 /* for no source: the next process of that id may be
				  * another one */
	bool guarded;		 /* starts a program, or writes a file: saved for nobody but
				  * who names it on Wireshark's own command line (asker.h) */
	const char *label;	 /* in the dialog */
	const char *help;	 /* the tooltip, and the line of --help */
	const char *fallback;	 /* what counts when it is not given; NULL: none, or: */
	char *(*reckoned)(void); /* it depends on the machine, and @help says how; free it */
	const char *placeholder; /* greyed in an empty field */
	const char *unit;	 /* "bytes", for sentences and --help */
	const struct option_choice *choices;
	void (*offer)(process_found found, void *data); /* what there is now */
	guint64 min, max;
	gsize offset, size; /* its place in struct options */
};

extern const struct option_desc option_table[];
extern const gsize option_count;

/**
 * option_set() - store what an option was given
 * @text:	its value, not empty
 *
 * Return: false when that is not what the option takes; nothing is stored then.
 */
bool option_set(struct options *options, const struct option_desc *option, const char *text);

/** option_reset() - as if it had not been given */
void option_reset(struct options *options, const struct option_desc *option);

/** option_fallback() - what counts here when it is not given; NULL: none; free it */
char *option_fallback(const struct option_desc *option);

/** option_clear() - free what it holds */
void option_clear(struct options *options, const struct option_desc *option);

/** option_allowed() - what an option's value must be: "a whole number from …"; free it */
char *option_allowed(const struct option_desc *option);

/** group_titles, group_order - the groups as tabs and headings, in the order for readers */
extern const char *const group_titles[GROUPS];
extern const enum option_group group_order[GROUPS];

/** option_is_for_people() - is it in --help and the man page? */
bool option_is_for_people(const struct option_desc *option);

/** option_operand() - what stands behind the name there: " FILE"; "" for none; free it */
char *option_operand(const struct option_desc *option);

#endif
