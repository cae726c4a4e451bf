#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that behaves as badly as a test asks it to.

usage: fake_http.py [--unix PATH | --port N] [--tls CERT KEY] [--scenario FILE] [--log FILE] [--loopback]

Which behaviour a request meets is named by the content of FILE, or by the last component of its path. Each
request is appended to the log as one line of JSON. --loopback brings the network device "lo" up first. Prints "ready" once it listens, and ends when its stdin
does, so that it never outlives the test that started it.
"""

import argparse
import fcntl
import gzip
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

DOWNLOAD = "https://github.com/kata-containers/kata-containers/releases/download"
HOST = "https://api.github.com"
RELEASES = "/repos/kata-containers/kata-containers/releases"


def release(tag, day="2026-01-02", **changes):
    """A release as GitHub describes it, with the fields that nobody reads as well."""
    name = f"kata-static-{tag}-amd64.tar.zst"
    asset = {
        "id": 1,
        "name": name,
        "uploader": {"login": "someone", "id": 2},
        "created_at": f"{day}T00:00:00Z",
        "browser_download_url": f"{DOWNLOAD}/{tag}/{name}",
    }
    asset.update(changes)
    return {
        "url": f"{HOST}{RELEASES}/1",
        "tag_name": tag,
        "draft": False,
        "prerelease": "-" in tag,
        "created_at": "2001-01-01T00:00:00Z",
        "assets": [asset, {"name": "other", "created_at": "x", "browser_download_url": "https://example.org/"}],
        "body": "text \u00e9 \U0001f600 <b>",
    }


NORMAL = [
    release("4.3.0-rc0", "2026-05-05"),
    release("4.2.1", "2026-04-04"),
    release("3.9.0", "2026-04-01"),
    release("4.2.0", "2026-03-03"),
    release("v4.9.0"),
    release("4.8"),
    release("4.1.0", "2026-01-01"),
    release("4.0.0"),
]

LISTS = {
    "normal": NORMAL,
    "prerelease-only": [release("4.2.0-rc1"), release("4.2.0-alpha0"), release("4.1.0")],
    "same": [release("4.1.0"), release("4.0.0")],
    "only-older": [release("4.0.0"), release("3.9.0")],
    "empty": [],
    "unusable": [
        release("4.2.0", browser_download_url="https://example.org/kata.tar.zst"),
        release("4.3.0", name=""),
        release("4.4.0", created_at=""),
        {**release("4.5.0"), "assets": []},
        {**release("4.6.0"), "assets": ["text"]},
        {**release("4.7.0"), "tag_name": 7},
        {"tag_name": "4.8.0"},
        {},
    ],
}


def answer(conn, status, body, headers=(), content_type="application/json"):
    if isinstance(body, (list, dict)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *headers]
    conn.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def hang(conn, _request):
    """Wait until the client goes away."""
    conn.settimeout(60)
    while conn.recv(4096):
        pass


def drip(conn, _request):
    """A byte every tenth of a second, for ever."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")
    while True:
        conn.sendall(b" ")
        time.sleep(0.1)


def drip_headers(conn, _request):
    conn.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        conn.sendall(b"X-Slow: 1\r\n")
        time.sleep(0.1)


def many_headers(conn, _request):
    conn.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        conn.sendall(b"X-Many: " + b"x" * 1000 + b"\r\n")


