// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "build.h"

int main(void)
{
	printf("kata-runtime  : %s\n", KATA_VERSION);
	return 0;
}
