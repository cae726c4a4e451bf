# SPDX-License-Identifier: Apache-2.0
"""A QEMU guest that runs nothing but tests/tools/vsock-guest, a vhost-user-vsock device for it, and the host's side of
the hybrid socket. Everything is in one temporary directory and gone at the end."""

import glob
import json
import os
import platform
import shutil
import socket
import subprocess
import time

MODULES = [
    "drivers/virtio/virtio_ring.ko", "drivers/virtio/virtio.ko", "drivers/virtio/virtio_pci_modern_dev.ko",
    "drivers/virtio/virtio_pci_legacy_dev.ko", "drivers/virtio/virtio_pci.ko", "net/vmw_vsock/vsock.ko",
    "net/vmw_vsock/vmw_vsock_virtio_transport_common.ko", "net/vmw_vsock/vmw_vsock_virtio_transport.ko",
]
QEMU = "qemu-system-x86_64"


def find_kernel():
    """Kernel and module directory of Debian's cloud kernel; None when it is not installed."""
    for kernel in sorted(glob.glob("/boot/vmlinuz-*-cloud-amd64"), reverse=True):
        modules = "/lib/modules/" + os.path.basename(kernel).removeprefix("vmlinuz-")
        if os.path.isdir(modules):
            return kernel, modules
    return None


def why_not():
    """Why a guest cannot be started here; None when it can."""
    if platform.machine() != "x86_64":
        return "the guest is for x86_64"
    if not shutil.which(QEMU):
        return "qemu-system-x86 is not installed"
    if not find_kernel():
        return "linux-image-cloud-amd64 is not installed"
    return None


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


class Device:
    """A vhost-user-vsock device in a process of its own: the sockets FRONTEND and HOST of the directory."""

    def __init__(self, directory, name, command):
        """`command` gets the two paths and the CID for {frontend}, {host} and {cid}."""
        self.frontend = os.path.join(directory, name + ".frontend")
        self.host = os.path.join(directory, name + ".host")
        self.log_path = os.path.join(directory, name + ".log")
        arguments = [word.format(frontend=self.frontend, host=self.host, cid=3) for word in command]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.frontend):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the device does not start: " + self.log())
            time.sleep(0.005)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def memory_kib(self, field):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field + ":"))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Guest:
    """QEMU with two ports to plug a vsock device into; `device`, if any, is in the first from the start as "cold".
    It runs the program `init` alone, or, if given, the kernel and initrd of `image`."""

    def __init__(self, directory, init, device=None, image=None):
        if image:
            kernel, initrd = image
        else:
            kernel, modules = find_kernel()
            initrd = os.path.join(directory, "initrd")
            make_initrd(initrd, init, modules)
        self.console_path = os.path.join(directory, "console")
        qmp_path = os.path.join(directory, "qmp")
        cold = [
            "-chardev", f"socket,id=socket-cold,path={device.frontend}",
            "-device", "vhost-user-vsock-pci,id=cold,chardev=socket-cold,bus=port1",
        ] if device else []
        self.process = subprocess.Popen([
            QEMU, "-M", "q35,accel=tcg,memory-backend=memory", "-cpu", "qemu64", "-m", "256M", "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot",
            "-object", "memory-backend-memfd,id=memory,size=256M,share=on",
            "-device", "pcie-root-port,id=port1,chassis=1", "-device", "pcie-root-port,id=port2,chassis=2",
            "-kernel", kernel, "-initrd", initrd, "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
            "-serial", "file:" + self.console_path, "-qmp", f"unix:{qmp_path},server=on,wait=off", *cold,
        ], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.qmp_socket = socket.socket(socket.AF_UNIX)
                self.qmp_socket.connect(qmp_path)
                break
            except OSError:
                self.qmp_socket.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("QEMU does not start") from None
                time.sleep(0.01)
        self.qmp_socket.settimeout(20)
        self.qmp_stream = self.qmp_socket.makefile("rw", encoding="utf-8")
        self.events = []
        self.qmp_stream.readline()
        self.qmp("qmp_capabilities")

    def qmp(self, command, **arguments):
        self.qmp_stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.qmp_stream.flush()
        while True:
            answer = json.loads(self.qmp_stream.readline())
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            else:
                return answer["return"]

    def wait_event(self, name):
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            answer = json.loads(self.qmp_stream.readline())
            if "event" in answer:
                self.events.append(answer)

    def plug(self, device, name, port):
        self.qmp("chardev-add", id="socket-" + name, backend={"type": "socket", "data": {
            "addr": {"type": "unix", "data": {"path": device.frontend}}, "server": False}})
        self.qmp("device_add", driver="vhost-user-vsock-pci", id=name, chardev="socket-" + name, bus=port)

    def unplug(self, name):
        self.qmp("device_del", id=name)
        while self.wait_event("DEVICE_DELETED").get("data", {}).get("device") != name:
            pass
        self.qmp("chardev-remove", id="socket-" + name)

    def console(self):
        try:
            with open(self.console_path, encoding="utf-8", errors="replace") as console:
                return console.read()
        except FileNotFoundError:
            return ""

    def wait_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while "guest: ready" not in self.console():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the guest does not boot: " + self.console()[-2000:])
            time.sleep(0.05)

    def kill(self):
        self.qmp_stream.close()
        self.qmp_socket.close()
        self.process.kill()
        self.process.wait()


def dial(host, port, seconds=30, verb="CONNECT"):
    """Connect to a port of the guest, as long as it takes; a socket. OSError when it cannot be in that time."""
    deadline = time.monotonic() + seconds
    while True:
        connection = dial_once(host, port, verb)
        if connection:
            return connection
        if time.monotonic() > deadline:
            raise TimeoutError(f"port {port} of the guest does not answer")
        time.sleep(0.01)


def dial_once(host, port, verb="CONNECT"):
    """None when nobody listens there."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    try:
        connection.connect(host)
        connection.sendall(f"{verb} {port}\n".encode())
        line = b""
        while not line.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                break
            line += byte
        if line.startswith(b"OK "):
            return connection
    except (ConnectionError, FileNotFoundError, BrokenPipeError):
        pass
    connection.close()
    return None


def read_all(connection):
    pieces = []
    while piece := connection.recv(1 << 18):
        pieces.append(piece)
    return b"".join(pieces)
