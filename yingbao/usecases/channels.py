"""The machine users channels act as: one per channel, in the policy's district; nobody can log in as one."""

from __future__ import annotations

from yingbao.accounts import operations, queries
from yingbao.accounts.actors import Actor
from yingbao.accounts.roles import Role
from yingbao.collection.kinds import ONLINE_CHANNELS, Channel
from yingbao.kernel.errors import BadInput, Forbidden
from yingbao.kernel.messages import N_, say
from yingbao.policy import Policy
from yingbao.storage.transactions import take_turns, unit_of_work


def machine_of(channel: str, policy: Policy) -> Actor:
    """Return who a channel acts as; made the first time the channel speaks.

    Raises BadInput for no such channel, Forbidden for one whose account is switched off.
    """
    if channel not in ONLINE_CHANNELS:
        raise BadInput(say(N_("没有这种缴费方式：{channel}。"), channel=channel))
    name = f"channel-{channel}"
    found = queries.machine_named(name)
    if found is not None:
        return found
    with unit_of_work():
        take_turns(name)
        if not queries.is_user(name):
            operations.add_user(
                username=name,
                display_name=str(Channel(channel).label),
                role=Role.CHANNEL,
                division_code=int(policy.file.division),
            )
    made = queries.machine_named(name)
    if made is None:
        raise Forbidden(
            say(N_("缴费渠道“{channel}”的账号已停用，没有登记到款。"), channel=Channel(channel).label),
            todo=say(N_("请联系区医保局恢复账号后重发；同一流水号只登记一次。")),
        )
    return made
