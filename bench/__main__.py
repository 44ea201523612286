"""Every benchmark, one after the other: `python -m bench`."""

from bench import step, tick

for part in (step, tick):
    print(f"--- bench.{part.__name__.rpartition('.')[2]}")
    part.main()
