"""``yingbao``: every command in one place."""

from __future__ import annotations

import typer

from yingbao.cli import site
from yingbao.cli.assess import assess
from yingbao.cli.clauses import clauses
from yingbao.cli.imports import app as imports_app
from yingbao.cli.keys import rotate_keys
from yingbao.cli.policy import app as policy_app
from yingbao.cli.policy_explain import explain
from yingbao.cli.reassess import reassess
from yingbao.cli.rosters import roster_template
from yingbao.cli.simulate import simulate

app = typer.Typer(no_args_is_help=True, add_completion=False, help="应保：城乡居民医保参保缴费")
app.command("assess")(assess)
app.command("clauses")(clauses)
app.command("simulate")(simulate)
app.command("roster-template")(roster_template)
app.command("reassess")(reassess)
app.command("explain")(explain)
app.command("rotate-keys")(rotate_keys)
app.add_typer(policy_app, name="policy")
app.add_typer(imports_app, name="import")
for command in (site.demo, site.serve, site.migrate, site.secrets, site.verify, site.nightly):
    app.command()(command)


def run() -> None:
    """Run the command line."""
    app()
