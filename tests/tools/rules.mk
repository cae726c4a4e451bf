# SPDX-License-Identifier: Apache-2.0
# Programs that the suites need: our vsock device as a program of its own, and inits of guests to try it with and to
# measure boots with, which are static because they are alone in there.

TEST_TOOLS := $(B)/tests/tools/vhost-user-vsock $(B)/tests/tools/vsock-guest
TEST_TARGETS += $(TEST_TOOLS)
# A rule's prerequisites are read where it stands, so `check` learns of the tools here.
check: $(TEST_TOOLS)

$(B)/tests/tools/vhost-user-vsock: $(B)/tests/tools/vhost-user-vsock.o $(CORE)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

$(B)/tests/tools/vsock-guest $(B)/tests/tools/boot-mark: $(B)/tests/tools/%: tests/tools/%.c
	$(Q)mkdir -p $(@D) && $(CC) -std=gnu17 -D_GNU_SOURCE -O2 $(WARNINGS) -Werror -static -o $@ $<

-include $(B)/tests/tools/vhost-user-vsock.d
