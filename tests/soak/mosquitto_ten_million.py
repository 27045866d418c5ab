#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten million lines of a Mosquitto log (LINES), read from a pipe on one core: at most 20 s of
processor time and 600 MB, with the verdict that they deserve.
"""
import collections
import os
import resource
import subprocess
import sys

LINES = int(os.environ.get("LINES", "10000000"))
SECONDS = float(os.environ.get("SECONDS_MAX", "20")) * max(1, LINES / 10000000)
MEGABYTES = 600
DEVICES = LINES // 21  # ten attempts of two lines each, and a loss
EPOCH, LATENCY, STRIDE = 1700000000, 0.05, 7919


def stamp(at):
    return f"{EPOCH + int(at)}"


def peer(device):
    return f"10.{device >> 16 & 255}.{device >> 8 & 255}.{device & 255}"


def storm(write):
    """All go online within ten minutes, are lost after half an hour and come back after an hour;
    eight attempts of each are refused, the ninth gets in.
    """
    pending, count, block = collections.deque(), 0, []
    for k in range(10):
        begin, length = (0, 600) if k == 0 else (3600 + 360 * k, 360)
        for i in range(DEVICES):
            device, at = i * STRIDE % DEVICES, begin + length * i / DEVICES
            while pending and pending[0][0] <= at:
                block.append(pending.popleft()[1])
            port = 20000 + (i + k) % 40000
            block.append(f"{stamp(at)}: New connection from {peer(device)}:{port} on port 1883.\n")
            end = at + LATENCY
            pending.append(
                (
                    end,
                    f"{stamp(end)}: New client connected from {peer(device)}:{port} as "
                    f"meter-{device} (p2, c1, k60).\n"
                    if k in (0, 9)
                    else f"{stamp(end)}: Client meter-{device} disconnected, not authorised.\n",
                )
            )
            if len(block) >= 20000:
                write("".join(block).encode())
                count, block = count + len(block), []
        block += [line for _, line in pending]
        pending.clear()
        if k == 0:
            for device in range(DEVICES):
                block.append(
                    f"{stamp(1800 + device / DEVICES)}: Client meter-{device} closed its "
                    f"connection.\n"
                )
    write("".join(block).encode())
    return count + len(block)


def main():
    command = [
        os.environ["BLACKSTART"],
        "judge",
        "-",
        "--outage",
        f"{EPOCH + 1800}..{EPOCH + 3600}",
        "--capacity",
        str(max(1, DEVICES / 1000)),
    ]
    one_core = {min(os.sched_getaffinity(0))}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, one_core),
    ) as judge:
        lines = storm(judge.stdin.write)
        out, err = judge.communicate()
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, megabytes = use.ru_utime + use.ru_stime, use.ru_maxrss / 1024
    print(
        f"{lines} lines of {DEVICES} devices: {seconds:.1f} s of processor time, {megabytes:.0f} "
        f"MB at most"
    )
    print(err.decode().strip())
    right = (
        judge.returncode == 1
        and b"attempts on average where at most 5 are orderly" in err
        and f"{10 * DEVICES:,} attempts".encode() in out
    )
    if not right:
        print(out.decode())
    return 0 if right and seconds <= SECONDS and megabytes <= MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
