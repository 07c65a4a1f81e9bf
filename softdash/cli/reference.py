"""``docs/cli.md``, written from the commands themselves: ``python -m softdash.cli.reference > docs/cli.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

import click

from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.cli.options import URL_VARIABLE

_INTRODUCTION = f"""\
# Command line

<!-- Written by `python -m softdash.cli.reference` (`make docs`); change the commands in softdash/cli instead. -->

`softdash COMMAND --help` says the same. Results go to standard output; progress bars, links and messages to standard
error. Bars are shown on a terminal only: never in a pipe, and never with `--json`, whose output is the only thing on
standard output, for an error the object `{{"error": {{"code", "message", "where", "advice"}}}}` of the API.

```sh
softdash diagnose vasprun.xml --potential chgnet-0.3.0
xz -dc run.extxyz.xz | softdash diagnose - --name run.extxyz --potential emt --json | jq .results[0].statistics.slope
export {URL_VARIABLE}=https://softdash.example.org              # from here on, a server computes
softdash diagnose run.extxyz --potential chgnet-0.3.0 -o report.html
softdash report download https://softdash.example.org/report/AbC --form json
softdash report verify softdash-AbC.json run.extxyz
```

The same in Python: [python.md](python.md). Settings, as environment variables: [settings.md](settings.md).
"""


def cli_markdown() -> str:
    """Return the documentation of all commands."""
    codes = [f"| {code.value} | {_cell(code.meaning)} |" for code in ExitCode]
    parts = [_INTRODUCTION, "## Exit codes\n", "\n".join(["| code | meaning |", "|---|---|", *codes]) + "\n"]
    parts += _sections(main, click.Context(main, info_name="softdash"))
    return "\n".join(parts)


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    if isinstance(command, click.Group):
        if context.parent is not None:
            yield f"## {context.command_path}\n\n{_help(command)}\n"
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _sections(below, click.Context(below, info_name=name, parent=context))
        return
    level = "##" if context.parent is not None and context.parent.parent is None else "###"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"{level} {context.command_path}\n\n```\n{usage}\n```\n\n{_help(command)}\n"
    records = [record for parameter in command.params if (record := parameter.get_help_record(context))]
    if records:
        rows = [f"| `{names.replace('|', chr(92) + '|')}` | {_cell(text)} |" for names, text in records]
        yield "\n".join(["| option | |", "|---|---|", *rows]) + "\n"
    if command.epilog:
        lines = [line.strip() for line in command.epilog.splitlines()[2:]]  # after the marks of `examples`
        yield "\n".join(["```sh", *lines, "```"]) + "\n"


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").replace("\b\n", "")


def _cell(text: str) -> str:
    # click sets two spaces before [default: …]; names of files in angle brackets would be read as HTML.
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.stdout.write(cli_markdown())
