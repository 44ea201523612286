"""Every benchmark, one after the other: `python -m bench`."""

from bench import step, tick, webhook

for part in (step, tick, webhook):
    print(f"--- bench.{part.__name__.rpartition('.')[2]}")
    part.main()
