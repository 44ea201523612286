"""`python -m tests.fakes.wecom`: WeCom on this machine, so that one person can play both sides in a browser."""

from __future__ import annotations

import argparse
import asyncio

from tests.fakes.wecom.server import CALLBACK, FakeWeCom

MEMBERS = (
    ("LiMin", "李敏", "回访干部"),
    ("WangFang", "王芳", "回访干部"),
    ("ChenJing", "陈静", "县纪委工作人员"),
    ("ZhaoQiang", "赵强", "分管领导"),
)


async def serve(port: int, callback: str) -> None:
    """Until interrupted."""
    fake = FakeWeCom(
        "wwfake0000000000", secret="fake-secret", token="fakeToken", callback_url=callback, port=port
    )
    async with fake:
        for userid, name, position in MEMBERS:
            fake.user(userid, name, position=position)
        await fake.state.tell()
        print(f"# WeCom, faked. People: {fake.origin}/   callbacks go to {callback}")
        print("# Start the product with these settings:")
        for setting, value in fake.settings.items():
            print(f"{setting}={value}")
        print("# userids: " + ", ".join(f"{userid} {name}" for userid, name, _ in MEMBERS), flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.wecom", description=__doc__)
    parser.add_argument("--port", type=int, default=9001)
    parser.add_argument("--callback", default=CALLBACK, metavar="URL")
    given = parser.parse_args()
    try:
        asyncio.run(serve(given.port, given.callback))
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
