"""The demo county: its people, towns and words. All invented; nobody and no place here exists.

The words are Chinese in every language of the surface, as the data of a Chinese county would be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, Literal

from casework.sanctions import SanctionKind
from storage.tables.cases import Stage
from storage.tables.members import Duty, Role
from storage.tables.visits import VisitKind

K = SanctionKind

COUNTY_CODE, COUNTY_NAME = "JA", "嘉安县"

OFFICERS = ("李敏", "陈立群", "周晓岚", "吴建业", "郑秀云", "何志远")
SUPERVISORS = ("冯国栋", "罗文静")
COMMISSION = "县纪委监委"


@dataclass(frozen=True, slots=True)
class Official:
    """A member who neither visits nor supervises. The persona's id is a readable word."""

    persona: str
    name: str
    role: Role
    unit: str
    duty: Duty | None = None


OFFICIALS = (
    Official("staff-1", "苏宁远", Role.commission_staff, COMMISSION),
    Official("staff-2", "唐婉清", Role.commission_staff, COMMISSION),
    Official("leader-1", "高明山", Role.leader, "访评察工作领导小组"),
    Official("leader-2", "梁淑华", Role.leader, "访评察工作领导小组"),
    Official("unit-1", "许永康", Role.unit_party_org, "县发展和改革局"),
    Official("unit-2", "蔡红梅", Role.unit_party_org, "县水务局"),
    Official("unit-3", "贺文澜", Role.unit_party_org, "县审计局"),
    Official("stationed-1", "邓卫民", Role.stationed_group, "派驻县发展和改革局纪检监察组"),
    Official("organisation-1", "曹静宜", Role.organisation_department, "县委组织部"),
    Official("personnel-1", "彭启明", Role.personnel_bureau, "县人力资源和社会保障局"),
    Official("admin-1", "袁志新", Role.administrator, COMMISSION, Duty.system),
    Official("admin-2", "潘慧兰", Role.administrator, COMMISSION, Duty.security),
    Official("admin-3", "于守正", Role.administrator, COMMISSION, Duty.audit),
)
SUBJECT = "subject-1"

Mood = Literal["settled", "stable", "unsettled", "concern", "not_rated"]
Story = tuple[Mood, ...]

