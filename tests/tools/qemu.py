# SPDX-License-Identifier: Apache-2.0
"""A guest under QEMU without KVM, its monitor (QMP), and the devices that processes of their own serve over vhost-user.
Everything is in one directory of the caller's, and gone when it has been killed."""

import glob
import json
import os
import platform
import shutil
import socket
import subprocess
import time

QEMU = "qemu-system-x86_64"
MEMORY_MIB = 256
# The kernel panics when timer interrupts fail to come while it counts loops, as on a busy host; no_timer_check is also what
# hosts say.
WORDS = "console=ttyS0 quiet panic=-1 mitigations=off no_timer_check"


def find_kernel(flavour="cloud-amd64"):
    """Kernel and module directory of one of Debian's kernels, the newest; None when none is installed."""
    for kernel in sorted(glob.glob(f"/boot/vmlinuz-*[0-9]-{flavour}"), reverse=True):
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


def guest_files(build):
    """Kernel and initrd of the guest that packaging/guest-image has made, or those that GUEST_KERNEL and GUEST_INITRD name."""
    return tuple(os.environ.get(variable) or os.path.join(build, "guest", name)
                 for variable, name in (("GUEST_KERNEL", "vmlinuz"), ("GUEST_INITRD", "initrd")))


class Backend:
    """A process that serves a device over the vhost-user socket `frontend`."""

    def __init__(self, directory, name, command):
        """`command` gets the path of the socket for {frontend}, and any other attribute of ours by its name."""
        self.frontend = os.path.join(directory, name + ".frontend")
        self.log_path = os.path.join(directory, name + ".log")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([word.format(**vars(self)) for word in command],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not os.path.exists(self.frontend):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{command[0]} does not start: {self.log()}")
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


class Vsock(Backend):
    """A vhost-user-vsock device: beside `frontend` there is the hybrid socket `host`."""

    driver = "vhost-user-vsock-pci"
    properties = {}

    def __init__(self, directory, name, command, cid=3):
        """`command` gets the two paths and the CID for {frontend}, {host} and {cid}."""
        self.host = os.path.join(directory, name + ".host")
        self.cid = cid
        super().__init__(directory, name, command)


class Guest:
    """A guest with empty PCI ports, port1 and up, to plug devices into; `device`, a Backend, if any, is in the first from
    the start as "cold"."""

    def __init__(self, directory, kernel, initrd, device=None, ports=2, arguments=(), memory=None, words=""):
        """`arguments` are more of QEMU's, `words` more of the kernel's; `memory` is a file for the guest's memory
        that outlives it. Without an `initrd` the words name the root."""
        self.console_path = os.path.join(directory, "console")
        qmp_path = os.path.join(directory, "qmp")
        backend = f"memory-backend-file,mem-path={memory}" if memory else "memory-backend-memfd"
        self.process = subprocess.Popen([
            QEMU, "-M", "q35,accel=tcg,memory-backend=memory", "-cpu", "qemu64", "-m", f"{MEMORY_MIB}M", "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot",
            "-object", f"{backend},id=memory,size={MEMORY_MIB}M,share=on",
            *(word for port in range(1, ports + 1)
              for word in ("-device", f"pcie-root-port,id=port{port},chassis={port}")),
            "-kernel", kernel, *(("-initrd", initrd) if initrd else ()), "-append", f"{WORDS} {words}",
            "-serial", "file:" + self.console_path, "-qmp", f"unix:{qmp_path},server=on,wait=off",
            *(self._cold(device) if device else ()), *arguments,
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
                    self.process.kill()
                    self.process.wait()
                    raise RuntimeError("QEMU does not start") from None
                time.sleep(0.01)
        self.qmp_socket.settimeout(20)
        self.qmp_stream = self.qmp_socket.makefile("rw", encoding="utf-8")
        self.events = []
        self.qmp_stream.readline()
        self.qmp("qmp_capabilities")

    @staticmethod
    def _cold(device):
        properties = "".join(f",{name}={value}" for name, value in device.properties.items())
        return ("-chardev", f"socket,id=socket-cold,path={device.frontend}",
                "-device", f"{device.driver},id=cold,chardev=socket-cold,bus=port1{properties}")

    def qmp(self, command, **arguments):
        words = {name.replace("_", "-"): value for name, value in arguments.items()}
        self.qmp_stream.write(json.dumps({"execute": command, "arguments": words}) + "\n")
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
        """Plug a Backend's device in while the guest runs."""
        self.qmp("chardev-add", id="socket-" + name, backend={"type": "socket", "data": {
            "addr": {"type": "unix", "data": {"path": device.frontend}}, "server": False}})
        self.qmp("device_add", driver=device.driver, id=name, chardev="socket-" + name, bus=port, **device.properties)

    def plug_disk(self, path, name, port, **properties):
        """A file as a virtio-blk disk; `properties` are more of the device's."""
        self.qmp("blockdev-add", driver="raw", node_name="file-" + name, file={"driver": "file", "filename": path})
        self.qmp("device_add", driver="virtio-blk-pci", id=name, drive="file-" + name, bus=port, **properties)

    def _unplug(self, name):
        self.qmp("device_del", id=name)
        while self.wait_event("DEVICE_DELETED").get("data", {}).get("device") != name:
            pass

    def unplug(self, name):
        self._unplug(name)
        self.qmp("chardev-remove", id="socket-" + name)

    def unplug_disk(self, name):
        self._unplug(name)
        self.qmp("blockdev-del", node_name="file-" + name)

    def pci_path(self, name):
        """The way to a device as the agent takes it: the slots from the root bus on, "02/00"."""
        slots = []
        for bus in self.qmp("query-pci"):
            slots += find_slots(bus["devices"], name) or []
        return "/".join(f"{slot:02x}" for slot in slots)

    def _migrate(self, command, uri):
        self.qmp("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])
        self.qmp(command, uri=uri)
        while (status := self.qmp("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled"):
                raise RuntimeError(f"{command}: {status}")
            time.sleep(0.005)

    def save(self, path):
        """Stop the guest, and write all of it but its memory to a file."""
        self.qmp("stop")
        self._migrate("migrate", "exec:cat >" + path)

    def restore(self, path):
        """Of a guest that was started with `-incoming defer`."""
        self._migrate("migrate-incoming", "exec:cat " + path)
        self.qmp("cont")

    def console(self):
        try:
            with open(self.console_path, encoding="utf-8", errors="replace") as console:
                return console.read()
        except FileNotFoundError:
            return ""

    def wait_for(self, text, seconds):
        """Until the console shows it."""
        deadline = time.monotonic() + seconds
        while text not in self.console():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the guest does not boot: " + self.console()[-2000:])
            time.sleep(0.05)

    def kill(self):
        self.qmp_stream.close()
        self.qmp_socket.close()
        self.process.kill()
        self.process.wait()


def find_slots(devices, name):
    """The slots on the way to a device below these of query-pci; None when it is not there."""
    for device in devices:
        if device["qdev_id"] == name:
            return [device["slot"]]
        below = find_slots(device.get("pci_bridge", {}).get("devices", []), name)
        if below:
            return [device["slot"], *below]
    return None


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
