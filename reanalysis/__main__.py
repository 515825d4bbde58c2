"""Command line: ``python -m reanalysis COMMAND``."""

import argparse
import sys
import textwrap
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
        return _check(options.cohort, options.mapping)

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
    build.add_argument("--cohort", type=Path, help="a CSV file; the synthetic cohort without it")
    build.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    commands.add_parser("notebooks", help="execute the notebooks and store their outputs")
    check = commands.add_parser("check", help="compare a cohort file with the data dictionary")
    check.add_argument("cohort", type=Path, help="a CSV file")
    check.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    return parser


def _check(path: Path, mapping: Path | None) -> int:
    """Print every problem of a cohort file, or what was read from it."""
    from reanalysis.cohort import validate
    from reanalysis.dictionary import load_dictionary
    from reanalysis.mapping import apply_mapping, load_mapping, unused
    from reanalysis.reading import read_table

    try:
        table = read_table(path)
        if mapping:
            plan = load_mapping(mapping)
            left = unused(table, plan)
            table, report = apply_mapping(table, plan)
            for name, source, done, blank in report.itertuples(index=False):
                _print_item(f"{name} from {source}: {done}. Blank in {blank}.")
            for name, why in left[left["why"] != ""].itertuples(index=False):
                _print_item(f"{name} not used: {why}.")
            if others := list(left.loc[left["why"] == "", "column"]):
                _print_item(f"Not used either: {', '.join(others)}.")
            print()
        cohort = validate(table)
    except InvalidCohort as error:
        print(error)
        return UNFIT
    absent = [name for name in load_dictionary().columns if name not in cohort.columns]
    print(f"{path.name} fits: {len(cohort)} patients, {len(cohort.columns)} columns.")
    if absent:
        print("Not recorded, and shown as notes: " + ", ".join(absent) + ".")
    return FIT


def _print_item(text: str) -> None:
    """Print a line, wrapped and indented from its second row on."""
    print(textwrap.fill(text, width=100, subsequent_indent="    ", break_long_words=False))


if __name__ == "__main__":
    sys.exit(main())
