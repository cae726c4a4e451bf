# SPDX-License-Identifier: Apache-2.0
"""Small calls of the agent, byte by byte: for guests in which there is nothing else to test with."""

import struct

from qemu import dial
from tap import expect

AGENT_PORT = 1024
BOOT_SECONDS = 60
REQUEST, RESPONSE = 1, 2
SERVING = b"\x08\x01"  # HealthCheckResponse.status


def field(number, data):
    """A protobuf field of bytes, shorter than 128."""
    return bytes([number << 3 | 2, len(data)]) + data


def take_varint(message):
    value = shift = 0
    for index, byte in enumerate(message):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, message[index + 1:]
    raise AssertionError("a number without an end")


def fields(message):
    """The numbers and bytes of a message by field number; of a repeated one the last."""
    found = {}
    while message:
        tag, message = take_varint(message)
        expect(tag & 7 in (0, 2), f"a field of type {tag & 7}")
        value, message = take_varint(message)
        if tag & 7 == 2:
            value, message = message[:value], message[value:]
        found[tag >> 3] = value
    return found


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        expect(piece, f"the agent hangs up after {len(data)} of {size} bytes")
        data += piece
    return data


def call(host, service, method, message=b"", seconds=BOOT_SECONDS):
    """An RPC over a connection of its own, as ttrpc frames; the payload of the answer. `seconds` for the agent to come up."""
    request = field(1, service) + field(2, method) + (field(3, message) if message else b"")
    with dial(host, AGENT_PORT, seconds) as connection:
        connection.sendall(struct.pack(">IIBB", len(request), 1, REQUEST, 0) + request)
        size, stream, kind, _ = struct.unpack(">IIBB", receive(connection, 10))
        expect((stream, kind) == (1, RESPONSE), f"stream {stream}, type {kind}")
        answer = fields(receive(connection, size))
    status = fields(answer.get(1, b""))
    expect(not status.get(1), f"refused: {status}")
    return answer.get(2, b"")
