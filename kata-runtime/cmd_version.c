// SPDX-License-Identifier: Apache-2.0
#include "base/strbuf.h"
#include "build.h"
#include "host/arch.h"
#include "kata-runtime.h"

/* In the order of the choices of --output. */
enum version_output {
	VERSION_TEXT,
	VERSION_JSON,
};

struct version_options {
	unsigned output;
};

static const struct cli_option options[] = {
	{ CLI_CHOICE("output, o", struct version_options, output, "text json"),
	  .help = "how to show the version: 'text', or 'json', which tells more of the build" },
	{ 0 },
};

const char *runtime_version_text(void)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 RUNTIME_NAME "  : " KATA_VERSION
			      "\n   commit   : %s\n   OCI specs: " RUNTIME_OCI_VERSION,
		 KATA_COMMIT[0] ? KATA_COMMIT : RUNTIME_UNKNOWN);
	return text;
}

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void print_json(void)
{
	printf("{\n"
	       "  \"name\": \"" RUNTIME_NAME "\",\n"
	       "  \"version\": \"" KATA_VERSION "\",\n"
	       "  \"build\": \"" KATA_BUILD "\",\n"
	       "  \"commit\": \"" KATA_COMMIT "\",\n"
	       "  \"date\": \"" KATA_BUILD_DATE "\",\n"
	       "  \"oci_specs\": \"" RUNTIME_OCI_VERSION "\",\n"
	       "  \"architecture\": \"%s\",\n"
	       "  \"compiler\": \"" COMPILER "\"\n"
	       "}\n",
	       host_arch_name(HOST_ARCH_COMPILED));
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct version_options *given = invocation->options;

	(void)err;
	if (given->output == VERSION_JSON)
		print_json();
	else
		puts(runtime_version_text());
	return 0;
}

const struct cli_command cmd_version = {
	.name = "version",
	.help = "display version details",
	.options = options,
	.options_size = sizeof(struct version_options),
	.traits = RUNTIME_NEEDS_NOTHING,
	.run = run,
};
