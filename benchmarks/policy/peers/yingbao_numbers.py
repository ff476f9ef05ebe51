"""yingbao as other rooms take it: the number of an outcome and the first day per person, outcomes looked up."""

from __future__ import annotations

from benchmarks.policy.peers.harness import serve
from benchmarks.policy.peers.yingbao import Yingbao

if __name__ == "__main__":
    serve(Yingbao(written_out=False))
