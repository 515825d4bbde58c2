"""Command line: ``python -m reanalysis COMMAND``."""

import argparse
import io
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reanalysis.core.errors import InvalidCohort
from reanalysis.core.paths import ROOT

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
        0 if all went well, 1 if a cohort does not fit, the book cannot be built or
        the site gives patients away, 2 for a
        command that cannot be understood or a file that is not there.
    """
    try:
        return _run(_parser().parse_args(arguments))
    except BrokenPipeError:
        # Whoever reads on has seen enough, as `head` has; the rest goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FIT


def _run(options: argparse.Namespace) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal cannot show is no reason to fail.
            stream.reconfigure(errors="backslashreplace")
    given = (getattr(options, "cohort", None), getattr(options, "mapping", None))
    for path in (*given, *getattr(options, "cohorts", ())):
        if path and not _is_file(path):
            print(f"There is no file {path}.", file=sys.stderr)
            return WRONG_USE
    # The commands import what they need themselves: a check should not wait for Sphinx.
    if options.command == "check":
        if options.interactive:
            target = options.draft_mapping or options.cohort.with_suffix(".toml")
            return _ask(options.cohort, target, options.sheet)
        if options.draft_mapping:
            return _draft(options.cohort, options.draft_mapping, options.sheet)
        return _check(options)

    if options.command == "template":
        return _template(options.file)

    if options.command == "redcap":
        return _redcap(options.file)

    if options.command == "copy":
        return _copy(options)

    if options.command == "pool":
        return _pool(options)

    if options.command == "intake":
        return _intake(options.port, open_it=options.browser)

    if options.command == "class":
        return _class(options.residents, options.folder)

    if options.command == "exercises":
        return _exercises(options.folder)

    if options.command == "audit-site":
        return _audit(options)

    if options.command == "spread":
        return _spread()

    from reanalysis.site import build as book

    try:
        if options.command == "notebooks":
            book.refresh(book.named(options.names))
        elif options.command == "links":
            from reanalysis.site.links import check_links

            check_links()
        elif options.command == "plain":
            from reanalysis.site.plain import build_plain

            build_plain()
        elif options.round_months and not options.cohort:
            print("--round-months is for a cohort of your own: name it too.", file=sys.stderr)
            return WRONG_USE
        else:
            return _of_a_cohort(options)
    except (book.BookError, InvalidCohort) as error:
        print(error, file=sys.stderr)
        return UNFIT
    return FIT


def _of_a_cohort(options: argparse.Namespace) -> int:
    """Build, print or open the book of a cohort."""
    from reanalysis.site import build as book

    own = {"cohort": options.cohort, "mapping": options.mapping}
    if options.command == "lab":
        from reanalysis.site.lab import lab

        return lab(**own, round_months=options.round_months)
    index = book.build(**own, round_months=options.round_months)
    # What is printed is the site that was just compared with the cohort.
    if options.command == "pdf":
        from reanalysis.site.pdf import print_book

        print_book(index.parents[1])
    if options.command == "release":
        from reanalysis.site.release import release

        release()
    if options.command == "slides":
        from reanalysis.site.slides import write_slides

        write_slides(index.parents[1])
    if options.command == "handout":
        from reanalysis.site.stick import write_stick

        write_stick(index.parents[1], options.residents)
    return FIT


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that is too long, or in a closed folder, is of none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reanalysis", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("book", help="execute the notebooks and build the site")
    build.add_argument("--cohort", type=Path, help="CSV or .xlsx; the synthetic cohort without it")
    build.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    _add_rounding(build)
    printed = commands.add_parser("pdf", help="build the book, and print it as one PDF")
    printed.add_argument("--cohort", type=Path, help="CSV or .xlsx; the synthetic cohort without")
    printed.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    _add_rounding(printed)
    released = commands.add_parser("release", help="make the files of a release")
    released.set_defaults(cohort=None, mapping=None, round_months=0.0)
    slides = commands.add_parser("slides", help="build the book, and slides of each chapter")
    slides.set_defaults(cohort=None, mapping=None, round_months=0.0)
    stick = commands.add_parser("handout", help="make one zip file of all that a lesson needs")
    stick.set_defaults(cohort=None, mapping=None, round_months=0.0)
    _add_residents(stick)
    drawn = commands.add_parser("class", help="draw a cohort for each resident, as file and page")
    _add_residents(drawn)
    drawn.add_argument("--folder", type=Path, default=ROOT / "_build" / "class")
    solved = commands.add_parser("exercises", help="write exercises and solutions as notebooks")
    solved.add_argument("--folder", type=Path, default=ROOT / "_build" / "exercises")
    commands.add_parser("links", help="ask the other sites that the book links to")
    commands.add_parser("plain", help="build the site without Jupyter Book, by Sphinx alone")
    opened = commands.add_parser("lab", help="open the notebooks in JupyterLab")
    opened.add_argument("--cohort", type=Path, help="CSV or .xlsx; copies of them are opened then")
    opened.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    _add_rounding(opened)
    refresh = commands.add_parser("notebooks", help="execute notebooks and store their outputs")
    refresh.add_argument("names", nargs="*", help="such as 08_local_control; all without a name")
    check = commands.add_parser("check", help="compare a cohort file with the data dictionary")
    check.add_argument("cohort", type=Path, help="a CSV file or an .xlsx workbook")
    check.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    check.add_argument("--sheet", default="", help="the sheet of a workbook: its name or number")
    check.add_argument(
        "--report",
        type=Path,
        metavar="NEW.html",
        help="also write the report as a page to print, without rows of patients",
    )
    check.add_argument(
        "--interactive",
        action="store_true",
        help="ask what the file leaves open, one by one, and write the mapping file beside it, or "
        "where --draft-mapping says",
    )
    check.add_argument("--json", action="store_true", help="print the report for a program")
    check.add_argument(
        "--draft-mapping",
        type=Path,
        metavar="NEW.toml",
        help="write a mapping file to edit, from what the columns and values are called",
    )
    template = commands.add_parser("template", help="write an Excel template for a cohort")
    template.add_argument("file", type=Path, help="the .xlsx workbook to write; must not exist")
    redcap = commands.add_parser("redcap", help="write a REDCap data dictionary for a cohort")
    redcap.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=Path("redcap.csv"),
        help="the .csv file to write, and a .toml beside it; must not exist (redcap.csv)",
    )
    copied = commands.add_parser(
        "copy", help="write a copy of a cohort with new labels, in the dictionary's columns"
    )
    copied.add_argument("cohort", type=Path, help="the file of a cohort")
    copied.add_argument("file", type=Path, help="the .csv file to write; must not exist")
    copied.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    _add_rounding(copied)
    pooled = commands.add_parser(
        "pool",
        help="write the files of several centres as one cohort, each by the .toml file beside it",
    )
    pooled.add_argument("file", type=Path, help="the .csv file to write; must not exist")
    pooled.add_argument("cohorts", type=Path, nargs="+", help="the files, one for each centre")
    _add_rounding(pooled)
    intake = commands.add_parser(
        "intake", help="read a cohort file, ask about it and build the book, on a local web page"
    )
    intake.add_argument("--port", type=int, default=0, help="of this computer; any without it")
    intake.add_argument(
        "--no-browser", dest="browser", action="store_false", help="only print the address"
    )
    commands.add_parser("spread", help="compute data/spread.csv again, over the ensemble")
    audit = commands.add_parser("audit-site", help="look for patients in a built site")
    audit.add_argument("cohort", type=Path, help="the file that the site was built from")
    audit.add_argument("--mapping", type=Path, help="a TOML file that maps its columns")
    audit.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="its folder")
    _add_rounding(audit)
    return parser


def _add_residents(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--residents", type=_class_size, default=20, metavar="N", help="in the class (20)"
    )


def _class_size(text: str) -> int:
    value = int(text)
    if not 0 < value < 100:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 99")
    return value


def _add_rounding(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--round-months",
        type=_step,
        default=0.0,
        metavar="MONTHS",
        help="round the cohort's times to multiples of so many months",
    )


def _step(text: str) -> float:
    value = float(text)
    if not 0 < value <= 12:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 12 months")
    return value


def _spread() -> int:
    """Compute what pages say of the ensemble, and keep it."""
    from reanalysis.compare import spread

    spread.write(spread.compute_all(done=lambda name: print(name, flush=True)))
    return FIT


def _template(path: Path) -> int:
    """Write the Excel template, never over a file that may hold somebody's data."""
    if path.suffix != ".xlsx" or path.exists() or not path.absolute().parent.is_dir():
        print(
            f"{path} cannot be written: expected a new file that ends in .xlsx, in a folder that "
            "exists.",
            file=sys.stderr,
        )
        return WRONG_USE
    from reanalysis.intake.template import write_template

    write_template(path)
    print(
        f"{path} is the template: one row per patient, below the example, which is to be deleted."
    )
    print(f"Then: python -m reanalysis check {path}")
    return FIT


