/* SPDX-License-Identifier: GPL-2.0-or-later */
/* count.c - what is in a capture file, quickly
 *
 *   count FILE
 *
 * Prints in one line: packets, packets with a comment, bytes of the file; then the sums that a
 * PcapNG file states: seen, accepted by filter and selection, dropped (interface statistics), and
 * dropped by the packets' own word (epb_dropcount). For pcap they are 0. A file that was cut off in
 * the middle of a packet is counted up to there.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTION = 0x0a0d0d0a, PACKET = 6, STATISTICS = 5 };
enum { COMMENT = 1, EPB_DROPCOUNT = 4, ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_FILTERACCEPT = 6 };

struct counts {
	unsigned long packets, owned, seen, accepted, dropped, told;
};

static uint32_t u32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint64_t u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void count_option(struct counts *counts, uint32_t block, uint16_t code, const uint8_t *value)
{
	if (block == PACKET && code == EPB_DROPCOUNT)
		counts->told += u64(value);
	if (block != STATISTICS)
		return;
	if (code == ISB_IFRECV)
		counts->seen += u64(value);
	if (code == ISB_IFDROP)
		counts->dropped += u64(value);
	if (code == ISB_FILTERACCEPT)
		counts->accepted += u64(value);
}

/* Returns whether there was a comment. */
static bool count_options(struct counts *counts, uint32_t block, const uint8_t *at,
			  const uint8_t *end)
{
	bool comment = false;

	while (at + 4 <= end) {
		uint32_t head = u32(at);
		uint16_t code = head & 0xffff, length = head >> 16;

		if (!code || at + 4 + length > end)
			break;
		comment |= code == COMMENT;
		if (length == 8)
			count_option(counts, block, code, at + 4);
		at += 4 + (length + 3) / 4 * 4;
	}
	return comment;
}

static void count_pcapng(struct counts *counts, const uint8_t *at, const uint8_t *end)
{
	while (at + 12 <= end && u32(at + 4) >= 12 && at + u32(at + 4) <= end) {
		const uint8_t *next = at + u32(at + 4);
		uint32_t block = u32(at);

		if (block == PACKET) {
			uint32_t captured = (u32(at + 20) + 3) / 4 * 4;

			counts->packets++;
			counts->owned += count_options(counts, block, at + 28 + captured, next - 4);
		} else if (block == STATISTICS) {
			count_options(counts, block, at + 20, next - 4);
		}
		at = next;
	}
}

static void count_pcap(struct counts *counts, const uint8_t *at, const uint8_t *end)
{
	for (at += 24; at + 16 <= end && at + 16 + u32(at + 8) <= end; at += 16 + u32(at + 8))
		counts->packets++;
}

int main(int argc, char **argv)
{
	struct counts counts = {0};
	const uint8_t *bytes;
	struct stat st;
	int fd;

	if (argc != 2)
		errx(2, "usage: count FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		err(1, "%s", argv[1]);
	if (st.st_size > 24) {
		bytes = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		if (bytes == MAP_FAILED)
			err(1, "%s", argv[1]);
		if (u32(bytes) == SECTION)
			count_pcapng(&counts, bytes, bytes + st.st_size);
		else
			count_pcap(&counts, bytes, bytes + st.st_size);
	}
	printf("%lu %lu %ld %lu %lu %lu %lu\n", counts.packets, counts.owned, (long)st.st_size,
	       counts.seen, counts.accepted, counts.dropped, counts.told);
	return 0;
}
