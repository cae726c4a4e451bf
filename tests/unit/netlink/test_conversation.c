// SPDX-License-Identifier: Apache-2.0
/* One request and what comes back, with a socket pair in the place of the kernel: its answers are there before it is asked. */
#include "unit.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <pthread.h>
#include <sys/socket.h>

#include "netlink/netlink.h"

#define PORT 4711

struct fake {
	struct netlink netlink;
	int kernel;
};

static int set_up(void **state)
{
	struct fake *fake = xcalloc(1, sizeof(*fake));
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	fake->netlink = (struct netlink){ .fd = ends[0], .port = PORT };
	fake->kernel = ends[1];
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	struct fake *fake = *state;

	netlink_close(&fake->netlink);
	close(fake->kernel);
	free(fake);
	return 0;
}

/* A message of a payload that is repeated letters, behind those of the datagram so far. */
static void add(struct strbuf *datagram, uint16_t type, uint16_t flags, uint32_t sequence,
		char letter, size_t size)
{
	struct nlmsghdr start = {
		.nlmsg_len = (uint32_t)(sizeof(start) + size),
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = sequence,
		.nlmsg_pid = PORT,
	};

	strbuf_append(datagram, &start, sizeof(start));
	strbuf_fill(datagram, letter, size);
	strbuf_fill(datagram, '\0', NLMSG_ALIGN(datagram->size) - datagram->size);
}

static void answer(const struct fake *fake, struct strbuf *datagram)
{
	assert_int_equal(send(fake->kernel, datagram->data, datagram->size, 0), datagram->size);
	strbuf_truncate(datagram, 0);
}

static void answer_one(const struct fake *fake, uint16_t type, uint16_t flags, uint32_t sequence,
		       char letter, size_t size)
{
	_cleanup_strbuf_ struct strbuf datagram = STRBUF_INIT;

	add(&datagram, type, flags, sequence, letter, size);
	answer(fake, &datagram);
}

static int dump(struct fake *fake, struct strbuf *messages, struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct rtgenmsg header = { 0 };

	netlink_begin(&request, RTM_GETLINK, 0, &header, sizeof(header));
	return netlink_dump(&fake->netlink, &request, messages, err);
}

static int call(struct fake *fake, struct error **err)
{
	_cleanup_strbuf_ struct strbuf request = STRBUF_INIT;
	struct ifinfomsg header = { 0 };

	netlink_begin(&request, RTM_SETLINK, 0, &header, sizeof(header));
	netlink_put_string(&request, IFLA_IFNAME, "eth0");
	return netlink_call(&fake->netlink, &request, err);
}

/* The messages' payloads, one after the other. */
static char *letters_of(const struct strbuf *messages)
{
	_cleanup_strbuf_ struct strbuf letters = STRBUF_INIT;
	struct slice rest = strbuf_view(messages);
	struct netlink_message message;
	struct error *err = NULL;
	int ret;

	while ((ret = netlink_next(&rest, &message, &err)) > 0)
		strbuf_slice(&letters, message.payload);
	assert_ok(ret, err);
	return letters.size ? strbuf_steal(&letters) : xstrdup("");
}

