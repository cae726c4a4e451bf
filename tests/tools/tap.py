# SPDX-License-Identifier: Apache-2.0
"""A suite of functions called test_SOMETHING, which take what they test; TAP on stdout."""

import signal
import time
import traceback

TEST_SECONDS = 240  # then a test hangs


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def equal(found, wanted):
    expect(found == wanted, f"{found!r} instead of {wanted!r}")


def comment(text, label=""):
    print("".join(f"# {label}{line}\n" for line in text.splitlines()), end="", flush=True)


def name_of(test):
    return test.__name__.removeprefix("test_").replace("_", " ")


def skip_all(tests, reason):
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        print(f"ok {number} - {name_of(test)} # skip {reason}")


def hangs(*_):
    raise TimeoutError(f"not done after {TEST_SECONDS} s")


def run(tests, subject, skips=None):
    """Run each on `subject`; `skips` has the reasons of those that are passed over. Returns the exit status. The text that
    subject.evidence() gives is shown when a test has failed."""
    status = 0
    signal.signal(signal.SIGALRM, hangs)
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        if skips and test in skips:
            print(f"ok {number} - {name_of(test)} # skip {skips[test]}", flush=True)
            continue
        start = time.monotonic()
        signal.alarm(TEST_SECONDS)
        try:
            test(subject)
            print(f"ok {number} - {name_of(test)}")
        except Exception:  # pylint: disable=broad-except # a test may fail in any way
            status = 1
            print(f"not ok {number} - {name_of(test)}")
            comment(traceback.format_exc())
        signal.alarm(0)
        print(f"# {time.monotonic() - start:.2f} s", flush=True)
    if status:
        comment(subject.evidence())
    return status
