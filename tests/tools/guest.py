# SPDX-License-Identifier: Apache-2.0
"""What a host does with the guest of packaging/guest-image: a folder shared with it, containers that run from there, and
the agent's calls, made by `kata-ctl agent`. A suite runs in namespaces of its own, so that what it leaves is seen."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import tap
from qemu import Backend, Guest, Vsock, guest_files, why_not as why_no_guest
from tap import expect

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
BUSYBOX = "/bin/busybox"
VIRTIOFSD = "/usr/lib/qemu/virtiofsd"
SHARED = "/run/kata-containers/shared/containers"
SHARE_STORAGE = {"driver": "virtio-fs", "source": "kataShared", "fstype": "virtiofs", "mount_point": SHARED + "/"}
COMMANDS = """sh cat cut date dd df echo find grep head hostname kill ls mkdir mknod mount mv ping ps readlink sha256sum
sleep sort stat stty tr true uname wc""".split()
CALL_SECONDS = 120
END_SECONDS = 60


def why_not():
    """Why no container can be run in a guest here; None when it can."""
    if "sanitize" in BUILD:
        return "an initrd has no shared libraries, which the agent needs with SANITIZE=1"
    if os.geteuid() != 0:
        return "this needs root"
    if not os.path.exists(VIRTIOFSD):
        return "qemu-system-common is not installed"
    if not os.path.exists(BUSYBOX):
        return "busybox-static is not installed"
    return why_no_guest()


# ---- the host's parts

def vsock_device(directory, cid=3):
    program = os.path.join(BUILD, "tests", "tools", "vhost-user-vsock")
    return Vsock(directory, "vsock", [program, "{frontend}", "{host}", "{cid}"], cid)


class Share(Backend):
    """A folder of the host as virtio-fs, with the tag kataShared."""

    driver = "vhost-user-fs-pci"
    properties = {"tag": "kataShared"}

    def __init__(self, directory, source):
        self.source = source
        # Its own namespaces would need a root that is a mount point.
        super().__init__(directory, "virtiofs", [
            VIRTIOFSD, "--socket-path={frontend}", "-o", "source={source},sandbox=chroot,cache=auto", "-f"])


def make_rootfs(folder, container):
    """A root file system of busybox, where the guest looks for a container's; its path."""
    root = os.path.join(folder, container, "rootfs")
    for directory in ("bin", "data", "dev", "etc", "proc", "sys", "tmp"):
        os.makedirs(os.path.join(root, directory))
    shutil.copy(BUSYBOX, os.path.join(root, "bin", "busybox"))
    for command in COMMANDS:
        os.symlink("busybox", os.path.join(root, "bin", command))
    return root


class Machine:
    """A guest with a vsock device and a shared folder, which are there from the start or plugged in later."""

    def __init__(self, directory):
        self.directory = directory
        self.shared = os.path.join(directory, "shared")
        os.mkdir(self.shared)
        self.guest = self.vsock = self.share = self.agent = None

    def start_devices(self):
        self.vsock = vsock_device(self.directory)
        self.share = Share(self.directory, self.shared)
        self.agent = Agent(self.vsock.host)

    def start(self, kernel=None, initrd=None, **options):
        """Boot; `options` are the Guest's."""
        usual_kernel, usual_initrd = guest_files(BUILD)
        self.guest = Guest(self.directory, kernel or usual_kernel, initrd or usual_initrd, ports=6, **options)

    def evidence(self):
        logs = [(name, part.log()) for name, part in (("vsock", self.vsock), ("virtiofsd", self.share)) if part]
        if self.guest:
            logs.append(("console", self.guest.console()))
        return "\n".join(f"{name}: {line}" for name, log in logs for line in log.splitlines()[-40:])

    def wait_end(self):
        """Everything ends by itself when the guest switches off."""
        for part in filter(None, (self.guest, self.share)):
            part.process.wait(END_SECONDS)
            expect(part.process.returncode == 0, f"{part.process.args[0]} ends with {part.process.returncode}")
        expect(self.vsock.stop() == 0, f"the vsock device ends with {self.vsock.process.returncode}")

    def kill(self):
        for part in (self.guest, self.share, self.vsock):
            if part:
                part.kill()


# ---- containers

def process(*words, terminal=False, capabilities=()):
    """A process to run: its words, or one for the shell."""
    return {
        "Terminal": terminal, "Args": list(words) if len(words) > 1 else ["sh", "-c", *words],
        "Env": ["PATH=/bin"], "Cwd": "/", "User": {},
        "Capabilities": {kind: list(capabilities) for kind in ("Bounding", "Effective", "Permitted")},
    }


def spec(container, *words, root=None, namespaces=("mount", "ipc", "uts", "pid"), mounts=(), terminal=False,
         capabilities=(), **settings):
    """An OCI spec. `settings` are more of Linux's."""
    return {
        "Version": "1.0.2", "Process": process(*words, terminal=terminal, capabilities=capabilities),
        "Root": {"Path": root or f"{SHARED}/{container}/rootfs"},
        "Mounts": [{"destination": "/proc", "source": "proc", "type": "proc"},
                   {"destination": "/dev", "source": "tmpfs", "type": "tmpfs"},
                   {"destination": "/dev/pts", "source": "devpts", "type": "devpts",
                    "options": ["newinstance", "ptmxmode=0666"]}, *mounts],
        "Linux": {"Namespaces": [{"Type": name} for name in namespaces], "CgroupsPath": "/kata/" + container, **settings},
    }


