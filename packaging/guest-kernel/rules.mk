# SPDX-License-Identifier: Apache-2.0
# A kernel made for guests, with everything built in, and an initrd for it. Not part of anything else, since it takes a
# quarter of an hour. docs/guest-image.md
#	make guest-kernel          build/guest-kernel/vmlinuz, vmlinux, config and initrd
#	KERNEL_FRAGMENTS='FILE..'  more fragments of configuration, such as drivers of devices that are passed through
#	KERNEL_WORK=FOLDER         where the source is unpacked and built, kept for the next time

KERNEL_FRAGMENTS ?=
KERNEL_WORK ?= $(B)/guest-kernel/work

.PHONY: guest-kernel
guest-kernel:
	$(Q)packaging/install-dependencies build guest kernel
	$(Q)packaging/guest-kernel/make-kernel $(KERNEL_WORK) $(B)/guest-kernel $(KERNEL_FRAGMENTS)
	$(Q)$(MAKE) --no-print-directory $(B)/guest-kernel/initrd

$(B)/guest-kernel/initrd: packaging/guest-image/make-initrd packaging/guest-image/make-root packaging/guest-image/modules \
		$(AGENT) $(B)/guest-kernel/vmlinuz $(B)/guest.settings
	$(Q)$< $(B)/guest-kernel/lib/modules/* $(AGENT) $@ $(GUEST_BUSYBOX)
