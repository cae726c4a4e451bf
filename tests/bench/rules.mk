# SPDX-License-Identifier: Apache-2.0
# `make bench`: figures as ratios to a baseline of the same run. Never part of `make test`.
#	OTHER_KATA_RUNTIME=PATH   measure another kata-runtime binary beside ours
#	OTHER_KATA_LOG_PARSER=PATH  likewise
#	ROUNDS=N

.PHONY: bench
bench: all $(B)/tests/bench/measure $(B)/tests/bench/bench_toml
	$(Q)tests/bench/kata-runtime $(B)
	$(Q)tests/bench/log-parser $(B)
	$(Q)$(B)/tests/bench/bench_toml

$(B)/tests/bench/measure: $(B)/tests/bench/measure.o
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $<

$(B)/tests/bench/bench_%: $(B)/tests/bench/bench_%.o $(CORE)
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

# Our vsock device; beside another, if OTHER_VSOCK_DEVICE names one (see tests/bench/vsock).
.PHONY: bench-vsock
bench-vsock: $(B)/tests/tools/vhost-user-vsock $(B)/tests/tools/vsock-guest
	$(Q)tests/bench/vsock $(B)

# From QEMU's start to the agent's answer.
.PHONY: bench-boot
bench-boot: $(B)/guest/initrd $(B)/guest/vmlinuz $(B)/tests/tools/vhost-user-vsock $(B)/tests/tools/boot-mark
	$(Q)tests/bench/boot $(B)
