# SPDX-License-Identifier: Apache-2.0
"""What a host does with the guest of packaging/guest-image: a folder shared with it, containers that run from there, and
the agent's calls, as `kata-ctl agent` makes them."""

import base64
import json
import os
import shutil
import subprocess

from qemu import Backend, Vsock, why_not as why_no_guest

BUSYBOX = "/bin/busybox"
VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
SHARED = "/run/kata-containers/shared/containers"
CALL_SECONDS = 120
COMMANDS = ["sh", "cat", "echo", "sleep", "uname", "ls", "dd", "stty", "ps", "ping", "hostname", "df", "mount", "kill",
            "head", "tail", "sha256sum", "readlink", "true", "find", "wc", "date", "ip", "grep", "stat", "mkdir", "tr"]


def why_not(build):
    """Why no container can be run in a guest here; None when it can."""
    if "sanitize" in build:
        return "an initrd has no shared libraries, which the agent needs with SANITIZE=1"
    if os.geteuid() != 0:
        return "this needs root"
    if not os.path.exists(VIRTIOFSD):
        return "qemu-system-common is not installed"
    if not os.path.exists(BUSYBOX):
        return "busybox-static is not installed"
    return why_no_guest()


def vsock_device(directory, build, cid=3):
    program = os.path.join(build, "tests", "tools", "vhost-user-vsock")
    return Vsock(directory, "vsock", [program, "{frontend}", "{host}", "{cid}"], cid)


class Share(Backend):
    """A folder of the host as virtio-fs."""

    driver = "vhost-user-fs-pci"
    properties = {"tag": "kataShared"}

    def __init__(self, directory, source):
        self.source = source
        super().__init__(directory, "virtiofs", [
            VIRTIOFSD, "--socket-path={frontend}", "-o", "source={source}", "-o", "cache=auto", "-o", "sandbox=chroot", "-f"])

    storage = {"driver": "virtio-fs", "source": "kataShared", "fstype": "virtiofs", "mount_point": SHARED + "/"}


def make_rootfs(folder, container):
    """A root file system of busybox for a container, below the shared folder."""
    root = os.path.join(folder, container, "rootfs")
    for directory in ("bin", "dev", "etc", "proc", "sys", "tmp", "data"):
        os.makedirs(os.path.join(root, directory))
    shutil.copy(BUSYBOX, os.path.join(root, "bin", "busybox"))
    for command in COMMANDS:
        os.symlink("busybox", os.path.join(root, "bin", command))
    return root


def process(*words, terminal=False, capabilities=()):
    """A process to run: words, or a single one for the shell."""
    return {
        "Terminal": terminal, "Args": list(words) if len(words) > 1 else ["/bin/sh", "-c", *words],
        "Env": ["PATH=/bin"], "Cwd": "/", "User": {},
        "Capabilities": {kind: list(capabilities) for kind in ("Bounding", "Effective", "Permitted")},
    }


def spec(container, *words, root=None, namespaces=("mount", "ipc", "uts", "pid"), mounts=(), **settings):
    """An OCI spec. `settings` are further ones of Linux."""
    options = {name: settings.pop(name) for name in ("terminal", "capabilities") if name in settings}
    return {
        "Version": "1.0.2", "Process": process(*words, **options),
        "Root": {"Path": root or f"{SHARED}/{container}/rootfs"},
        "Mounts": [{"destination": "/proc", "source": "proc", "type": "proc"},
                   {"destination": "/dev", "source": "tmpfs", "type": "tmpfs"},
                   {"destination": "/dev/pts", "source": "devpts", "type": "devpts",
                    "options": ["newinstance", "ptmxmode=0666"]}, *mounts],
        "Linux": {"Namespaces": [{"Type": name} for name in namespaces], "CgroupsPath": "/" + container, **settings},
    }


class Refused(Exception):
    """The agent's error."""


class Call:
    """One that goes on; its answer when it has come."""

    def __init__(self, agent, method, request):
        self.process = subprocess.Popen(["/tmp/g/acall", agent.address], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{method} {json.dumps(request)}\n")
        self.process.stdin.close()

    def is_open(self):
        return self.process.poll() is None

    def answer(self):
        text = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(CALL_SECONDS)
        reply = json.loads(text)
        if "error" in reply:
            raise Refused(reply["error"])
        return reply


class Agent:
    """The agent behind a hybrid vsock."""

    def __init__(self, host):
        self.address = f"hvsock://{host}:1024"

    def start(self, method, **request):
        return Call(self, method, request)

    def call(self, method, **request):
        return self.start(method, **request).answer()

    # ---- processes; the name "" is a container's first one

    def read(self, container, name="", stream="Stdout", size=1 << 20):
        """All that comes until the end."""
        pieces = []
        while piece := base64.b64decode(self.call("Read" + stream, container_id=container, exec_id=name, len=size)["data"]):
            pieces.append(piece)
        return b"".join(pieces)

    def write(self, container, name, data):
        self.call("WriteStdin", container_id=container, exec_id=name, data=base64.b64encode(data).decode())

    def close_stdin(self, container, name=""):
        self.call("CloseStdin", container_id=container, exec_id=name)

    def wait(self, container, name=""):
        return self.call("WaitProcess", container_id=container, exec_id=name)["status"]

    def kill(self, container, signal, name=""):
        self.call("SignalProcess", container_id=container, exec_id=name, signal=signal)

    def execute(self, container, name, *words, **options):
        self.call("ExecProcess", container_id=container, exec_id=name, process=process(*words, **options))

    def output_of(self, container, *words, name="", **options):
        """Run a process beside a container's first; its exit code, stdout and stderr."""
        name = name or f"exec-{container}"
        self.execute(container, name, *words, **options)
        self.close_stdin(container, name)
        out, error = self.read(container, name), self.read(container, name, "Stderr")
        return self.wait(container, name), out, error

    # ---- containers

    def create(self, container, oci, **request):
        self.call("CreateContainer", container_id=container, exec_id=container, OCI=oci, **request)

    def run(self, container, oci, **request):
        self.create(container, oci, **request)
        self.call("StartContainer", container_id=container)

    def remove(self, container):
        self.call("RemoveContainer", container_id=container)

    def run_to_end(self, container, oci, **request):
        """Exit code, stdout and stderr of a container that has come and gone."""
        self.run(container, oci, **request)
        out, error = self.read(container), self.read(container, stream="Stderr")
        status = self.wait(container)
        self.remove(container)
        return status, out, error