def _redcap(path: Path) -> int:
    """Write the data dictionary for REDCap and the mapping of its exports, over no other file."""
    mapping = path.with_suffix(".toml")
    free = not path.exists() and not mapping.exists() and path.absolute().parent.is_dir()
    if path.suffix != ".csv" or not free:
        print(
            f"{path} and {mapping.name} cannot be written: expected a new file that ends in .csv, "
            "in a folder that exists and has no .toml of that name.",
            file=sys.stderr,
        )
        return WRONG_USE
    from reanalysis.intake.redcap import LONGEST_NAME, shortened, write_instrument

    write_instrument(path)
    print(f"{path} is the data dictionary; upload it to an empty REDCap project.")
    for name, short in shortened().items():
        print(f"{name} is {short} there: REDCap's names have at most {LONGEST_NAME} characters.")
    print(f"{mapping} reads the project's export, CSV with raw data. When you have one:")
    print(f"python -m reanalysis check EXPORT.csv --mapping {mapping}")
    return FIT


def _copy(options: argparse.Namespace) -> int:
    """Write a copy of a cohort that names nobody, over no other file."""
    from reanalysis.cohort import committable
    from reanalysis.intake.deidentified import write_copy

    path: Path = options.file
    if not _is_free(path):
        return WRONG_USE
    try:
        note = write_copy(options.cohort, path, options.mapping, round_months=options.round_months)
    except InvalidCohort as error:
        print(error, file=sys.stderr)
        return UNFIT
    print(f"{path} is the copy; {note} says what was changed.")
    if warning := committable.warning(path):
        print(warning)
    return FIT


