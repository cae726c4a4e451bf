// SPDX-License-Identifier: Apache-2.0
#include "reaper.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/memory.h"

/* A child that ended before it was made known. */
struct early_exit {
	pid_t pid;
	int status;
};

struct reaper {
	struct loop *loop;
	struct loop_source signal;
	struct loop_task again;
	struct loop_timer check; /* something may have been missed: look at once */
	struct reaper_child *children;
	unsigned starting;
	struct early_exit *early;
	size_t early_count, early_capacity;

	pthread_mutex_t lock; /* of these */
	unsigned held;
	bool posted;
};

static int status_of(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
}

static struct reaper_child **find(struct reaper *reaper, pid_t pid)
{
	struct reaper_child **link = &reaper->children;

	while (*link && (*link)->pid != pid)
		link = &(*link)->next;
	return link;
}

static void tell(struct reaper *reaper, pid_t pid, int status)
{
	struct reaper_child **link = find(reaper, pid);
	struct reaper_child *child = *link;

	if (child) {
		*link = child->next;
		child->exited(child, status);
	} else if (reaper->starting > 0) {
		reaper->early = xgrow(reaper->early, &reaper->early_capacity,
				      reaper->early_count + 1, sizeof(*reaper->early));
		reaper->early[reaper->early_count++] = (struct early_exit){ pid, status };
	}
}

/* Wait for one child that has ended. False when there is none. */
static bool reap_one(struct reaper *reaper, idtype_t type, pid_t pid)
{
	siginfo_t info = { 0 };

	if (waitid(type, (id_t)pid, &info, WEXITED | WNOHANG | __WALL) < 0 || info.si_pid == 0)
		return false;
	tell(reaper, info.si_pid, status_of(&info));
	return true;
}

static void reap_known(struct reaper *reaper)
{
	struct reaper_child *child = reaper->children;

	/* Whoever is told may change the list: start over after each. */
	while (child)
		child = reap_one(reaper, P_PID, child->pid) ? reaper->children : child->next;
}

static void reap(struct reaper *reaper)
{
	pthread_mutex_lock(&reaper->lock);
	if (reaper->held == 0)
		while (reap_one(reaper, P_ALL, 0))
			;
	else
		reap_known(reaper);
	pthread_mutex_unlock(&reaper->lock);
}

static void signalled(struct loop_source *source, uint32_t events)
{
	struct reaper *reaper = container_of(source, struct reaper, signal);
	struct signalfd_siginfo info;

	(void)events;
	while (read(source->fd, &info, sizeof(info)) > 0)
		;
	reap(reaper);
}

static void reap_again(struct loop_task *task)
{
	struct reaper *reaper = container_of(task, struct reaper, again);

	pthread_mutex_lock(&reaper->lock);
	reaper->posted = false;
	pthread_mutex_unlock(&reaper->lock);
	reap(reaper);
}

/* It runs, or nobody has waited for it yet: what has ended with its number was another one. */
static bool is_there(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/*
 * The last early exit with the number of a child that is known by now. Orphans come and go while a child is being made,
 * and numbers are used again, so that those before it are not the child's.
 */
static bool take_early(struct reaper *reaper, struct early_exit *exit)
{
	size_t kept = 0;
	bool found = false;

	for (size_t i = reaper->early_count; i > 0 && !found; i--) {
		*exit = reaper->early[i - 1];
		found = *find(reaper, exit->pid) != NULL;
	}
	for (size_t i = 0; i < reaper->early_count && found; i++)
		if (reaper->early[i].pid != exit->pid)
			reaper->early[kept++] = reaper->early[i];
	if (found)
		reaper->early_count = kept;
	return found;
}

static void check(struct loop_timer *timer)
{
	struct reaper *reaper = container_of(timer, struct reaper, check);
	struct early_exit exit = { 0 };

	while (take_early(reaper, &exit))
		if (!is_there(exit.pid))
			tell(reaper, exit.pid, exit.status);
	if (reaper->starting == 0)
		reaper->early_count = 0;
	reap(reaper);
}

int reaper_new(struct loop *loop, struct reaper **out, struct error **err)
{
	_cleanup_(reaper_freep) struct reaper *reaper = xcalloc(1, sizeof(*reaper));
	sigset_t child;
	int ret;

	reaper->loop = loop;
	reaper->signal.ready = signalled;
	reaper->again.run = reap_again;
	reaper->check.expired = check;
	pthread_mutex_init(&reaper->lock, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	reaper->signal.fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (reaper->signal.fd < 0)
		return error_set_errno(err, -errno, "make a descriptor for SIGCHLD");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return error_set_errno(err, -errno, "become the parent of orphans");
	ret = loop_watch(loop, &reaper->signal, EPOLLIN, err);
	if (ret < 0)
		return ret;
	*out = steal(reaper);
	return 0;
}

void reaper_free(struct reaper *reaper)
{
	if (!reaper)
		return;
	loop_disarm(reaper->loop, &reaper->check);
	if (reaper->signal.fd >= 0)
		close(reaper->signal.fd);
	pthread_mutex_destroy(&reaper->lock);
	free(reaper->early);
	free(reaper);
}

void reaper_starting(struct reaper *reaper)
{
	reaper->starting++;
}

void reaper_started(struct reaper *reaper)
{
	reaper->starting--;
	loop_arm(reaper->loop, &reaper->check, 0);
}

void reaper_watch(struct reaper *reaper, struct reaper_child *child)
{
	child->next = reaper->children;
	reaper->children = child;
	loop_arm(reaper->loop, &reaper->check, 0);
}

void reaper_unwatch(struct reaper *reaper, struct reaper_child *child)
{
	struct reaper_child **link = find(reaper, child->pid);

	if (*link == child)
		*link = child->next;
}

void reaper_hold(struct reaper *reaper)
{
	pthread_mutex_lock(&reaper->lock);
	reaper->held++;
	pthread_mutex_unlock(&reaper->lock);
}

void reaper_release(struct reaper *reaper)
{
	bool post;

	pthread_mutex_lock(&reaper->lock);
	post = --reaper->held == 0 && !reaper->posted;
	reaper->posted |= post;
	pthread_mutex_unlock(&reaper->lock);
	if (post)
		loop_post(reaper->loop, &reaper->again);
}
