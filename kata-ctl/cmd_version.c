// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "base/log.h"
#include "build.h"
#include "kata-ctl.h"

/* The words and the quotes are what scripts look for (spec/kata-ctl.md 1.6). */
const char *ctl_version_text(void)
{
	return CTL_NAME " version \"" KATA_BUILD "\" (type: c)";
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct ctl_options *given = invocation->global;

	(void)err;
	if (given->json_logging)
		log_info(ctl_version_text());
	else
		puts(ctl_version_text());
	return 0;
}

const struct cli_command cmd_version = {
	.name = "version",
	.help = "show the version",
	.arguments = "",
	.run = run,
};
