/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - what the command line says
 *
 * Every option is described once, in the table of options.c; the parser, the
 * dialog that Wireshark draws, --help and the man page all come from there.
 * Front and engine take the same command line: the front passes its own on.
 */
#ifndef PTCPDUMP_EXTCAP_OPTIONS_H
#define PTCPDUMP_EXTCAP_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* What a call wants: one of Wireshark's faces, or one for people. */
enum face {
	FACE_HELP,	   /* nothing at all, or --help */
	FACE_VERSION,	   /* --version */
	FACE_SELF_TEST,	   /* --self-test */
	FACE_INTERFACES,   /* --extcap-interfaces */
	FACE_DLTS,	   /* --extcap-dlts */
	FACE_CONFIG,	   /* --extcap-config, with --extcap-reload-option a reload */
	FACE_CHECK_FILTER, /* --extcap-capture-filter without --capture */
	FACE_CAPTURE,	   /* --capture */
};

/* Which comments packets get (--context): the bits follow the annotation kinds. */
#define CONTEXT_PROCESS	  0x01
#define CONTEXT_THREAD	  0x02
#define CONTEXT_USER	  0x04
#define CONTEXT_PARENT	  0x08
#define CONTEXT_CONTAINER 0x10
#define CONTEXT_POD	  0x20
#define CONTEXT_ALL	  0x3f

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* One of each option's value; strings are NULL where the option was not given. */
struct options {
	enum face face;

	/* Wireshark's own */
	char *source;		 /* --extcap-interface: "ptcpdump.any" */
	char *fifo;		 /* --fifo: a path, "-" for standard output */
	char *filter;		 /* --extcap-capture-filter; "" is NULL */
	char *wireshark_version; /* --extcap-version: "4.0" */
	char *reload;		 /* --extcap-reload-option: a name without dashes */

	/* Whose packets: pids, names, containers, pods and the command together mean any of them,
	 * users narrow.
	 * None given: everybody's. */
	GArray *pids;	      /* guint32; NULL: not given */
	char *process;	      /* one that the dialog offered; what it means is in pids, too */
	char *container;      /* likewise, in container_ids */
	char *pod;	      /* likewise, in pods */
	char **pnames;	      /* comm (15 characters) or name of the executable; NULL: not given */
	GArray *uids;	      /* guint32; NULL: not given */
	char **container_ids; /* how they begin; NULL: not given */
	char **container_names; /* NULL: not given */
	char **pods;		/* NAME.NAMESPACE; NULL: not given */
	bool follow_forks;	/* the selected processes' children too, and theirs */
	char *command;		/* run by the front, and captured */
	char *command_child;	/* front to engine: what was started, "PID:PIDFD:GOFD" */
	char **asker_names; /* front to engine: options that Wireshark's own command line sets */

	/* Which packets */
	char *capture_filter; /* counts beside the filter that Wireshark passes */
	char **netns;	      /* --netns: names, paths or "all"; NULL: the source's own */
	guint32 direction;    /* bits of enum direction (shared/record.h): in, out or both */

	/* How */
	guint32 snapshot_length; /* bytes of a packet, 1 to 262144 (default) */
	guint64 count;		 /* stop after so many packets; 0: never */
	double duration;	 /* stop after so many seconds; 0: never */
	guint32 buffer_size;	 /* of all CPUs' lanes in MiB, a power of two */
	guint32 context;	 /* CONTEXT_* */

	/* Where the container runtimes are asked: paths; NULL: their usual places, "": not at all.
	 * See names_options in extcap/names/client.h. */
	char *docker_address;
	char *containerd_address;
	char *cri_address;
	char *podman_address;
	guint32 label_length; /* bytes of a container's labels, and of a pod's, and annotations */
	bool address_names;   /* blocks that name containers' and pods' addresses */

	char *kernel_btf; /* a BTF file instead of the kernel's own */
	enum log_level log_level;
	char *log_file;
	bool json;	    /* of --self-test */
	char *without;	    /* for tests: hooks to do without, comma separated */
	guint32 table_size; /* for tests: entries of the kernel side's tables; 0: as many as ever */
};

#define OPTIONS_ERROR (options_error_quark())
GQuark options_error_quark(void);

/**
 * options_parse() - read a command line
 * @options:	filled with the defaults, then with what the line says; free it with
 *		options_clear() whatever comes back
 * @argc, @argv: as main() got them; not changed
 *
 * Takes everything that Wireshark 4.0, 4.4 and 4.6 send: "--name value", "--name=value",
 * flags with or without a value of their own, reload's values among them.
 *
 * Return: false with one sentence for the user in @error.
 */
bool options_parse(struct options *options, int argc, char **argv, GError **error);

/** options_add_word() - one more to a list of words, which may be NULL */
void options_add_word(char ***words, const char *word);

/** options_clear() - free what an options_parse() made */
void options_clear(struct options *options);

typedef struct options options_t;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(options_t, options_clear)

/** options_print_help() - --help, for @program ("ptcpdump" or "ptcpdump-capture") */
void options_print_help(FILE *out, const char *program);

/**
 * options_print_dialog() - the arguments and values of a source's dialog, as sentences
 * @options:	the source, and Wireshark's version, decide what can be offered
 */
void options_print_dialog(FILE *out, const struct options *options);

#endif