class Refused(Exception):
    """The agent's error, as kata-ctl says it: "ExecProcess: Internal: ..."."""


class Call:
    """One that goes on; its answer when it has come."""

    def __init__(self, command, method, request):
        self.process = subprocess.Popen([*command, "call", method, "-"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(request))
        self.process.stdin.close()
        self.process.stdin = None

    def is_open(self):
        return self.process.poll() is None

    def answer(self):
        out, error = self.process.communicate(timeout=CALL_SECONDS)
        if self.process.returncode != 0:
            raise Refused(error.strip())
        return json.loads(out)


class Agent:
    """The agent behind a hybrid vsock. A container's first process has the name ""."""

    def __init__(self, host):
        self.command = [os.path.join(BUILD, "bin", "kata-ctl"), "agent", "--connect", f"hvsock://{host}:1024",
                        "--dial-timeout", f"{CALL_SECONDS}s"]

    def start(self, method, **request):
        return Call(self.command, method, request)

    def call(self, method, **request):
        return self.start(method, **request).answer()

    def read(self, container, name="", stream="Stdout"):
        """All that comes until the end, over one connection."""
        request = json.dumps({"container_id": container, "exec_id": name, "len": 1 << 20})
        pieces = []
        with subprocess.Popen([*self.command, "connect", "--no-auto-values"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as session:
            while not pieces or pieces[-1]:
                session.stdin.write(f"Read{stream} json://{request}\n")
                session.stdin.flush()
                pieces.append(base64.b64decode(self.take_answer(session)["data"]))
        return b"".join(pieces)

    @staticmethod
    def take_answer(session):
        lines = []
        while not lines or not lines[-1].startswith("}"):
            lines.append(session.stdout.readline())
            if not lines[-1]:
                raise Refused(session.stderr.read().strip())
        return json.loads("".join(lines))

    def write(self, container, data, name=""):
        self.call("WriteStdin", container_id=container, exec_id=name, data=base64.b64encode(data).decode())

    def close_stdin(self, container, name=""):
        self.call("CloseStdin", container_id=container, exec_id=name)

    def wait(self, container, name=""):
        return self.call("WaitProcess", container_id=container, exec_id=name)["status"]

    def signal(self, container, signal, name=""):
        self.call("SignalProcess", container_id=container, exec_id=name, signal=signal)

    def execute(self, container, name, *words, **options):
        self.call("ExecProcess", container_id=container, exec_id=name, process=process(*words, **options))

    def finish(self, container, name=""):
        """Read a process's output to its end, and wait for it: exit code, stdout, stderr."""
        out, error = self.read(container, name), self.read(container, name, "Stderr")
        return self.wait(container, name), out.decode(), error.decode()

    def output_of(self, container, *words, **options):
        """Run a process in a container: exit code, stdout, stderr."""
        self.execute(container, "exec", *words, **options)
        return self.finish(container, "exec")

    def run(self, container, oci, **request):
        self.call("CreateContainer", container_id=container, OCI=oci, **request)
        self.call("StartContainer", container_id=container)

    def remove(self, container):
        self.call("RemoveContainer", container_id=container)

    def run_to_end(self, container, oci, **request):
        """Exit code, stdout and stderr of a container, which is gone then."""
        self.run(container, oci, **request)
        answer = self.finish(container)
        self.remove(container)
        return answer


# ---- a suite

def traces():
    """What is there in our namespaces: processes, mounts, links of the network, and unix sockets with a name."""
    processes = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                processes.append(comm.read().strip())
        except FileNotFoundError:
            pass
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        mount_points = [line.split()[4] for line in mounts]
    with open("/proc/net/unix", encoding="utf-8") as sockets:
        names = [words[7] for line in sockets if len(words := line.split()) > 7 and words[7] != "Path"]
    return {"processes": sorted(processes), "mounts": sorted(mount_points), "sockets": sorted(names),
            "links": sorted(name for _, name in socket.if_nameindex())}


def wait_equal(look, wanted, seconds=10):
    """The two are equal before that time is over."""
    deadline = time.monotonic() + seconds
    while (found := look()) != wanted:
        if time.monotonic() > deadline:
            for key, value in wanted.items():
                expect(found[key] == value, f"{key}: {value} expected, {found[key]} found")
        time.sleep(0.05)


def enter_namespaces():
    """Start again, in mount, pid and network namespaces that end with us."""
    if os.environ.get("IN_NAMESPACES"):
        return
    os.environ["IN_NAMESPACES"] = "yes"
    os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "unchanged",
                          "--mount-proc", sys.executable, *sys.argv])


def run_suite(tests, skips=None):
    """Run the tests on a Machine, and at last that nothing is left of it. Returns the exit status."""
    before = {}

    def test_nothing_is_left_on_the_host(_):
        wait_equal(traces, before)
    tests = [*tests, test_nothing_is_left_on_the_host]
    if reason := why_not():
        tap.skip_all(tests, reason)
        return 0
    enter_namespaces()
    before.update(traces())
    with tempfile.TemporaryDirectory(prefix="kata-guest-") as directory:
        machine = Machine(directory)
        try:
            return tap.run(tests, machine, skips)
        finally:
            machine.kill()
