// SPDX-License-Identifier: Apache-2.0
/* How fast a large configuration is read, as a ratio to only checking that its bytes are UTF-8. */
#include <stdio.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "toml/toml.h"

#define SIZE   (1 << 20)
#define ROUNDS 20

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Comments, keys, lists and tables in about the mixture of shipped configuration files. */
static void make_configuration(struct strbuf *text)
{
	for (int i = 0; text->size < SIZE; i++)
		strbuf_printf(text,
			      "[hypervisor.h%d]\n"
			      "# The path of the virtual machine monitor; a comment of the usual "
			      "length.\n"
			      "path = \"/usr/bin/qemu-system-x86_64\"\n"
			      "kernel_params = \"agent.log=debug \\\"quoted\\\"\"\n"
			      "default_vcpus = %d\n"
			      "memory_slots = 10\n"
			      "enable_annotations = [\"enable_iommu\", \"kernel_params\"]\n"
			      "disable_guest_selinux = true\n\n",
			      i, i % 8);
}

int main(void)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	double start, checking, parsing;

	make_configuration(&text);
	start = now_ms();
	for (int i = 0; i < ROUNDS; i++)
		if (utf8_find_invalid(strbuf_view(&text)) < text.size)
			return 1;
	checking = (now_ms() - start) / ROUNDS;
	start = now_ms();
	for (int i = 0; i < ROUNDS; i++) {
		struct toml_document *document;
		struct error *err = NULL;

		if (toml_parse(strbuf_view(&text), "bench", &document, &err) < 0) {
			fprintf(stderr, "%s\n", error_message(err));
			return 1;
		}
		toml_document_free(document);
	}
	parsing = (now_ms() - start) / ROUNDS;
	printf("toml: %zu bytes in %.2f ms, %.0f MB/s, %.1f times as long as the check for UTF-8\n",
	       text.size, parsing, (double)text.size / parsing / 1e3, parsing / checking);
	return 0;
}
