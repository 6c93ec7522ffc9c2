// SPDX-License-Identifier: GPL-2.0-or-later
/* cgroup_path.c - which container a cgroup's path may be of */
#include "extcap/identity/cgroup_path.h"

#include <string.h>

/* What stands in front of an id, or is the folder that it is in. */
static const struct {
	const char *word;
	const char *runtime;
} words[] = {
	{"docker", "docker"},	  {"cri-containerd", "containerd"}, {"crio", "cri-o"},
	{"libpod", "podman"},	  {"libpod-payload", "podman"},	    {"nerdctl", "containerd"},
	{"buildkit", "buildkit"},
};

/* The monitor of a container is none: "crio-conmon-<id>.scope", "/libpod_parent/conmon". */
static const char monitor[] = "conmon";

/* A part of the path. */
struct piece {
	const char *text;
	gsize length;
};

static bool is_hex(const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (!g_ascii_isdigit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
			return false;
	return true;
}

static bool is_word(struct piece piece, const char *word)
{
	return piece.length == strlen(word) && memcmp(piece.text, word, piece.length) == 0;
}

static const char *runtime_of(struct piece piece)
{
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (is_word(piece, words[i].word))
			return words[i].runtime;
	return NULL;
}

static bool strip(struct piece *piece, const char *suffix)
{
	gsize length = strlen(suffix);

	if (piece->length <= length ||
	    memcmp(piece->text + piece->length - length, suffix, length) != 0)
		return false;
	piece->length -= length;
	return true;
}

/* What is behind the last @separator; false where there is none. */
static bool behind_last(struct piece piece, char separator, struct piece *front,
			struct piece *behind)
{
	for (gsize i = piece.length; i > 0; i--) {
		if (piece.text[i - 1] != separator)
			continue;
		*front = (struct piece){piece.text, i - 1};
		*behind = (struct piece){piece.text + i, piece.length - i};
		return true;
	}
	return false;
}

static bool has_suffix(struct piece piece, const char *suffix)
{
	gsize length = strlen(suffix);

	return piece.length >= length &&
	       memcmp(piece.text + piece.length - length, suffix, length) == 0;
}

/* "cri-containerd-<id>", "…:cri-containerd:<id>": takes off what is in front of the id. */
static bool take_word(struct piece *piece, struct piece *word)
{
	struct piece front, behind;

	if (behind_last(*piece, ':', &front, &behind)) {
		*piece = behind;
		if (!behind_last(front, ':', &behind, word))
			*word = front;
		return true;
	}
	if (behind_last(*piece, '-', &front, &behind) && behind.length == CONTAINER_ID_LENGTH) {
		*piece = behind;
		*word = front;
		return true;
	}
	return false;
}

static bool is_monitor(struct piece piece)
{
	struct piece word;

	strip(&piece, ".scope");
	return is_word(piece, monitor) || (take_word(&piece, &word) && has_suffix(word, monitor));
}

/* A uid is written with dashes, or, as systemd's names have them elsewhere, underscores; a
 * static pod's is a hash of 32 digits. */
static bool read_pod_uid(struct piece piece, char uid[POD_UID_LENGTH + 1])
{
	bool hashed = piece.length == 32;

	if (hashed ? !is_hex(piece.text, 32) : piece.length != POD_UID_LENGTH)
		return false;
	for (gsize i = 0; i < piece.length; i++) {
		char c = piece.text[i];
		bool is_dash = !hashed && (i == 8 || i == 13 || i == 18 || i == 23);

		if (is_dash ? c != '-' && c != '_' : !is_hex(&c, 1))
			return false;
		uid[i] = is_dash ? '-' : c;
	}
	uid[piece.length] = '\0';
	return true;
}

/* "pod<uid>", "kubepods-burstable-pod<uid>.slice", and the same in front of a colon. */
static bool take_pod(struct piece piece, char uid[POD_UID_LENGTH + 1])
{
	const char *colon = memchr(piece.text, ':', piece.length);

	if (colon)
		piece.length = colon - piece.text;
	strip(&piece, ".slice");
	for (gsize i = 0; i + 3 < piece.length; i++) {
		struct piece rest = {piece.text + i + 3, piece.length - i - 3};

		if (memcmp(piece.text + i, "pod", 3) == 0 && (i == 0 || piece.text[i - 1] == '-') &&
		    read_pod_uid(rest, uid))
			return true;
	}
	return false;
}

/* A folder of a pod of Podman's has an id, but not a container's. */
static bool is_podmans_pod(struct piece parent, struct piece piece)
{
	return is_word(parent, "libpod_parent") && piece.length == CONTAINER_ID_LENGTH;
}

/* systemd's slices group, and are none; nor are its services. */
static bool is_unit(struct piece piece)
{
	return has_suffix(piece, ".slice") || has_suffix(piece, ".service");
}

static bool read_candidate(struct piece parent, struct piece piece, struct cgroup_candidate *out)
{
	struct piece word = {NULL, 0};

	if (is_unit(piece) || is_podmans_pod(parent, piece))
		return false;
	strip(&piece, ".scope");
	out->runtime = take_word(&piece, &word) ? runtime_of(word) : runtime_of(parent);
	out->parent = parent.text;
	out->parent_length = parent.length;
	out->id = piece.text;
	out->length = piece.length;
	out->well_formed = piece.length == CONTAINER_ID_LENGTH && is_hex(piece.text, piece.length);
	return piece.length > 0;
}

/* The next component of the path; its length is 0 at the end. */
static struct piece next_piece(const char *path)
{
	path += strspn(path, "/");
	return (struct piece){path, strcspn(path, "/")};
}

static void turn_round(struct cgroup_candidate *candidates, guint n)
{
	for (guint i = 0; i < n / 2; i++) {
		struct cgroup_candidate it = candidates[i];

		candidates[i] = candidates[n - 1 - i];
		candidates[n - 1 - i] = it;
	}
}

guint cgroup_path_parse(const char *path, struct cgroup_candidate out[CGROUP_CANDIDATES])
{
	struct piece piece, parent = {"", 0};
	char pod[POD_UID_LENGTH + 1] = "";
	guint n = 0;

	for (piece = next_piece(path); piece.length && n < CGROUP_CANDIDATES;
	     piece = next_piece(piece.text + piece.length)) {
		bool is_pods;

		if (is_monitor(piece))
			return 0;
		/* What a pod's folder is called is no container's name. */
		is_pods = take_pod(piece, pod) && !memchr(piece.text, ':', piece.length);
		if (!is_pods && read_candidate(parent, piece, &out[n]))
			g_strlcpy(out[n++].pod, pod, sizeof(pod));
		parent = piece;
	}
	turn_round(out, n);
	return n;
}
