// SPDX-License-Identifier: Apache-2.0
#include "build.h"
#include "kata-runtime.h"

const char *runtime_version_text(void)
{
	static char text[256];

	snprintf(text, sizeof(text),
		 RUNTIME_NAME "  : " KATA_VERSION
			      "\n   commit   : %s\n   OCI specs: " RUNTIME_OCI_VERSION,
		 KATA_COMMIT[0] ? KATA_COMMIT : RUNTIME_UNKNOWN);
	return text;
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	(void)invocation;
	(void)err;
	puts(runtime_version_text());
	return 0;
}

const struct cli_command cmd_version = {
	.name = "version",
	.help = "display version details",
	.traits = RUNTIME_NEEDS_NOTHING,
	.run = run,
};
