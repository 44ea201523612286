"""Run the fake by hand, and play the people in a browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tests.fakes.telegram.server import TOKEN, FakeTelegram

# Invented, all of them.
PEOPLE = (("李敏", "zh-hans"), ("王建国", "zh-hans"), ("Anna Example", "en"))
FIRST_ID = 7_000_000_001


async def serve(port: int, token: str, floods: bool) -> None:
    async with FakeTelegram(token, port=port, floods=floods) as fake:
        for number, (name, language) in enumerate(PEOPLE):
            fake.user(FIRST_ID + number, name, language)
        print(f"Fake Telegram: play the people at {fake.url}/")
        print("Start the product with:")
        print(f"  FANGPINGCHA_TELEGRAM_TOKEN={token}")
        print(f"  FANGPINGCHA_TELEGRAM_API_BASE={fake.api_base}")
        print(f"Files are below {fake.file_base}<token>/. Ctrl+C ends it.", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.fakes.telegram", description=__doc__)
    options.add_argument("--port", type=int, default=9000)
    options.add_argument("--token", default=TOKEN)
    options.add_argument("--no-floods", action="store_true", help="take messages however many")
    chosen = options.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(chosen.port, chosen.token, not chosen.no_floods))


if __name__ == "__main__":
    main()
