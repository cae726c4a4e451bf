# SPDX-License-Identifier: Apache-2.0
"""A guest that runs nothing but tests/tools/vsock-guest, which serves vsock ports."""

import os

from qemu import Guest, find_kernel

MODULES = [
    "drivers/virtio/virtio_ring.ko", "drivers/virtio/virtio.ko", "drivers/virtio/virtio_pci_modern_dev.ko",
    "drivers/virtio/virtio_pci_legacy_dev.ko", "drivers/virtio/virtio_pci.ko", "net/vmw_vsock/vsock.ko",
    "net/vmw_vsock/vmw_vsock_virtio_transport_common.ko", "net/vmw_vsock/vmw_vsock_virtio_transport.ko",
]


def cpio_entry(name, mode, data=b"", device=(0, 0), number=[0]):
    number[0] += 1
    fields = [number[0], mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0]
    entry = b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
    entry += b"\0" * (-len(entry) % 4) + data
    return entry + b"\0" * (-len(entry) % 4)


def make_initrd(path, init, modules):
    with open(path, "wb") as archive:
        archive.write(cpio_entry("dev", 0o040755) + cpio_entry("dev/console", 0o020600, device=(5, 1)))
        with open(init, "rb") as program:
            archive.write(cpio_entry("init", 0o100755, program.read()) + cpio_entry("modules", 0o040755))
        order = ""
        for module in MODULES:
            with open(os.path.join(modules, "kernel", module), "rb") as source:
                archive.write(cpio_entry("modules/" + os.path.basename(module), 0o100644, source.read()))
            order += os.path.basename(module) + "\n"
        archive.write(cpio_entry("modules/order", 0o100644, order.encode()) + cpio_entry("TRAILER!!!", 0))


def boot(directory, build, device):
    """Such a guest with a vsock device, when it serves."""
    kernel, modules = find_kernel()
    initrd = os.path.join(directory, "initrd")
    make_initrd(initrd, os.path.join(build, "tests", "tools", "vsock-guest"), modules)
    guest = Guest(directory, kernel, initrd, device)
    try:
        guest.wait_for("guest: ready", 60)
    except BaseException:
        guest.kill()
        raise
    return guest
