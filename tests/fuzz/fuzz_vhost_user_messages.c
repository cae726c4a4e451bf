// SPDX-License-Identifier: Apache-2.0
/*
 * A front end that says anything: the input is a list of messages, each with its request, flags, payload and
 * descriptors of several kinds, whole or cut; in between, the guest kicks. No access is bad, no descriptor is left
 * open, and nothing blocks.
 */
#include <fcntl.h>

#include "process_directory.h"
#include "vhost-user-vsock/fake_guest.h"

#define MAX_MESSAGES 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct kinds {
	int fds[6]; /* the guest's memory, the same to be read only, an eventfd, a socket, a short file, the null device */
};

static size_t cut(const uint8_t **data, size_t *size, void *out, size_t wanted)
{
	size_t got = *size < wanted ? *size : wanted;

	memset(out, 0, wanted);
	memcpy(out, *data, got);
	*data += got;
	*size -= got;
	return got;
}

/* Numbers that make sense here, in place of some that hardly ever will. */
static void make_sense(struct vhost_user_header *header, union vhost_user_payload *payload,
		       uint8_t hint, struct fake_guest *guest)
{
	struct vhost_user_memory_table table = fake_memory_table();
	struct fake_queue *queue = &guest->queues[hint & 1];

	switch (header->request) {
	case VHOST_USER_SET_MEM_TABLE:
		payload->memory = table;
		header->size = offsetof(struct vhost_user_memory_table, regions) +
			       2 * sizeof(table.regions[0]);
		break;
	case VHOST_USER_ADD_MEM_REG:
	case VHOST_USER_REM_MEM_REG:
		payload->slot.region = table.regions[hint & 1];
		header->size = sizeof(payload->slot);
		break;
	case VHOST_USER_SET_VRING_NUM:
	case VHOST_USER_SET_VRING_ENABLE:
		payload->state.index &= 3;
		payload->state.value &= 127;
		header->size = sizeof(payload->state);
		break;
	case VHOST_USER_SET_VRING_ADDR:
		payload->addresses = (struct vhost_user_vring_addresses){
			.index = hint & 1,
			.descriptors = fake_user_address(fake_offset(guest, queue->descriptors)),
			.available = fake_user_address(fake_offset(guest, queue->available)),
			.used = fake_user_address(fake_offset(guest, queue->used)),
		};
		header->size = sizeof(payload->addresses);
		break;
	default:
		payload->number &= 0x1ff;
		header->size = sizeof(payload->number);
		break;
	}
}

static void send_message(struct fake_guest *guest, const struct kinds *kinds, const uint8_t **data,
			 size_t *size)
{
	struct {
		struct vhost_user_header header;
		unsigned char payload[320];
	} message = { 0 };
	uint8_t control[6];
	int fds[16];
	size_t length;

	cut(data, size, control, sizeof(control));
	/* What sets a queue running, so that the rest happens to one that runs. */
	if (control[0] >= 0xf0) {
		fake_set_memory(guest);
		fake_start_queue(guest, control[0] & 1, control[1]);
		fake_give(guest, control[0] & 1, control[2] % FAKE_QUEUE_SIZE);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = kinds->fds[(control[3] + i * (control[3] >> 4)) % ARRAY_SIZE(kinds->fds)];
	message.header.request = control[0] % 48;
	message.header.flags =
		control[1] & 0x80 ? control[1] : VHOST_USER_VERSION | (control[1] & 8);
	message.header.size = control[4];
	cut(data, size, message.payload, message.header.size % sizeof(message.payload));
	if (control[2] & 0x80) {
		union vhost_user_payload payload;

		memcpy(&payload, message.payload, sizeof(payload));
		make_sense(&message.header, &payload, control[2], guest);
		memcpy(message.payload, &payload, sizeof(payload));
	}
	length = sizeof(message.header) + message.header.size % sizeof(message.payload);
	if (control[2] & 0x40)
		length = control[5] % (length + 1);
	fake_send_raw(guest, &message, length, fds, (control[2] & 0x0f) % ARRAY_SIZE(fds));
}

static size_t count_descriptors(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fake_guest guest;
	struct kinds kinds;
	_cleanup_free_ char *reopened = NULL;
	size_t before = count_descriptors();

	fake_guest_connect(&guest, process_directory(), 4);
	reopened = xasprintf("/proc/self/fd/%d", guest.memory_fd);
	kinds = (struct kinds){ { guest.memory_fd, open(reopened, O_RDONLY | O_CLOEXEC),
				  guest.queues[0].call, guest.fd,
				  memfd_create("short", MFD_CLOEXEC),
				  open("/dev/null", O_RDWR | O_CLOEXEC) } };
	must(kinds.fds[1] >= 0 && kinds.fds[4] >= 0 && kinds.fds[5] >= 0);

	for (int i = 0; i < MAX_MESSAGES && size > 0; i++) {
		char answers[1024];
		uint64_t one = 1;

		send_message(&guest, &kinds, &data, &size);
		/* As much as a guest can do without being understood. */
		if (write(guest.queues[0].kick, &one, sizeof(one)) < 0)
			break;
		fake_process(&guest);
		while (recv(guest.fd, answers, sizeof(answers), MSG_DONTWAIT) > 0)
			;
	}
	fake_guest_end(&guest);
	close(kinds.fds[1]);
	close(kinds.fds[4]);
	close(kinds.fds[5]);
	must(count_descriptors() == before);
	return 0;
}
