"""Where a population is assessed: in threads here, or on an engine for many machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from yingbao.cluster.on_dask import open_dask
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.files import Mapper, map_here

LOCAL, DASK = "local", "dask"
ENGINES = (LOCAL, DASK)


@contextmanager
def open_engine(name: str, *, scheduler: str | None = None, workers: int | None = None) -> Iterator[Mapper]:
    """Open an engine and yield its mapper; what it started is ended with the block.

    ``local`` works in ``workers`` threads (default: one per core). ``dask`` starts as many processes on this machine,
    or, with ``scheduler``, uses the cluster that is running there. Raises BadInput for an engine that is unknown,
    not installed or not to be reached.
    """
    if name not in ENGINES:
        raise BadInput(say(N_("没有名为“{name}”的计算引擎，可用：{known}"), name=name, known=", ".join(ENGINES)))
    if scheduler is not None and name == LOCAL:
        raise BadInput(say(N_("本机计算不需要调度器地址")), todo=say(N_("请去掉 --scheduler，或加上 --engine dask。")))
    if name == LOCAL:
        yield map_here(workers)
        return
    with open_dask(scheduler=scheduler, workers=workers) as mapper:
        yield mapper
