"""Command line: ``python -m reanalysis COMMAND``."""

import argparse
import sys
from pathlib import Path

from reanalysis.errors import InvalidCohort

FIT, UNFIT, WRONG_USE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments
        The words after ``python -m reanalysis``; those of the process by default.

    Returns
    -------
    int
        0 if all went well, 1 if a cohort does not fit or the book cannot be built, 2 for a
        command that cannot be understood or a file that is not there.
    """
    options = _parser().parse_args(arguments)
    for path in (getattr(options, "cohort", None), getattr(options, "mapping", None)):
        if path and not path.is_file():
            print(f"There is no file {path}.", file=sys.stderr)
            return WRONG_USE
    # The commands import what they need themselves: a check should not wait for Sphinx.
    if options.command == "check":
        return _check(options.cohort, options.mapping, as_json=options.json)

    from reanalysis import book

    try:
        if options.command == "book":
            book.build(cohort=options.cohort, mapping=options.mapping)
        else:
            book.refresh()
    except (book.BookError, InvalidCohort) as error:
        print(error, file=sys.stderr)
        return UNFIT
    return FIT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reanalysis", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("book", help="execute the notebooks and build the site")
    build.add_argument("--cohort", type=Path, help="CSV or .xlsx; the synthetic cohort without it")
    build.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    commands.add_parser("notebooks", help="execute the notebooks and store their outputs")
    check = commands.add_parser("check", help="compare a cohort file with the data dictionary")
    check.add_argument("cohort", type=Path, help="a CSV file or an .xlsx workbook")
    check.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    check.add_argument("--json", action="store_true", help="print the report for a program")
    return parser


def _check(path: Path, mapping: Path | None, *, as_json: bool) -> int:
    """Print the report on a cohort file."""
    from reanalysis.check import check

    report = check(path, mapping)
    print(report.as_json() if as_json else report.as_text())
    return FIT if report.fits else UNFIT


if __name__ == "__main__":
    sys.exit(main())
