"""The browser chat as a test drives it: three phones, what they show, and what the browser complained about."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, ViewportSize, expect

PHONE: ViewportSize = {"width": 390, "height": 844}


class Phone:
    """One of the three phones, 1 to 3."""

    def __init__(self, page: Page, number: int) -> None:
        self.root = page.locator(f"#phone-{number}")
        self.log = self.root.get_by_role("log", include_hidden=True)
        self.input = self.root.locator("textarea")
        self.persona = self.root.locator("select")
        self.commands = self.root.locator(".strip button")
        self.answers = self.log.locator(".theirs")
        self.mine = self.log.locator(".mine:not(.pending)")

    def says(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def newest(self, before: int) -> Locator:
        """The last message of the assistant, once there are more than `before` of them and nothing is under way."""
        expect(self.answers.nth(before)).to_be_attached()
        expect(self.root.locator(".typing")).to_be_hidden()
        return self.answers.last

    def persona_of(self, role: str, but: str = "") -> str:
        """The id of a persona whose line in the drop-down names the role; not `but`."""
        for option in self.persona.locator("option").all():
            value = option.get_attribute("value") or ""
            if role in (option.text_content() or "") and value != but:
                return value
        raise AssertionError(f"no persona is {role}")


class Chat:
    """The page. `complaints` are console errors and exceptions, `foreign` the requests to any other host."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.phones = [Phone(page, number) for number in (1, 2, 3)]
        self._attend(page)

    def load(self) -> Chat:
        self.page.goto(f"{self.url}/sandbox/")
        expect(self.phones[0].answers.first).to_be_attached()
        return self

    def post(self, persona: str, text: str) -> None:
        """Somebody writes from another browser."""
        address = f"{self.url}/sandbox/personas/{persona}/messages"
        answer = self.page.request.post(address, data={"text": text, "event_id": str(uuid4())})
        assert answer.ok, answer.text()

    def opened(self, link: Locator) -> Page:
        """The page of its own behind a link, on a phone of its size, signed in."""
        with self.page.context.expect_page() as opening:
            link.click()
        page = opening.value
        page.set_viewport_size(PHONE)
        self._attend(page)
        come_in = page.get_by_role("button", name="进入我的页面")
        come_in.click()
        expect(come_in).to_have_count(0)
        return self.whole(page)

    @staticmethod
    def whole(page: Page) -> Page:
        """The page that has just come, with its styles, and its scripts listening: what is read or tapped before that
        may not be there yet, or not be heard."""
        page.wait_for_load_state()
        return page

    def _attend(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)
        # Playwright catches choosers of files while somebody listens, and the browser may learn of a first listener
        # after the tap that it was for: the chooser is then nobody's. One that listens all along has no such race.
        page.on("filechooser", lambda _: None)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.foreign.append(request.url)