static void test_request(void **state)
{
	struct fake *fake = *state;
	char request[128];
	struct nlmsghdr start;
	struct error *err = NULL;
	ssize_t size;

	answer_one(fake, NLMSG_ERROR, 0, 1, 0, 4);
	assert_ok(call(fake, &err), err);
	size = recv(fake->kernel, request, sizeof(request), 0);
	memcpy(&start, request, sizeof(start));
	assert_int_equal(size, sizeof(start) + sizeof(struct ifinfomsg) + 4 + 8);
	assert_int_equal(start.nlmsg_len, size);
	assert_int_equal(start.nlmsg_type, RTM_SETLINK);
	assert_int_equal(start.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(start.nlmsg_seq, 1);
	assert_int_equal(start.nlmsg_pid, PORT);
}

static void test_parts(void **state)
{
	_cleanup_strbuf_ struct strbuf datagram = STRBUF_INIT, messages = STRBUF_INIT;
	_cleanup_free_ char *letters = NULL;
	struct fake *fake = *state;
	struct error *err = NULL;

	add(&datagram, NLMSG_NOOP, NLM_F_MULTI, 1, 'x', 2);
	add(&datagram, RTM_NEWLINK, NLM_F_MULTI, 1, 'a', 3);
	add(&datagram, RTM_NEWLINK, NLM_F_MULTI, 1, 'b', 1);
	answer(fake, &datagram);
	answer_one(fake, RTM_NEWLINK, NLM_F_MULTI, 1, 'c', 4);
	answer_one(fake, NLMSG_DONE, NLM_F_MULTI, 1, 0, 4);
	assert_ok(dump(fake, &messages, &err), err);
	letters = letters_of(&messages);
	assert_string_equal(letters, "aaabcccc");
}

/* What belongs to an earlier request, or to somebody else. */
static void test_strangers(void **state)
{
	_cleanup_strbuf_ struct strbuf datagram = STRBUF_INIT, messages = STRBUF_INIT;
	_cleanup_free_ char *letters = NULL;
	struct fake *fake = *state;
	struct error *err = NULL;
	uint32_t other = PORT + 1;

	fake->netlink.sequence = 8;
	answer_one(fake, NLMSG_DONE, NLM_F_MULTI, 8, 0, 4);
	add(&datagram, NLMSG_DONE, NLM_F_MULTI, 9, 0, 4);
	memcpy(datagram.data + offsetof(struct nlmsghdr, nlmsg_pid), &other, sizeof(other));
	add(&datagram, RTM_NEWLINK, NLM_F_MULTI, 9, 'a', 1);
	add(&datagram, NLMSG_DONE, NLM_F_MULTI, 9, 0, 0); /* as old kernels end a list */
	answer(fake, &datagram);
	assert_ok(dump(fake, &messages, &err), err);
	letters = letters_of(&messages);
	assert_string_equal(letters, "a");
}

static void test_list_that_changes(void **state)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	_cleanup_free_ char *letters = NULL;
	struct fake *fake = *state;
	struct error *err = NULL;

	answer_one(fake, RTM_NEWLINK, NLM_F_MULTI, 1, 'a', 1);
	answer_one(fake, NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, 1, 0, 4);
	answer_one(fake, RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR, 2, 'b', 1);
	answer_one(fake, NLMSG_DONE, NLM_F_MULTI, 2, 0, 4);
	answer_one(fake, RTM_NEWLINK, NLM_F_MULTI, 3, 'c', 1);
	answer_one(fake, NLMSG_DONE, NLM_F_MULTI, 3, 0, 4);
	assert_ok(dump(fake, &messages, &err), err);
	letters = letters_of(&messages);
	assert_string_equal(letters, "c");
}

static void *change_always(void *argument)
{
	const struct fake *fake = argument;

	for (uint32_t i = 1; i <= 10; i++)
		answer_one(fake, NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR, i, 0, 4);
	return NULL;
}

static void *send_without_end(void *argument)
{
	_cleanup_strbuf_ struct strbuf datagram = STRBUF_INIT;
	const struct fake *fake = argument;

	add(&datagram, RTM_NEWLINK, NLM_F_MULTI, 1, 'a', 60000);
	/* Until the other end is closed. */
	while (send(fake->kernel, datagram.data, datagram.size, MSG_NOSIGNAL) >= 0)
		;
	return NULL;
}

static void fail_beside(struct fake *fake, void *(*kernel)(void *), int code, const char *text)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	struct error *err = NULL;
	pthread_t thread;
	int ret;

	assert_int_equal(pthread_create(&thread, NULL, kernel, fake), 0);
	ret = dump(fake, &messages, &err);
	netlink_close(&fake->netlink);
	pthread_join(thread, NULL);
	assert_failed(ret, err, code, text);
}

static void test_list_that_always_changes(void **state)
{
	fail_beside(*state, change_always, -EINTR, "the list changes while the kernel gives it");
}

static void test_list_without_end(void **state)
{
	fail_beside(*state, send_without_end, -EFBIG, "the kernel's list is longer than");
}

static void test_failures(void **state)
{
	static const struct {
		uint16_t type;
		char letter;
		size_t size;
		int code;
		const char *text;
	} cases[] = {
		{ NLMSG_OVERRUN, 0, 0, -ENOBUFS, "the kernel has lost an answer" },
		{ NLMSG_ERROR, '\xff', 4, -EPERM, "operation not permitted" },
		{ NLMSG_DONE, '\xff', 4, -EPERM, "operation not permitted" },
		{ NLMSG_ERROR, 0, 2, -EBADMSG, "2 bytes in a netlink message instead of 4" },
		{ RTM_NEWLINK, 0, NETLINK_MAX_DATAGRAM, -EMSGSIZE, "a netlink datagram of" },
	};
	struct fake *fake = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
		struct error *err = NULL;
		int ret;

		answer_one(fake, cases[i].type, 0, (uint32_t)i + 1, cases[i].letter, cases[i].size);
		ret = dump(fake, &messages, &err);
		assert_failed(ret, err, cases[i].code, cases[i].text);
		assert_int_equal(messages.size, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strangers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_that_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_that_always_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_without_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failures, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("netlink conversations", tests, NULL, NULL);
}
