"""Dask: a scheduler hands out files to worker processes and hands them out again when a worker dies.

`distributed` is an optional dependency (the extra ``cluster``), so it is imported when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from yingbao.cluster.remote import do_there, hash_code, make_absolute, take_home
from yingbao.kernel.errors import BadInput
from yingbao.kernel.messages import N_, say
from yingbao.policy.files import Mapper, Work, count_cores
from yingbao.policy.totals import Totals

PATIENCE_SECONDS = 30


@contextmanager
def open_dask(*, scheduler: str | None, workers: int | None) -> Iterator[Mapper]:
    """Yield the mapper of the cluster at ``scheduler``, or of ``workers`` processes started here for this block."""
    distributed = _import_distributed()
    with ExitStack() as stack:
        client = _connect(distributed, scheduler) if scheduler else _start(distributed, workers, stack)
        stack.enter_context(client)
        yield partial(_map, distributed, client)


def _import_distributed() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        raise BadInput(
            say(N_("没有安装计算引擎 Dask")), todo=say(N_("请运行 pip install 'yingbao[cluster]' 后重试。"))
        ) from error


def _connect(distributed: Any, scheduler: str) -> Any:
    """Return a client of a running cluster that has a worker. Raises BadInput when there is none to be reached."""
    try:
        client = distributed.Client(scheduler, timeout=PATIENCE_SECONDS)
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise BadInput(
            say(N_("连不上调度器 {address}，或它没有任何工作进程"), address=scheduler),
            todo=say(N_("请检查地址，以及 dask scheduler 和 dask worker 是否在运行。")),
        ) from error
    return client


def _start(distributed: Any, workers: int | None, stack: ExitStack) -> Any:
    """Return a client of processes of our own; only holders of a certificate made for this run can talk to them."""
    cluster = distributed.LocalCluster(
        n_workers=workers or count_cores(), threads_per_worker=1, dashboard_address="127.0.0.1:0", security=True
    )
    return distributed.Client(stack.enter_context(cluster))


def _map(distributed: Any, client: Any, do: Callable[[Work], Totals], works: Sequence[Work]) -> Iterator[Totals]:
    there = partial(do_there, do=do, code=hash_code())
    futures = client.map(there, [make_absolute(work) for work in works], pure=False)
    try:
        for future in futures:
            yield take_home(future.result())
    except distributed.KilledWorker as error:
        raise BadInput(
            say(N_("有一个文件每次都使工作进程中断，已放弃")),
            todo=say(N_("请查看工作进程的日志；最常见的原因是内存不足。")),
        ) from error
    finally:
        client.cancel(futures, reason="the run is over")
