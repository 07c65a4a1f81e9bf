"""The command ``softdash``. How it ends: see `softdash.cli.exit_codes`.

Commands import what they need when they run, so that ``softdash --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from softdash.cli.benchmark_commands import benchmark
from softdash.cli.diagnosis_commands import add_diagnosis_commands
from softdash.cli.exit_codes import ExitCode, exit_code, exit_codes_text
from softdash.cli.listing_commands import add_listing_commands
from softdash.cli.options import examples
from softdash.cli.reference_energies import reference
from softdash.errors import SoftdashError
from softdash.reports.terminal.flags import options_as_flags
from softdash.version import __version__


class _Commands(click.Group):
    """A group whose commands end with the words and the exit code of a `SoftdashError`."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # a reader that is gone must show here, not while Python shuts down
        except SoftdashError as error:
            if ctx.obj.get("json"):
                click.echo(json.dumps(error.as_json(), ensure_ascii=False, indent=2))
            click.echo(f"softdash: {error}{_offer_text(error)}", err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("softdash: interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except (BrokenPipeError, SystemExit) as ending:
            # rich turns a broken pipe into a SystemExit of its own.
            if not isinstance(ending, BrokenPipeError) and not isinstance(ending.__context__, BrokenPipeError):
                raise
            # Whoever read the output has had enough, as in `softdash … | head`: no reason for a message.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(ExitCode.DONE)


def _offer_text(error: SoftdashError) -> str:
    """Return what mends an error, as options of the same command."""
    if error.offer == "sample":
        return " No DFT yet? Sample states to label: softdash benchmark sample-states STRUCTURE --inputs inputs.zip"
    offer = f" (or add --{error.offer})" if error.offer else ""
    ways = [f"\n  {choice.label}: {options_as_flags(choice.options)}" for choice in error.choices]
    return offer + "".join(ways)


@click.group(
    cls=_Commands,
    epilog=exit_codes_text(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="softdash")
@click.pass_context
def main(context: click.Context) -> None:
    """How much too soft is a universal interatomic potential: benchmarks, and your own material."""
    from softdash.settings import Settings

    context.obj = {}
    Settings()  # a wrong one ends every command, also one that would not look at it


@main.command(
    short_help="Start the web server and its workers.",
    epilog=examples("softdash serve", "softdash serve --host 0.0.0.0 --port 9000", "softdash serve --no-worker"),
)
@click.option("--host", help="Address to listen on. [default: SOFTDASH_HOST or 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: SOFTDASH_PORT or 8050]")
@click.option("--no-worker", is_flag=True, help="Only the web server; workers run elsewhere.")
def serve(host: str | None, port: int | None, no_worker: bool) -> None:
    """Start the web server and a worker for each kind of potential; Ctrl-C ends all."""
    from softdash.cli.serve import serve as run
    from softdash.settings import Settings

    given: dict[str, Any] = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(Settings(**given), with_workers=not no_worker)


@main.command(short_help="Start workers only.", epilog=examples("softdash worker", "softdash worker --queue chgnet"))
@click.option(
    "--queue", "queues", multiple=True, help="Serve this queue only; may be repeated. [default: all installed]"
)
def worker(queues: tuple[str, ...]) -> None:
    """Start workers: one process per kind of potential, kept alive until Ctrl-C."""
    from softdash.cli.serve import run_workers
    from softdash.settings import get_settings

    run_workers(get_settings(), queues)


main.add_command(benchmark)
main.add_command(reference)
add_diagnosis_commands(main)
add_listing_commands(main)


if __name__ == "__main__":
    sys.exit(main())