def _is_free(path: Path) -> bool:
    """Whether a .csv file and a .txt file of its name can be written; says so where they cannot."""
    free = not path.exists() and not path.with_suffix(".txt").exists()
    if path.suffix == ".csv" and free and path.absolute().parent.is_dir():
        return True
    print(
        f"{path} cannot be written: expected a new file that ends in .csv, in a folder that exists "
        "and has no .txt of that name.",
        file=sys.stderr,
    )
    return False


def _pool(options: argparse.Namespace) -> int:
    """Write the files of several centres as one cohort, over no other file."""
    from reanalysis.cohort import committable
    from reanalysis.intake.pooled import mapping_beside, write_pooled

    path: Path = options.file
    if not _is_free(path):
        return WRONG_USE
    try:
        note = write_pooled(options.cohorts, path, round_months=options.round_months)
    except InvalidCohort as error:
        print(error, file=sys.stderr)
        print("Check each file by itself first:", file=sys.stderr)
        for file in options.cohorts:
            plan = mapping_beside(file)
            by = f" --mapping {shlex.quote(str(plan))}" if plan else ""
            print(f"  python -m reanalysis check {shlex.quote(str(file))}{by}", file=sys.stderr)
        return UNFIT
    print(f"{path} is the cohort of all; {note} says what was done to each file. Then:")
    print(f"python -m reanalysis check {shlex.quote(str(path))}")
    if warning := committable.warning(path):
        print(warning)
    return FIT


def _class(residents: int, folder: Path) -> int:
    """Write a class set: a cohort and a page for each resident."""
    from reanalysis.site.class_set import write_class

    print(f"{write_class(folder, residents)} leads to the page of each of {residents} residents.")
    return FIT


def _exercises(folder: Path) -> int:
    """Write the exercises and their solutions as notebooks, about the synthetic cohort."""
    from reanalysis.cohort.loading import load_cohort
    from reanalysis.core.paths import SYNTHETIC_COHORT
    from reanalysis.page.here import Here
    from reanalysis.teach.notebooks import write_notebooks

    written = write_notebooks(folder, Here(load_cohort(SYNTHETIC_COHORT)))
    print(f"{len(written)} notebooks in {folder}; the solutions are in a folder of their own.")
    return FIT


def _intake(port: int, *, open_it: bool) -> int:
    """Serve the conversation about a file on this computer until it is closed."""
    import webbrowser

    from reanalysis.intake.local_server import LocalServer

    try:
        server = LocalServer(port, _built, ROOT / "_build" / "html")
    except (OSError, OverflowError) as error:
        print(f"Port {port} cannot be used ({error}): name another one.", file=sys.stderr)
        return WRONG_USE
    with server:
        print(
            f"Open this address in a browser of this computer:\n\n  {server.address}\n\n"
            "It is for you alone. Press Ctrl+C here, or 'Close' there, to end.",
            flush=True,
        )
        if open_it:
            webbrowser.open(server.address)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            print("\nClosed.")
    return FIT


