"""Makes the lectures that tests upload: slides in Chinese, synthesised Mandarin, a moving inset."""

from __future__ import annotations

from pathlib import Path

from demo.lecture_synthesis import FPS, Slide, SynthesisedLecture, synthesise_lecture

_TOPICS = [
    "三江源生态保护",
    "乡村振兴",
    "民族团结",
    "草原防火",
    "冬羔护理",
    "村级财务公开",
    "两弹一星精神",
    "玉树抗震救灾",
]
_SENTENCES = [
    "同志们好，今天我们一起学习{topic}。",
    "第{number}讲的重点，是把道理讲清楚，把办法教到位。",
    "高原地区路途遥远，学习要结合生产和生活。",
    "请大家记住三件事：先学后干，边干边学，互相帮助。",
    "下面我们看一个身边的例子。",
    "党支部要组织讨论，听取每一位党员的意见。",
]
_SECONDS_A_SENTENCE = 2.4
"""Below what the shortest of them takes with its pause, so that the speech always fills the time asked for."""


def make_lecture(
    path: Path,
    *,
    duration_s: float,
    slides: int = 20,
    speech: bool = True,
    seed: int = 0,
    fps: int = FPS,
    inset: bool = True,
) -> SynthesisedLecture:
    """Write a 720p MP4 lecture of exactly that length, with `slides` slides spread over it.

    Args:
        path: the MP4 to write.
        duration_s: seconds.
        slides: number of slides; there is one change fewer.
        speech: with Mandarin speech, else without any sound track.
        seed: varies voice, inset and topics.
        fps: frames a second.
        inset: with a moving picture in the corner.
    """
    topics = [_TOPICS[(seed + number) % len(_TOPICS)] for number in range(slides)]
    deck = [
        Slide(f"第{number + 1}节 {topic}", [f"要点{row + 1}：结合本支部实际学习{topic}。" for row in range(3)])
        for number, topic in enumerate(topics)
    ]
    sentences: list[str] = []
    if speech:
        count = int(duration_s / _SECONDS_A_SENTENCE) + 1
        for number in range(count):
            template = _SENTENCES[number % len(_SENTENCES)]
            sentences.append(template.format(topic=topics[number % len(topics)], number=number + 1))
    return synthesise_lecture(
        path,
        title="高原先锋课堂 · 测试课",
        slides=deck,
        narration=sentences,
        seed=seed,
        duration_s=duration_s,
        fps=fps,
        inset=inset,
    )
