"""The benchmarks, all of them or those named: `python -m bench`, `python -m bench tick idle --quick`."""

from __future__ import annotations

import argparse
import os
import sys

from bench import beside, disk, drain, idle, pace, step, tick, webhook
from bench.ground import Options

PARTS = {
    "step": step,
    "webhook": webhook,
    "idle": idle,
    "tick": tick,
    "beside": beside,
    "drain": drain,
    "pace": pace,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small numbers: to see that it runs")
    parser.add_argument(
        "--only", choices=("sqlite", "postgres"), help="one database, where both are possible"
    )
    parser.add_argument(
        "--disk", type=int, metavar="MICROSECONDS", help="a slower one, whose flushes take so long at least"
    )
    given = parser.parse_args()
    if unknown := set(given.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if given.disk is not None and disk.LEAST not in os.environ:
        try:
            sys.exit(disk.run_again(given.disk))
        except disk.NoCompiler:
            parser.error("--disk needs a C compiler (cc) on Linux")
    options = Options(given.quick, sqlite=given.only != "postgres", postgres=given.only != "sqlite")
    for name in given.parts or PARTS:
        print(f"--- {name}", flush=True)
        PARTS[name].main(options)


if __name__ == "__main__":
    main()