def _built(path: Path, mapping: Path | None) -> Iterator[str | bool]:
    """Build the book in a process of its own, and yield its lines and whether it went well."""
    command = [sys.executable, "-m", "reanalysis", "book", f"--cohort={path}"]
    if mapping:
        command.append(f"--mapping={mapping}")
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},  # Windows' pipes have another encoding
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            yield from process.stdout or ()
            yield process.wait() == 0
        finally:
            # Who has left the page waits for no book.
            process.terminate()


def _audit(options: argparse.Namespace) -> int:
    """Print what a built site gives away."""
    from reanalysis.site.audit import audit

    if not (options.site / "index.html").is_file():
        print(f"There is no site in {options.site}; build it first.", file=sys.stderr)
        return WRONG_USE
    try:
        result = audit(
            options.site, options.cohort, options.mapping, round_months=options.round_months
        )
    except InvalidCohort as error:
        print(error, file=sys.stderr)
        return UNFIT
    print(result)
    return FIT if result.passed else UNFIT


def _check(options: argparse.Namespace) -> int:
    """Print the report on a cohort file."""
    from reanalysis.intake.check import check

    report = check(options.cohort, options.mapping, options.sheet)
    if options.report:
        from reanalysis.intake.report_page import write_report

        if options.report.exists() or options.report.suffix != ".html":
            print(f"{options.report} cannot be written: name a new .html file.", file=sys.stderr)
            return WRONG_USE
        try:
            write_report(report, options.report)
        except OSError as error:
            print(f"{options.report} cannot be written ({error.strerror}).", file=sys.stderr)
            return WRONG_USE
    print(report.as_json() if options.json else report.as_text(), flush=True)
    return FIT if report.fits else UNFIT


def _ask(path: Path, target: Path, sheet: str) -> int:
    """Ask what a file leaves open and write the mapping file."""
    from reanalysis.cohort.reading import read_source
    from reanalysis.intake.asking import Question, ask_all
    from reanalysis.intake.drafting import draft_of

    def ask(question: Question) -> str:
        print(f"\n{question.text}")
        for number, option in enumerate(question.options, 1):
            print(f"  {number}  {option}")
        while True:
            given = input("Number: ").strip()
            if given.isascii() and given.isdigit() and 0 < int(given) <= len(question.options):
                return question.options[int(given) - 1]
            print(f"Expected a number from 1 to {len(question.options)}.")

    if target.exists():
        print(f"{target} is there already; name a new file.", file=sys.stderr)
        return WRONG_USE
    try:
        draft = draft_of(path, sheet)
        for name, source in draft.recognised.items():
            print(f"{name} from {source}")
        text = ask_all(draft, read_source(path, draft.sheet).table, ask)
        target.write_text(text, encoding="utf-8")
    except InvalidCohort as error:
        print(error)
        return UNFIT
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was written.", file=sys.stderr)
        return WRONG_USE
    except OSError as error:
        print(f"{target} cannot be written ({error.strerror}).", file=sys.stderr)
        return WRONG_USE
    print(f"\nWritten to {target}. Read it once; then:")
    print(f"python -m reanalysis check {shlex.quote(str(path))} --mapping {target}", flush=True)
    return FIT


def _draft(path: Path, target: Path, sheet: str) -> int:
    """Write a drafted mapping file; one that is there already is somebody's work."""
    from reanalysis.intake.drafting import draft_of

    if target.exists():
        print(f"{target} is there already; name a new file.", file=sys.stderr)
        return WRONG_USE
    try:
        draft = draft_of(path, sheet)
        target.write_text(draft.text, encoding="utf-8")
    except InvalidCohort as error:
        print(error)
        return UNFIT
    except OSError as error:
        print(f"{target} cannot be written ({error.strerror}).", file=sys.stderr)
        return WRONG_USE
    for name, source in draft.recognised.items():
        print(f"{name} from {source}")
    print(
        f"Written to {target}: {len(draft.recognised)} columns were recognised, and {draft.asked} "
        'units and codes are left for you to state, marked "?". Read every line; then:'
    )
    print(f"python -m reanalysis check {shlex.quote(str(path))} --mapping {target}", flush=True)
    return FIT


if __name__ == "__main__":
    sys.exit(main())
