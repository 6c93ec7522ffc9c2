/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link_news.h - what the kernel tells of the links of our own network namespace
 *
 * Theory of operation
 * A netlink socket tells of links from the moment it is bound; only then is the present list
 * asked for, so that none falls in between. A list during which links came and went may be
 * wrong (NLM_F_DUMP_INTR), and messages that found no room are missing (ENOBUFS): then it is
 * asked for again, but not before the one that is under way has ended, for the kernel would
 * refuse that (EBUSY).
 */
#ifndef PTCPDUMP_EXTCAP_CAPTURE_LINK_NEWS_H
#define PTCPDUMP_EXTCAP_CAPTURE_LINK_NEWS_H

#include <glib.h>

enum link_news_kind {
	NEWS_THERE, /* an interface is there, perhaps under a new name */
	NEWS_GONE,
	NEWS_LIST_BEGINS,
	NEWS_LIST_ENDS, /* what was not told of since the list began is gone */
};

/* @name is NULL unless it is there */
typedef void (*link_news_told)(enum link_news_kind kind, guint32 ifindex, guint16 hardware,
			       const char *name, void *data);

struct link_news;

/** link_news_open() - listens, and has told of all that is there; NULL with errno set */
struct link_news *link_news_open(link_news_told told, void *data);
void link_news_free(struct link_news *news);

/** link_news_fd() - readable when there is something for link_news_read() */
int link_news_fd(const struct link_news *news);
void link_news_read(struct link_news *news);

#endif
