"""The page of the browser chat: index.html with its words filled in, and the headers it is served with.

The page speaks one language, chosen before it is made. Its scripts find every sentence they say in a JSON block
inside the page, so a translation is a line in the catalogue and never a line of JavaScript.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from locales.catalogue import N_, gettext

STATIC = Path(__file__).parent / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# What the template says, and what the scripts say. Keys are ours; the words are the catalogue's.
TEXTS = {
    "title": N_("Fang-Ping-Cha assistant"),
    "demo": N_("Demo: everyone here is invented"),
    "not_classified": N_(
        "This is not a classified system and is not linked to WeCom, Telegram or any real file. "
        "Enter nothing about real people."
    ),
    "no_script": N_("This page needs JavaScript. Please turn it on in the browser and load the page again."),
    "shortcuts": N_("Alt+1, 2, 3: choose a phone · Enter: send · Shift+Enter: new line"),
    "assistant": N_("Work assistant"),
    "phones": N_("Phones"),
    "phone": N_("Phone {n}"),
    "persona": N_("You are"),
    "persona_line": N_("{name} · {role} · {unit}"),
    "unread_line": N_("({n} new) {line}"),
    "others": N_("New for others:"),
    "show_other": N_("{name}, {role}: {n} new. Show on a phone."),
    "log": N_("Chat of {name}"),
    "empty": N_("No messages yet. Press a command below, or type."),
    "loading": N_("Loading…"),
    "commands": N_("Quick commands"),
    "input": N_("Message from {name}"),
    "placeholder": N_("Type here"),
    "send": N_("Send"),
    "attach": N_("Attach a file"),
    "attach_photo": N_("Photo"),
    "attach_document": N_("Document"),
    "attach_voice": N_("Voice"),
    "me": N_("Me"),
    "edited": N_("Updated"),
    "file": N_("File"),
    "sending": N_("Sending…"),
    "working": N_("The assistant is writing…"),
    "latest": N_("New messages below"),
    "clock": N_("Demo clock"),
    "workday": N_("Working day"),
    "day_off": N_("Day off"),
    "forward": N_("Move the clock forward"),
    "forward_hour": N_("+1 hour"),
    "forward_day": N_("+1 day"),
    "forward_3_days": N_("+3 days"),
    "forward_week": N_("+1 week"),
    "jump_to": N_("Jump to"),
    "jump": N_("Go"),
    "jump_empty": N_("Choose a date and a time first."),
    "moving": N_("Time passes; everything due on the way is being delivered…"),
    "moved": N_("It is now {moment}."),
    "offline": N_("The connection is lost. Trying again…"),
    "error_network": N_("Not sent: the assistant cannot be reached. Check the network, then send again."),
    "error_server": N_("The assistant could not do this just now. Please try again in a moment."),
    "error_refused": N_("The assistant did not accept this. Reload the page, then try again."),
    "error_too_large": N_("This file is too large. Please choose a smaller one."),
    "error_loading": N_("The messages could not be loaded. Please try again."),
    "retry": N_("Try again"),
    "dismiss": N_("Hide this line"),
}

ROLES = {
    "care_officer": N_("Care officer"),
    "supervisor": N_("Supervisor"),
    "commission_staff": N_("Commission staff"),
    "leader": N_("Leading group member"),
    "unit_party_org": N_("Unit's Party organisation"),
    "stationed_group": N_("Stationed discipline group"),
    "organisation_department": N_("Organisation department"),
    "personnel_bureau": N_("Personnel bureau"),
    "subject": N_("Person concerned"),
    "administrator": N_("Administrator"),
}

# A quick command: what its button says, and what is sent. In Chinese the plain word works, in English the slash
# name. A command that ends with a space wants a word after it and is only put into the input.
COMMANDS = {
    "today": (N_("Today"), "今日", "/today"),
    "week": (N_("This week"), "本周", "/week"),
    "todo": (N_("To do"), "待办", "/todo"),
    "record": (N_("Record"), "记录", "/record"),
    "reschedule": (N_("Reschedule"), "改期", "/reschedule"),
    "leave": (N_("Leave"), "请假", "/leave"),
    "case": (N_("Look up…"), "查询 ", "/case "),
    "overdue": (N_("Overdue"), "逾期", "/overdue"),
    "team": (N_("Team"), "团队", "/team"),
    "opinion": (N_("Opinion"), "意见", "/opinion"),
    "stats": (N_("Figures"), "统计", "/stats"),
    "report": (N_("Briefing"), "简报", "/report"),
    "roster": (N_("Roster"), "名册", "/roster"),
    "evaluate": (N_("Evaluation"), "评估", "/evaluate"),
    "observe": (N_("Observation"), "观察", "/observe"),
    "summary": (N_("Summary"), "总结", "/summary"),
    "my": (N_("My own"), "我的", "/my"),
    "why": (N_("Why?"), "为什么", "/why"),
    "help": (N_("Help"), "帮助", "/help"),
}

# Which of them a role sees, most used first (CONTRACT 5). The strip is a convenience: it grants nothing.
STRIPS = {
    "care_officer": ("today", "week", "record", "reschedule", "leave", "case", "why", "help"),
    "supervisor": ("overdue", "team", "todo", "case", "why", "help"),
    "commission_staff": (
        "todo", "case", "overdue", "stats", "report", "evaluate", "observe", "roster", "help",
    ),
    "leader": ("todo", "case", "stats", "report", "help"),
    "unit_party_org": ("todo", "opinion", "why", "help"),
    "stationed_group": ("todo", "why", "help"),
    "organisation_department": ("todo", "why", "help"),
    "personnel_bureau": ("todo", "why", "help"),
    "subject": ("my", "summary", "help"),
    "administrator": ("why", "help"),
}  # fmt: skip


def page(language: str, county_name: str) -> str:
    """The whole page in one language. The county's name is data: the template escapes it."""
    texts = {key: gettext(language, msgid) for key, msgid in TEXTS.items()}
    return _environment().get_template("index.html").render(
        lang=language.replace("_", "-"),
        county=county_name,
        texts=texts,
        script={
            "texts": texts,
            "roles": {role: gettext(language, msgid) for role, msgid in ROLES.items()},
            "strips": _strips(language),
        },
    )  # fmt: skip


def _strips(language: str) -> dict[str, list[dict[str, str]]]:
    chinese = language == "zh_CN"
    commands = {
        key: {"label": gettext(language, label), "text": word if chinese else slash}
        for key, (label, word, slash) in COMMANDS.items()
    }
    return {role: [commands[key] for key in keys] for role, keys in STRIPS.items()}


def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined)
