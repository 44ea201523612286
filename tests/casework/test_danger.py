"""The list of phrases of acute danger: what it must see and what it must pass over, and who looked at it when."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.danger import LIST, is_acute

DANGER = [
    "我不想活了",
    "活着没意思，真的",
    "有时候想死",
    "自 杀",
    "自·杀",
    "自*杀的念头",
    "我要跳楼。",
    "她说过要离家出走",
    "他说要杀了他们",
    "我杀了他",
    "我要杀了李敏",
    "扬言要杀了领导",
    "他扬言要杀领导",
    "真想把举报人杀了",
    "迟早杀了那个牛主任",
    "要杀死李敏全家",
    "抹杀了他的成绩，他说要杀了李敏",
    "写好了遗书",
    "救命！",
    "没有自杀的勇气",
    "没有活下去的勇气了",
    "活着没有意思",
    "活着没什么意思",
    "真想去死",
    "还不如死了",
    "死的心都有",
    "想死心都有了",
    "他不是没有轻生念头",
    "有没有自杀倾向，说不准",
    "我没有。轻生念头一直有",
    "未发现自杀倾向，但他说活不下去了",
    "减轻生活压力也没用，想死",
    "想死你了是玩笑，不想活是真的",
    "I want to die",
    "i  WANT\tto die.",
    "I don't want to live any more",
    "I don’t want to live",
    "thinking of suicide",
    "he will kill her",
    "he wants to kill Li Min",
    "No sign of self harm last week. Today he wants to die.",
    "ｋｉｌｌ　ｍｙｓｅｌｆ",
    "自" + "\u200b" + "杀",
    "我真的不想活了",
    "我不想再继续活下去了",
    "真不想活着了",
    "我不愿意活了",
    "我不活了",
    "不活啦",
    "这日子没法活了",
    "没办法再活下去了",
    "活着有什么意思",
    "活着真的没啥意思",
    "活着还有什么意义",
    "活得没意思",
    "活腻了",
    "我活够啦",
    "没有活着的勇气",
    "不想在这个世界上了",
    "想离开这个世界",
    "不想再醒来",
    "好想死",
    "想早点死",
    "我想死你们别管我",
    "我要去死",
    "让我死吧",
    "恨不得死了",
    "宁愿死",
    "死了一了百了",
    "死了就好了",
    "要是死了就好了",
    "死掉算了",
    "我死给你们看",
    "再逼我，我就死在办公室",
    "你们要逼死我",
    "真想一头撞死",
    "我要走绝路了",
    "永别了",
    "后事都交代了",
    "我要从楼上跳下去",
    "站在楼顶想往下跳",
    "找根绳子吊死",
    "她割了手腕",
    "他喝了农药",
    "我喝了百草枯",
    "吃了一瓶安眠药",
    "该同志有自伤行为",
    "他扬言要自焚",
    "有厌世情绪",
    "想结束这一切",
    "我怕他自我了断",
    "他已经绝食两天",
    "我在公司活不下去了",
    "不想活干什么都没劲",
    "家属看护防自杀",
    "很难说没有轻生念头",
    "該同志流露輕生念頭",
    "他說活著沒有意思",
    "我要去跳樓",
    "尋短見",
    "自盡",
    "喝農藥",
    "殺人",
    "離家出走",
    "同歸於盡",
    "我不想……活了",
    "我想。。。死",
    "不像活了",
    "说「不想活了」",
    "他说要砍人",
    "我要打死他",
    "老公打死我也没人管",
    "有人要杀我",
    "他拿着刀去单位了",
    "我跟他拼了",
    "他往身上泼汽油",
    "I wanna die",
    "I don't want to be alive",
    "he said he would end his life",
    "she took her own life",
    "life is not worth living",
    "there's no point in living",
    "I can't go on living",
    "he took an overdose",
    "he hanged himself",
    "he threatened to kill his director",
    "everyone would be better off without me",
]
HARMLESS = [
    "",
    "情绪平稳，工作正常推进。",
    "减轻生活压力",
    "年轻生动",
    "思想死板，方法不活",
    "各自尽力，各自尽责",
    "马上吊销驾照，晚上吊唁",
    "想死你了",
    "不想活动，想在家休息",
    "跳楼价处理",
    "救命之恩",
    "这回算是杀了他的威风",
    "一次错误抹杀了他多年的成绩",
    "扼杀了干事的积极性",
    "家里刚杀了年猪，气氛不错",
    "春节前杀了一头猪、两只鸡",
    "年猪要杀了，请亲友吃饭",
    "到供应商那里杀了价",
    "药水能杀死细菌",
    "未发现自杀、轻生倾向",
    "没有轻生念头",
    "没有不想活的念头",
    "没有表现出自杀倾向",
    "未流露出轻生或者自残想法",
    "无轻生、自残等倾向",
    "想死心塌地跟着组织干",
    "未见自残自杀行为",
    "情绪低落，夜里睡不好",
    "压力很大，坚持不下去",
    "处分太重，想不通",
    "skill myself in typing",
    "no signs of suicide",
    "I don't want to live in the county seat",
    "suicide prevention week",
    "only wants to kill time",
    "the deadline kills the plan",
    "累死了，今天走访了五户",
    "真是想死你们了",
    "想死孩子了",
    "工作压力大得要命",
    "忙得要死，热得要死",
    "生死关头，冲在前面",
    "电脑死机了",
    "弄死机了",
    "此路是一条死路",
    "不想再活动",
    "不想活成别人的样子",
    "活不下去的企业",
    "养不活了",
    "活着没有意见",
    "轻生活方式",
    "安全生产",
    "不想死记硬背",
    "想死守岗位",
    "想早点去死者家慰问",
    "各自尽到责任，亲自尽孝",
    "来自残联的同志",
    "晚上吊针，早上吊水",
    "看了遗书法展览",
    "跳楼机、割腕表",
    "在一棵树上吊死",
    "打死我也不信",
    "故意杀人罪、杀人未遂案",
    "下棋杀了两盘",
    "药水能杀死白蚁",
    "心肺复苏救命技能培训",
    "自杀预防讲座",
    "未发现自杀自残等异常情况",
    "没有轻生意图",
    "不存在自杀风险",
    "从未有过轻生念头",
    "没看出有轻生倾向",
    "家中老人后事已办，遗嘱已公证",
    "失眠，偶尔吃安眠药",
    "压力大，想不开，撑不下去",
    "no suicidal thoughts",
    "he lives his own life",
    "doesn't want to live with his parents",
    "killing two birds with one stone",
    "dying to see you",
]


@pytest.mark.parametrize("text", DANGER)
def test_it_sees(text: str) -> None:
    assert is_acute(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_it_passes_over(text: str) -> None:
    assert not is_acute(text)


def test_every_phrase_of_the_list_is_seen_and_every_exception_is_passed_over() -> None:
    kept = tomllib.loads(LIST.read_text("utf-8"))
    for words in (kept["zh"], kept["en"]):
        assert [one for one in words["phrases"] if not is_acute(f"，{one}。")] == []
        assert [one for one in words["harmless"] if is_acute(one)] == []


def test_the_list_says_whose_it_is_and_when_it_was_looked_at() -> None:
    kept = tomllib.loads(LIST.read_text("utf-8"))
    assert isinstance(kept["reviewed_on"], date)
    assert kept["origin"]
    assert kept["reviewed_by"]
    assert kept["version"] >= 1
    for words in (kept["zh"], kept["en"]):
        assert len(words["phrases"]) <= 160, "a short list: of danger to life, not of low spirits"
        assert len(set(words["phrases"])) == len(words["phrases"])


@given(st.text(max_size=300), st.sampled_from(["不想活", "want to die"]), st.text(max_size=300))
def test_whatever_stands_around_it_in_other_sentences(before: str, phrase: str, after: str) -> None:
    assert is_acute(f"{before[:300]}。\n{phrase}。\n{after}")


def test_a_long_text_is_read_in_no_time() -> None:
    assert not is_acute("没有" * 4000)
    assert not is_acute("未发现" + "有" * 8000)
    assert not is_acute("no sign of " * 700)
    assert not is_acute("活着" + "没有什么" * 2000)
    assert not is_acute("不想" * 4000)
    assert not is_acute("想太" * 4000)
