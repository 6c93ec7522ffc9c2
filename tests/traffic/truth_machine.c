/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truth_machine.c - thousands of processes of all kinds, that write down what is whose
 *
 *   truth_machine LOG NETNS-A NETNS-B SEED PROCESSES [KIND...]
 *
 * Scenes (truth_scenes.h) are played, eight at a time, in two namespaces and between them, until
 * so many processes have been; with KIND only scenes of these kinds. The log is explained in
 * truth_core.h; with $TRUTH_GO the servers are there at once, and scenes once that file is. The
 * namespaces are joined as the tests' netns_pair does.
 */
#define _GNU_SOURCE
#include <stdbool.h>

#include "truth_core.h"
#include "truth_scenes.h"
#include "truth_servers.h"

enum { AT_ONCE = 8 };

static void share(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	if (shared == MAP_FAILED)
		err(1, "shared memory");
}

static void place(int fd, int at)
{
	if (fd < 0 || dup2(fd, at) < 0)
		err(1, "descriptor %d", at);
	close(fd);
}

static pid_t start_servers(int netns)
{
	pid_t group = fork();

	if (group)
		return group;
	setpgid(0, 0);
	become(true);
	if (setns(netns, CLONE_NEWNET))
		err(1, "setns");
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		if (fork())
			continue;
		become(true);
		me.random += i;
		servers[i].run(servers[i].port);
		pause();
	}
	pause();
	_exit(0);
}

static void choose(struct scene *scene, int kind)
{
	int where = kinds[kind].where;

	scene->kind = kind;
	scene->port = kinds[kind].port;
	scene->v6 = where < V4_VETH_ONLY && rnd(2);
	scene->loopback = (where == ANYWHERE || where == V4_ONLY) && rnd(3) == 0;
	scene->in_b = rnd(2);
	if (scene->loopback)
		scene->there = scene->v6 ? "::1" : "127.0.0.1";
	else if (scene->v6)
		scene->there = scene->in_b ? "fd77::1" : "fd77::2";
	else
		scene->there = scene->in_b ? "10.77.0.1" : "10.77.0.2";
	if (kinds[kind].play == play_multicast)
		scene->there = GROUP;
}

static pid_t play(const struct scene *scene)
{
	pid_t pid = spawn();

	if (pid)
		return pid;
	alarm(20);
	if (setns(scene->in_b ? NETNS_B_FD : NETNS_A_FD, CLONE_NEWNET))
		err(1, "setns");
	kinds[scene->kind].play(scene);
	_exit(0);
}

static int go_on(char **argv)
{
	int fd = atoi(argv[2]);

	share();
	me.random = 0xabcdef + getpid();
	snprintf(me.process, sizeof(me.process), "%s", argv[3]);
	become(false);
	hold(fd, "tcp", -1);
	if (strcmp(argv[1], "worker") == 0) {
		serve(fd);
	} else {
		const struct scene scene = {.kind = atoi(argv[4])};

		talk(&scene, fd);
	}
	return 0;
}

static bool is_wanted(int kind, int argc, char **argv)
{
	for (int i = 6; i < argc; i++)
		if (strcmp(argv[i], kinds[kind].name) == 0)
			return true;
	return argc <= 6;
}

static int free_seat(const pid_t *playing)
{
	for (int i = 0; i < AT_ONCE; i++)
		if (!playing[i])
			return i;
	return -1;
}

static bool busy(const pid_t *playing)
{
	for (int i = 0; i < AT_ONCE; i++)
		if (playing[i])
			return true;
	return false;
}

int main(int argc, char **argv)
{
	pid_t groups[2];
	const char *go = getenv("TRUTH_GO");
	unsigned wanted;
	pid_t playing[AT_ONCE] = {0};

	signal(SIGPIPE, SIG_IGN);
	if ((argc == 4 && !strcmp(argv[1], "worker")) || (argc == 5 && !strcmp(argv[1], "client")))
		return go_on(argv);
	if (argc < 6)
		errx(2, "usage: truth_machine LOG NETNS-A NETNS-B SEED PROCESSES [KIND...]");
	place(memfd_create("truth", 0), SHARED_FD);
	place(open(argv[1], O_WRONLY | O_APPEND | O_CREAT | O_TRUNC, 0666), LOG_FD);
	place(open(argv[2], O_RDONLY), NETNS_A_FD);
	place(open(argv[3], O_RDONLY), NETNS_B_FD);
	if (ftruncate(SHARED_FD, sizeof(*shared)))
		err(1, "shared memory");
	share();
	me.random = strtoull(argv[4], NULL, 0) * 0x9e3779b97f4a7c15ULL + 1;
	wanted = strtoul(argv[5], NULL, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	become(true);
	for (size_t i = 0; i < KINDS; i++)
		note("K %zu %s %d\n", i, kinds[i].name, kinds[i].port);
	groups[0] = start_servers(NETNS_A_FD);
	groups[1] = start_servers(NETNS_B_FD);
	usleep(300000);
	while (go && access(go, F_OK))
		usleep(10000);
	while (atomic_load(&shared->processes) < wanted || busy(playing)) {
		int seat = free_seat(playing), kind = 1 + rnd(KINDS - 1);
		struct scene scene;
		pid_t pid;

		if (atomic_load(&shared->processes) < wanted && seat >= 0) {
			if (!is_wanted(kind, argc, argv))
				continue;
			choose(&scene, kind);
			playing[seat] = play(&scene);
			continue;
		}
		pid = waitpid(-1, NULL, 0);
		reaped(pid);
		for (seat = 0; seat < AT_ONCE;
		     seat++) /* it may as well be an orphan of another's */
			if (playing[seat] == pid)
				playing[seat] = 0;
	}
	usleep(300000);
	kill(-groups[0], SIGKILL);
	kill(-groups[1], SIGKILL);
	fprintf(stderr, "%u processes, %u with a pid that another had before\n",
		atomic_load(&shared->processes), atomic_load(&shared->reused));
	return 0;
}