# What the talks of one person showed, oldest first.
RECOVERING: Story = ("unsettled", "unsettled", "stable", "stable", "settled")
FROM_THE_BOTTOM: Story = ("concern", "concern", "unsettled", "unsettled", "stable", "stable")
WOBBLING: Story = ("stable", "unsettled", "stable", "unsettled")
SLIDING: Story = ("settled", "stable", "unsettled")
STEADY: Story = ("stable", "stable", "settled", "settled")
WORRYING: Story = ("stable", "unsettled", "concern")
NEW: Story = ()
STORIES: tuple[Story, ...] = (
    RECOVERING,
    RECOVERING,
    STEADY,
    STEADY,
    WOBBLING,
    FROM_THE_BOTTOM,
    SLIDING,
    ("stable", "settled"),
    ("unsettled", "stable"),
    ("stable",),
)
STORIES_OF_EARLY_CARE: tuple[Story, ...] = (
    NEW,
    NEW,
    ("stable",),
    ("unsettled", "stable"),
    ("stable", "settled"),
)


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the fixed cast. `late`: working days after the due day of the visit that waits (below zero: before
    it; None: later this week). `mark`: what was done about it."""

    name: str
    unit: str
    officer: int
    stage: Stage
    kind: VisitKind
    late: int | None
    story: Story
    sanctions: tuple[SanctionKind, ...]
    code: str = ""
    mark: Literal["", "rests", "acknowledged"] = ""
    subject: bool = False


_FOLLOW_UP, _TALK = Stage.follow_up, VisitKind.talk
CAST = (
    CastMember(
        "张明", "县发展和改革局", 0, _FOLLOW_UP, _TALK, 3, RECOVERING, (K.PARTY_SERIOUS_WARNING,), "JA-7K3Q"
    ),
    CastMember(
        "王芳", "县住房和城乡建设局", 0, _FOLLOW_UP, VisitKind.home_visit, 0, STEADY,
        (K.GOVERNMENT_DEMERIT,), "JA-5M2X",
    ),
    CastMember(
        "赵强", "霁溪镇人民政府", 0, _FOLLOW_UP, VisitKind.study_visit, None, ("unsettled", "stable"),
        (K.PARTY_WARNING,), "JA-9P4T",
    ),
    CastMember("孙丽华", "县林业和草原局", 0, Stage.early_care, _TALK, 0, ("stable",), (K.GOVERNMENT_DEMERIT,)),
    CastMember(
        "张明", "嘉安经济开发区管委会", 3, Stage.observation, _TALK, -15, STEADY,
        (K.PARTY_WARNING, K.GOVERNMENT_WARNING), "JA-2F8N",
    ),
    CastMember(
        "刘建平", "县水务局", 1, Stage.evaluation, _TALK, -6, RECOVERING, (K.PARTY_SERIOUS_WARNING,),
        subject=True,
    ),
    CastMember("黄志刚", "鹤湾台镇人民政府", 1, _FOLLOW_UP, _TALK, 6, WOBBLING, (K.GOVERNMENT_MAJOR_DEMERIT,)),
    CastMember("林月娥", "县文化和旅游局", 2, Stage.early_care, _TALK, 9, ("unsettled",), (K.PARTY_REMOVAL,)),
    CastMember("马德胜", "砚桥乡人民政府", 3, Stage.early_care, _TALK, 14, NEW, (K.PARTY_PROBATION,)),
    CastMember("胡庆生", "县审计局", 1, _FOLLOW_UP, _TALK, 1, SLIDING, (K.PARTY_WARNING,), mark="rests"),
    CastMember(
        "谢春梅", "县医疗保障局", 4, Stage.observation, _TALK, 4, STEADY, (K.GOVERNMENT_DEMERIT,),
        mark="acknowledged",
    ),
    CastMember("宋文斌", "梅隐坪镇人民政府", 5, Stage.early_care, _TALK, 1, NEW, (K.ADMONITION,)),
)  # fmt: skip

UNITS = (
    "县发展和改革局", "县住房和城乡建设局", "县水务局", "县林业和草原局", "县审计局", "县统计局", "县民政局",
    "县档案馆", "县文化和旅游局", "县医疗保障局", "县应急管理局", "县农业农村局", "县交通运输局", "县城乡供水公司",
    "嘉安经济开发区管委会", "霁溪镇人民政府", "鹤湾台镇人民政府", "砚桥乡人民政府", "梅隐坪镇人民政府",
    "松岚口乡人民政府", "鹭浦镇人民政府", "城北街道办事处",
)  # fmt: skip
SURNAMES = "安柏岑程褚窦方傅葛龚管桂洪霍季简靳柯蓝黎练凌柳卢骆梅穆倪聂庞裴浦祁戚乔阮桑单商邵施"
GIVEN = "博川岱枫皓嘉珂岚霖沐楠沛祺融书棠惟熙延泽钊知舟梓"
POSTS = (
    "局长",
    "副局长",
    "副镇长",
    "股长",
    "科员",
    "二级主任科员",
    "站长",
    "办公室主任",
    "会计",
    "党支部书记",
)

# What the head, the deputy and a station's head are called where it is no bureau: no township has a 副局长.
_CALLED = {
    "镇人民政府": ("镇长", "副镇长", "站长"),
    "乡人民政府": ("乡长", "副乡长", "站长"),
    "街道办事处": ("主任", "副主任", "站长"),
    "管委会": ("主任", "副主任", "科长"),
    "馆": ("馆长", "副馆长", "股长"),
    "公司": ("经理", "副经理", "站长"),
    "局": ("局长", "副局长", "股长"),
}


def post_in(unit: str, post: str) -> str:
    """The post as it is called in a unit of this kind."""
    head, deputy, station = next(called for ending, called in _CALLED.items() if unit.endswith(ending))
    return {"局长": head, "副局长": deputy, "副镇长": deputy, "站长": station}.get(post, post)


# Lengths differ on purpose: a running period has to be long enough for the talks that were held in it.
LIGHT = (
    K.PARTY_WARNING, K.PARTY_SERIOUS_WARNING, K.GOVERNMENT_DEMERIT, K.GOVERNMENT_MAJOR_DEMERIT, K.ADMONITION,
    K.GOVERNMENT_WARNING,
)  # fmt: skip
HEAVY = (K.PARTY_REMOVAL, K.GOVERNMENT_DEMOTION, K.GOVERNMENT_REMOVAL, K.PARTY_PROBATION)

REASONS = (
    "统计数据审核把关不严，造成上报数据失实",
    "项目资料归档不完整，未按要求限期整改",
    "防汛值班值守不到位，未及时报送险情",
    "未正确履行采购监督职责",
    "资金拨付审核不严，造成多付工程款",
    "安全隐患排查走过场，整改督促不力",
    "群众诉求办理超期，工作不实",
    "对下属单位日常监管缺位",
    "环保巡查流于形式，问题发现不及时",
)
CONDUCT = ("good", "good", "fairly_good", "fairly_good", "average")
PLACES = ("own_office", "meeting_room", "commission", "work_site")
MATERIALS = ("party_rules", "theory", "cases", "professional")
HAND_OVERS = ("in_person", "via_unit", "studied_together")

THINKING: dict[Mood, tuple[str, ...]] = {
    "settled": (
        "对错误认识深刻，服从处分，主动谈到今后的工作打算。",
        "心态平和，主动承担了单位的重点任务，表示要用实绩证明自己。",
        "已放下思想包袱，愿意用自身经历提醒身边同事。",
    ),
    "stable": (
        "认识到位，工作正常，但担心同事另眼相看。",
        "情绪总体平稳，对影响期满后能否再担重任信心不足。",
        "能按时完成本职工作，交流时话不多，希望组织多给机会。",
    ),
    "unsettled": (
        "情绪低落，遇事畏手畏脚，多次说“多做多错”。",
        "近期家中老人住院，精力分散，对处分执行中的待遇问题有疑问。",
        "觉得在单位抬不起头，会上基本不发言，有“躺平”想法。",
    ),
    "concern": (
        "抵触情绪较重，认为处分偏重，连续两周未参加支部活动。",
        "受处分后长期消极，安排的工作多次推脱，与同事发生争执。",
    ),
}
BASIS: dict[Mood, tuple[str, ...]] = {
    "unsettled": ("谈话中两次沉默较长，称“现在只求不出错”。", "科室负责人反映其近一个月主动请求少分任务。"),
    "concern": (
        "当面表示“怎么干都没有意义”，中途要求结束谈话。",
        "单位反映其连续缺席集体学习，当众顶撞负责人。",
    ),
}
ATMOSPHERE = (
    "家庭关系和睦，家人理解支持，叮嘱其安心工作。",
    "家人对处分已有正确认识，希望组织多关心、多压担子。",
    "家中老人身体不便，爱人分担较多，整体氛围平稳。",
)
GOALS = (
    "因审核把关不严受处分，认错态度较好，但顾虑较多；放下思想包袱，重拾工作信心。",
    "业务能力较强，规矩意识不够；补学习短板，在重点工作中发挥专长。",
    "情绪起伏较大，家庭负担较重；稳住情绪，解决实际困难，回到正常工作状态。",
)
MEASURES = (
    ("talks", "study"),
    ("talks", "home_visits", "work_tasks"),
    ("talks", "home_visits", "hardship_help"),
)
MORE: tuple[tuple[str, str], ...] = (
    ("work", "分管工作推进正常，按期完成了季度任务。"),
    ("correction", "已对照问题清单逐项整改，建立了复核台账。"),
    ("understanding", "承认审核把关不严，对处分没有异议。"),
    ("unit_opinion", "所在单位党组织认为该同志表现稳定，工作主动。"),
    ("suggestions", "希望参加业务培训，多到一线锻炼。"),
    ("next_steps", "与所在单位沟通，安排其参与重点项目。"),
)


def answers(kind: VisitKind, held_on: date, mood: Mood, chance: Random) -> dict[str, Any]:
    """A form of this kind as an officer would have filled it in."""
    rating: dict[str, Any] = {"state_of_mind": mood}
    if mood in BASIS:
        rating["basis"] = chance.choice(BASIS[mood])
    rating |= {"safety": False, "more": []}
    day = held_on.isoformat()
    if kind is VisitKind.care_plan:
        goal, measures = chance.choice(GOALS), chance.choice(MEASURES)
        return {"date": day, "goal": goal, "measures": list(measures), "safety": False, "more": []}
    if kind is VisitKind.review:
        said = {key: text for key, text in MORE if key in ("work", "correction", "unit_opinion")}
        thinking = "思想总体平稳，认错态度较好，愿意主动担事。"
        return {"date": day, "thinking": thinking, **said, "conclusion": "keep", "safety": False, "more": []}
    if kind is VisitKind.home_visit:
        return {
            "family_informed": True,
            "date": day,
            "atmosphere": chance.choice(ATMOSPHERE),
            **rating,
        }
    if kind is VisitKind.study_visit:
        material, how = chance.choice(MATERIALS), chance.choice(HAND_OVERS)
        return {"date": day, "material": material, "hand_over": how, **rating}
    said = dict(sorted(chance.sample(MORE, chance.choice((0, 0, 1, 2))), key=MORE.index))
    place, thinking = chance.choice(PLACES), chance.choice(THINKING[mood])
    return {"date": day, "place": place, "thinking": thinking, **rating, "more": list(said), **said}
