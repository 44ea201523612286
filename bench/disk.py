"""A slower disk than there is: with `--disk 190` a flush takes 190 µs at least, for all that is measured.

How much dearer than its floor a step is depends on the disk first of all, and machines differ by a factor of four. So
that figures from two of them can be told apart, a run can be made on the slower one's disk. It needs a C compiler: a
flush is a call of the C library, and what stands before it is loaded with the process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.ground import spread

LEAST = "BENCH_FLUSH"  # names the microseconds, in a process that has the slower disk
FLUSHES, PAGE = 400, b"x" * 4096
_BEFORE_IT = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

int fdatasync(int file)
{
    static int (*flush)(int);
    static long least;
    static __thread int exact;
    struct timespec until;
    if (!flush) {
        least = atol(getenv("BENCH_FLUSH")) * 1000;
        flush = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    }
    if (!exact)
        exact = !prctl(PR_SET_TIMERSLACK, 1);
    clock_gettime(CLOCK_MONOTONIC, &until);
    int done = flush(file);
    until.tv_sec += (until.tv_nsec + least) / 1000000000;
    until.tv_nsec = (until.tv_nsec + least) % 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL)) { }
    return done;
}
"""


class NoCompiler(Exception):
    """There is none here, or it is not one of Linux."""


def run_again(least: int) -> int:
    """The same command in a process whose flushes take so many microseconds at least; its exit code.

    Raises:
        NoCompiler: it cannot be made.
    """
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        raise NoCompiler
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "disk.so")
        command = [compiler, "-O2", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(command, input=_BEFORE_IT, text=True, check=True)
        slower = {**os.environ, "LD_PRELOAD": str(library), LEAST: str(least)}
        return subprocess.run([sys.executable, "-m", "bench", *sys.argv[1:]], env=slower).returncode


def flushes(folder: Path) -> list[float]:
    """Seconds that each of some flushes takes: of a page of a file that does not grow, as SQLite's log in long use."""
    taken = []
    file = os.open(folder / "flushed", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(file, PAGE * FLUSHES)
    os.fsync(file)
    for place in range(FLUSHES):
        os.pwrite(file, PAGE, place * len(PAGE))
        begin = time.perf_counter()
        os.fdatasync(file)
        taken.append(time.perf_counter() - begin)
    os.close(file)
    return taken


def tell(folder: Path) -> None:
    slower = " (a slower disk than there is)" if LEAST in os.environ else ""
    print(f"a flush of 4 KB              {spread(flushes(folder), 1e-6)} µs{slower}")