def huge(conn, _request):
    conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n[")
    while True:
        conn.sendall(b" " * 65536)


def bomb(conn, _request):
    """40 MB of blanks in 40 kB."""
    answer(conn, "200 OK", gzip.compress(b"[" + b" " * 40000000 + b"]"), ["Content-Encoding: gzip"])


def truncated(conn, _request):
    text = json.dumps(NORMAL).encode()
    conn.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text[: len(text) // 2])


def truncated_chunk(conn, _request):
    conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n20\r\nhalf")


def chunked(conn, _request):
    conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")


def until_close(conn, _request):
    conn.sendall(b"HTTP/1.0 200 OK\r\n\r\nup to the end")


def reset(conn, _request):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def redirect_forever(conn, request):
    answer(conn, "302 Found", "elsewhere", [f"Location: {request['path']}"])


def redirect_to(location, status="302 Found"):
    return lambda conn, _request: answer(conn, status, "elsewhere", [f"Location: {location}"])


def echo(conn, request):
    answer(conn, "200 OK", request)


def page(conn, request):
    """Three pages; only the last one has the newest release."""
    number = int(request["path"].partition("page=")[2] or 1)
    link = f'<{HOST}{RELEASES}?page=1>; rel="first", <{HOST}{RELEASES}?page={number + 1}>; rel="next"'
    tags = {1: ["4.3.0", "4.2.0"], 2: ["4.2.2", "4.2.1"], 3: ["4.4.0", "4.1.0"]}[number]
    answer(conn, "200 OK", [release(tag) for tag in tags], [f"Link: {link}"] if number < 3 else [])


def endless_pages(conn, request):
    number = int(request["path"].partition("page=")[2] or 1)
    link = f'<{HOST}{RELEASES}?page={number + 1}>; rel="next"'
    answer(conn, "200 OK", [release(f"5.{number}.0")], [f"Link: {link}"])


def second_page_limited(conn, request):
    if "page=" in request["path"]:
        answer(conn, "429 Too Many Requests", "slow down")
    else:
        answer(conn, "200 OK", [release("4.2.0")], [f'Link: <{HOST}{RELEASES}?page=2>; rel="next"'])


def foreign_page(conn, _request):
    answer(conn, "200 OK", [release("4.2.0")], ['Link: <https://example.org/releases>; rel="next"'])


AGENT_URL = "vsock://3:1024"
METRICS = '# HELP kata_shim_threads Threads of the shim.\n# TYPE kata_shim_threads gauge\nkata_shim_threads 12\n'
IPTABLES = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"
STATS = {"usage": [{"total": 100, "used": 40, "available": 60, "unit": 1}], "volume_condition": {"message": ""}}


def shim(conn, request):
    """The management endpoint of a sandbox whose shim is the Go one."""
    path = request["path"].partition("?")[0]
    if request["method"] == "GET" and path in ("/iptables", "/ip6tables"):
        answer(conn, "200 OK", IPTABLES.replace("INPUT", "INPUT6") if "6" in path else IPTABLES)
    elif request["method"] == "PUT" and path in ("/iptables", "/ip6tables", "/policy"):
        answer(conn, "200 OK", "")
    elif request["method"] == "POST" and path == "/direct-volume/resize":
        json.loads(request["body"])
        answer(conn, "200 OK", "")
    elif path == "/direct-volume/stats":
        answer(conn, "200 OK", STATS)
    elif path == "/agent-url":
        answer(conn, "200 OK", AGENT_URL + "\n", content_type="text/plain")
    elif path == "/metrics":
        answer(conn, "200 OK", METRICS, content_type="text/plain")
    else:
        answer(conn, "404 Not Found", "404 page not found\n", content_type="text/plain")


def rust_shim(conn, request):
    """The Rust one knows volume statistics by POST only."""
    if request["path"].startswith("/direct-volume/stats") and request["method"] != "POST":
        answer(conn, "404 Not Found", "URL NOT FOUND", content_type="text/plain")
    else:
        shim(conn, request)


def fixed(status, body, *headers, content_type="application/json"):
    return lambda conn, _request: answer(conn, status, body, headers, content_type)


SCENARIOS = {
    **{name: fixed("200 OK", body) for name, body in LISTS.items()},
    "ok": fixed("200 OK", "fine", "X-Name:  a value \t", content_type="text/plain"),
    "nothing": fixed("204 No Content", ""),
    "gzip": lambda conn, _request: answer(
        conn, "200 OK", gzip.compress(json.dumps(NORMAL).encode()), ["Content-Encoding: gzip"]
    ),
    "boom": fixed("500 Internal Server Error", "boom", content_type="text/plain"),
    "unavailable": fixed("503 Service Unavailable", "<html>busy</html>", content_type="text/html"),
    "missing": fixed("404 Not Found", {"message": "Not Found", "documentation_url": "https://docs"}),
    "url-not-found": fixed("404 Not Found", "URL NOT FOUND", content_type="text/plain"),
    "forbidden": fixed("403 Forbidden", {"message": "Repository access \u001b[31mblocked"}),
    "limit": fixed("403 Forbidden", {"message": "API rate limit exceeded for 192.0.2.1."}),
    "limit-secondary": fixed("403 Forbidden", {"message": "You have been too fast"}, "Retry-After: 60"),
    "limit-429": fixed("429 Too Many Requests", "slow down"),
    "object": fixed("200 OK", {"message": "surprise"}),
    "objects-inside": fixed("200 OK", [release("4.2.0"), "text"]),
    "html": fixed("200 OK", "<!DOCTYPE html><html>captive portal</html>", content_type="text/html"),
    "broken-json": fixed("200 OK", '[{"tag_name": "4.2.0",]'),
    "two-documents": fixed("200 OK", "[] []"),
    "no-body": fixed("200 OK", ""),
    "redirect": redirect_to("/normal"),
    "redirect-releases": redirect_to(f"{HOST}/repositories/1/releases"),
    "redirect-forever": redirect_forever,
    "redirect-http": redirect_to("http://127.0.0.1:1/x"),
    "redirect-file": redirect_to("file:///etc/passwd"),
    "redirect-307": redirect_to("/ok", "307 Temporary Redirect"),
    "garbage": lambda conn, _request: conn.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "close": lambda conn, _request: None,
    "hang": hang,
    "drip": drip,
    "drip-headers": drip_headers,
    "many-headers": many_headers,
    "huge": huge,
    "bomb": bomb,
    "truncated": truncated,
    "truncated-chunk": truncated_chunk,
    "chunked": chunked,
    "until-close": until_close,
    "reset": reset,
    "echo": echo,
    "shim": shim,
    "rust-shim": rust_shim,
    "pages": page,
    "pages-endless": endless_pages,
    "pages-limited": second_page_limited,
    "pages-foreign": foreign_page,
}


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        part = conn.recv(65536)
        if not part:
            return None
        data += part
        if data[0] == 0x16:  # TLS, which we do not speak
            conn.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return None
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ")
    headers = dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines)
    while len(body) < int(headers.get("Content-Length", 0)):
        body += conn.recv(65536)
    return {"method": method, "path": path, "headers": headers, "body": body.decode("latin-1")}


def relay(client, request):
    """Be the proxy of a CONNECT request; targets are all on this machine."""
    port = int(request["path"].rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()


def serve(conn, options, context):
    with conn:
        try:
            if context:
                conn = context.wrap_socket(conn, server_side=True)
            request = read_request(conn)
            if not request:
                return
            if options.log:
                with open(options.log, "a", encoding="utf-8") as log:
                    log.write(json.dumps(request) + "\n")
            if options.scenario:
                with open(options.scenario, encoding="utf-8") as file:
                    name = file.read().strip()
            else:
                name = request["path"].split("?")[0].rpartition("/")[2]
            if request["method"] == "CONNECT" and name != "refuse-proxy":
                relay(conn, request)
            elif name == "refuse-proxy":
                answer(conn, "407 Proxy Authentication Required", "who are you?")
            elif name == "redirect-releases" and "/repositories/" in request["path"]:
                answer(conn, "200 OK", NORMAL)
            else:
                SCENARIOS[name](conn, request)
        except (OSError, ssl.SSLError):
            pass  # clients that leave early are what some tests are about
        finally:
            conn.close()


def bring_loopback_up():
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        name, flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, get_flags, request))
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", name, flags | up))


def listen(options):
    if options.unix:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(options.unix)
    else:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", options.port))
    listener.listen(64)
    return listener


def accept(listener, options, context):
    while True:
        conn, _ = listener.accept()
        threading.Thread(target=serve, args=(conn, options, context), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unix")
    parser.add_argument("--port", type=int)
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--scenario")
    parser.add_argument("--log")
    parser.add_argument("--loopback", action="store_true")
    options = parser.parse_args()
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
    if options.loopback:
        bring_loopback_up()
    if options.unix or options.port:
        threading.Thread(target=accept, args=(listen(options), options, context), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.buffer.read()
    if options.unix:
        os.unlink(options.unix)
    os._exit(0)


if __name__ == "__main__":
    main()
