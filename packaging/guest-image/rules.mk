# SPDX-License-Identifier: Apache-2.0
# What a guest boots: Debian's cloud kernel, and an initrd with its modules and our agent. docs/guest-image.md
#	make guest-image      build/guest/vmlinuz and build/guest/initrd
#	KERNEL_RELEASE=NAME   another kernel of /boot than the newest cloud kernel
#	GUEST_BUSYBOX=FILE    a static busybox for looking around in the guest

KERNEL_RELEASE ?= $(shell ls /boot | sed -n 's/^vmlinuz-\(.*-cloud-.*\)/\1/p' | sort -V | tail -n 1)
GUEST_BUSYBOX ?=
GUEST_IMAGE := $(B)/guest/vmlinuz $(B)/guest/initrd

.PHONY: guest-image guest-for-tests
guest-image:
	$(Q)packaging/install-dependencies build guest
	$(Q)$(MAKE) --no-print-directory $(GUEST_IMAGE)

# Not where there is no kernel, and not with SANITIZE=1: the agent then needs shared libraries, which an initrd does not
# have. The tests say so.
guest-for-tests: $(if $(SANITIZE),,$(if $(KERNEL_RELEASE),$(GUEST_IMAGE)))
TEST_TARGETS += guest-for-tests
check: guest-for-tests

$(B)/guest.settings: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(KERNEL_RELEASE) $(GUEST_BUSYBOX)' >$@.new
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/guest/vmlinuz: /boot/vmlinuz-$(KERNEL_RELEASE) $(B)/guest.settings
	$(Q)mkdir -p $(@D) && install -m 0644 $< $@

$(B)/guest/initrd: packaging/guest-image/make-initrd packaging/guest-image/modules $(AGENT) $(B)/guest.settings
	$(Q)$< '$(KERNEL_RELEASE)' $(AGENT) $@ $(GUEST_BUSYBOX)
