"""The help card a village agent reads from and hands out: how to pay by each channel of the notice (BN-4.3.1)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from yingbao.collection.channels.guides import GUIDES
from yingbao.kernel.messages import say
from yingbao.policy.texts import text
from yingbao.web import policies
from yingbao.web.doors import shows
from yingbao.web.requests import WebRequest


@shows()
def pay_guide(request: WebRequest) -> HttpResponse:
    """Show step by step how to pay by each online channel the year's notice names."""
    listed = [channel for channel in policies.current().file.channels if channel.online]
    cards = [
        {
            "name": text(channel.zh, channel.en),
            "rule": channel.rule,
            "steps": [say(step) for step in GUIDES[channel.code].steps] if channel.code in GUIDES else [],
            "reference": say(GUIDES[channel.code].reference) if channel.code in GUIDES else None,
        }
        for channel in listed
    ]
    context = {"cards": cards, "year": policies.current().year}
    return render(request, "web/pay_guide.html", context)
