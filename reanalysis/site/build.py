"""Execute the notebooks and build the site.

The committed tree is never written to: configuration, pages and notebooks are copied to
``_build/book``, executed there, and built from there into ``_build/html``.
"""

import html
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import nbformat
import yaml  # type: ignore[import-untyped]
import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from nbformat import NotebookNode
from sphinx_external_toc.parsing import parse_toc_yaml
from traitlets import default

from reanalysis.analysis.centres import has_several_centres
from reanalysis.cohort import committable
from reanalysis.cohort.loading import (
    COHORT_VARIABLE,
    LOADED_VARIABLE,
    MAPPING_VARIABLE,
    ROUND_VARIABLE,
    keep_loaded,
    load_cohort,
)
from reanalysis.cohort.policy import is_private, private_policy
from reanalysis.core.disclosure import Policy
from reanalysis.core.paths import ROOT
from reanalysis.site.audit import compare, mark, what_is_known
from reanalysis.site.widget_state import WIDGET_VIEW

Progress = Callable[[str], None]

CELL_TIMEOUT_SECONDS = 600
ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
MEMORY_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")

# A page that only the book of several centres has, and the page that it follows there.
CENTRES_PAGE = Path("notebooks/centres.ipynb")
_BEFORE_CENTRES = "notebooks/your_cohort_and_the_paper"

# How Sphinx is strict: any warning is an error.
STRICT = ("-W", "-n", "--keep-going", "-q")

KERNEL_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # Without the version, which differs between the Python versions that the project runs on.
    "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
}


class BookError(Exception):
    """The book cannot be built; the message says what to mend."""


def say(line: str) -> None:
    """Print a line at once, also where the output goes to a file."""
    print(line, flush=True)


def pages(root: Path = ROOT, toc: Path | None = None) -> list[Path]:
    """List the files of the book in the order of ``_toc.yml``.

    Parameters
    ----------
    root
        Folder that holds the pages.
    toc
        The table of contents; by default the one in that folder.

    Returns
    -------
    list of pathlib.Path
        Markdown pages and notebooks, relative to ``root``.

    Raises
    ------
    BookError
        If ``_toc.yml`` names a page that does not exist.
    """
    found, missing = [], []
    for name in parse_toc_yaml(toc or root / "_toc.yml"):
        page = next((p for s in (".md", ".ipynb") if (root / (p := Path(name + s))).exists()), None)
        found.append(page) if page else missing.append(name)
    if missing:
        raise BookError("_toc.yml names pages that do not exist: " + ", ".join(missing))
    return found


def settings(folder: Path) -> dict[str, Any]:
    """Give what the ``_config.yml`` of a folder says, which is not completed yet."""
    text = (folder / "_config.yml").read_text(encoding="utf-8")
    return cast(dict[str, Any], yaml.safe_load(text))


def notebook_files(root: Path = ROOT) -> list[Path]:
    """List the files of all notebooks: those of the book, and what only some cohorts have."""
    listed = [page for page in pages(root) if page.suffix == ".ipynb"]
    return [root / page for page in [*listed, CENTRES_PAGE] if (root / page).exists()]


def kernel_environment(
    cohort: Path | None = None,
    mapping: Path | None = None,
    base: Mapping[str, str] | None = None,
    *,
    round_months: float = 0.0,
) -> dict[str, str]:
    """Give the environment in which a kernel's outputs depend on the notebook alone.

    Parameters
    ----------
    cohort, mapping
        Files of the reader's own cohort; None for the synthetic one.
    base
        Environment to start from; None for this process's own.
    round_months
        To how many months the cohort's times are rounded; 0 for not at all.

    Returns
    -------
    dict of str to str
        The whole environment to start a kernel with.
    """
    environment = dict(os.environ if base is None else base)
    environment.pop("MPLBACKEND", None)  # a kernel sets its own
    for name, path in ((COHORT_VARIABLE, cohort), (MAPPING_VARIABLE, mapping)):
        environment.pop(name, None)
        if path is not None:
            environment[name] = str(path.resolve())
    environment.pop(ROUND_VARIABLE, None)
    environment.pop(LOADED_VARIABLE, None)
    if round_months:
        environment[ROUND_VARIABLE] = str(round_months)
    matplotlib = find_spec("matplotlib")
    assert matplotlib is not None and matplotlib.origin is not None
    return environment | {
        "PYTHONHASHSEED": "0",
        # The date that matplotlib writes into an SVG and, from Python 3.14, a workbook bears; a zip
        # file has none before 1980.
        "SOURCE_DATE_EPOCH": "315619200",
        "MATPLOTLIBRC": str(Path(matplotlib.origin).with_name("mpl-data") / "matplotlibrc"),
        # One thread: sums come out in one order, and kernels that run side by side share the cores.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


class _ThisPython(KernelSpecManager):
    """Finds this very interpreter, whatever kernels are installed for the user."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        encrypted = {"supported_encryption": ["curve"]}
        return KernelSpec(argv=argv, display_name="Python 3", language="python", metadata=encrypted)


class _ThisPythonKernel(AsyncKernelManager):
    @default("transport_encryption")
    def _transport_encryption_default(self) -> str:
        return "auto" if zmq.has("curve") else "disabled"

    @default("kernel_spec_manager")
    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return _ThisPython(parent=self)


def run(path: Path, *, env: Mapping[str, str], widget_state: bool) -> NotebookNode:
    """Execute one notebook in its own folder with a fresh kernel.

    Parameters
    ----------
    path
        The notebook; the file itself stays as it is.
    env
        Environment of the kernel.
    widget_state
        Whether to store the state of its widgets in the result.

    Returns
    -------
    nbformat.NotebookNode
        The notebook with its new outputs.

    Raises
    ------
    BookError
        If a cell fails, with the cell's number and source, and the error.
    """
    notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        kernel_manager_class=_ThisPythonKernel,
        kernel_name="python3",
        timeout=CELL_TIMEOUT_SECONDS,
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=widget_state,
        record_timing=False,
        shutdown_kernel="immediate",  # there is nothing to save
        coalesce_streams=True,
    )
    try:
        client.execute(env=dict(env))
    except (CellControlSignal, DeadKernelError) as error:
        raise BookError(_failure(path, notebook, error)) from error
    return notebook


def _failure(path: Path, notebook: NotebookNode, error: Exception) -> str:
    """Say which cell failed, what stands in it, and why it failed."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                source = "\n".join(f"    {line}" for line in cell.source.splitlines())
                frames = output.traceback
                if len(frames) > 5:  # a rule, a heading, the cell's frame, ..., the error
                    frames = [*frames[:3], "...", *frames[-2:]]
                traceback = ANSI_COLOUR.sub("", "\n".join(frames))
                head = f"{path.name}: code cell {number} of {len(code)} failed."
                return f"{head}\n\n{source}\n\n{traceback}"
    return f"{path.name}: {ANSI_COLOUR.sub('', str(error))}"


def execute(
    notebooks: Sequence[Path],
    *,
    env: Mapping[str, str],
    jobs: int | None = None,
    widget_state: bool = True,
    tidy: Callable[[NotebookNode], NotebookNode] = lambda notebook: notebook,
    progress: Progress = say,
) -> None:
    """Execute notebooks in place, several at a time.

    Parameters
    ----------
    notebooks
        Files to execute and overwrite; one that fails stays as it was.
    env
        Environment of the kernels.
    jobs
        How many run at a time; None for one per core.
    widget_state
        Whether to store the state of the widgets.
    tidy
        What to do with a notebook before it is written.
    progress
        Is given a line for each notebook as it finishes.

    Raises
    ------
    BookError
        If cells failed, after all notebooks were tried; it tells of every failure.
    """
    jobs = jobs or os.cpu_count() or 1
    progress(f"Executing {len(notebooks)} notebooks, {min(jobs, len(notebooks))} at a time.")

    def work(path: Path) -> float:
        start = time.perf_counter()
        executed = tidy(run(path, env=env, widget_state=widget_state))
        nbformat.write(executed, path)  # type: ignore[no-untyped-call]
        return time.perf_counter() - start

    failures = []
    # Threads suffice: the work is done by the kernels, which are processes of their own.
    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(work, path): path for path in notebooks}
        try:
            for done, future in enumerate(as_completed(running), start=1):
                where = f"[{done:>{len(str(len(running)))}}/{len(running)}]"
                name = running[future].name
                try:
                    progress(f"{where} {future.result():5.1f} s  {name}")
                except BookError as failure:
                    failures.append(str(failure))
                    progress(f"{where}  failed  {name}")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    if failures:
        raise BookError("\n\n".join(failures))


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Drop from a notebook what differs from run to run, so that a refresh shows real changes only.

    Widgets are dropped with their random ids: the site has them from its own execution, and what
    a widget shows as text or HTML stays.

    Parameters
    ----------
    notebook
        An executed notebook; it is changed.

    Returns
    -------
    nbformat.NotebookNode
        The same notebook.
    """
    notebook.metadata = nbformat.from_dict(KERNEL_METADATA)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if "text/plain" in data:
                data["text/plain"] = MEMORY_ADDRESS.sub("at 0x0", data["text/plain"])
    return notebook


def named(names: Sequence[str], root: Path = ROOT) -> list[Path] | None:
    """Find notebooks of the book by their names.

    Parameters
    ----------
    names
        Such as ``08_local_control``; with or without folder and ending.
    root
        Folder of the project.

    Returns
    -------
    list of pathlib.Path or None
        Their files; None without a name.

    Raises
    ------
    BookError
        If the book has no notebook of a name.
    """
    known = {path.stem: path for path in notebook_files(root)}
    stems = [Path(name).name.removesuffix(".ipynb") for name in names]
    if unknown := [stem for stem in stems if stem not in known]:
        raise BookError(
            f"The book has no notebook {', '.join(unknown)}; it has {', '.join(known)}."
        )
    return [known[stem] for stem in stems] or None


def refresh(
    paths: Sequence[Path] | None = None,
    *,
    root: Path = ROOT,
    jobs: int | None = None,
    progress: Progress = say,
) -> None:
    """Execute the notebooks where they are, so that the committed outputs are those of the code.

    Parameters
    ----------
    paths
        Which ones; None for all.
    root
        Folder of the project.
    jobs
        How many run at a time; None for one per core.
    progress
        Is given a line for each notebook as it finishes.
    """
    execute(
        notebook_files(root) if paths is None else paths,
        env=kernel_environment(),
        jobs=jobs,
        widget_state=False,
        tidy=tidy,
        progress=progress,
    )


def pages_address(repository: str) -> str:
    """Give the address at which GitHub Pages publishes a repository, e.g. of ``'owner/name'``."""
    owner, _, name = repository.partition("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def configuration(
    config: Mapping[str, Any],
    *,
    cohort: str | None = None,
    patients: int | None = None,
    round_months: float = 0.0,
    policy: Policy | None = None,
    env: Mapping[str, str] = os.environ,
) -> dict[str, Any]:
    """Complete ``_config.yml`` with what depends on where and for which cohort the book is built.

    Parameters
    ----------
    config
        What ``_config.yml`` says.
    cohort, patients
        File name and number of patients of a reader's own cohort; None for the synthetic one.
    round_months
        To how many months its times were rounded; 0 for not at all.
    policy
        What may be shown of it; that of private cohorts by default.
    env
        Environment variables; on GitHub Actions they name the repository.

    Returns
    -------
    dict
        The configuration to build with.
    """
    policy = private_policy() if policy is None else policy
    complete = {**config, "html": dict(config["html"]), "execute": dict(config["execute"])}
    if cohort is not None:
        # A library's warning about somebody's own data is no reason to refuse them the site.
        complete["execute"]["stderr_output"] = "remove"
        rounded = f", times rounded to {round_months:g} months" if round_months else ""
        complete["html"]["announcement"] = (
            f"This book was computed from <strong>{html.escape(cohort)}</strong>, "
            f"{_how_many(patients or 0, policy)}{rounded}. It is not the paper's cohort."
            + (f" {policy.how}" if policy.hides else "")
        )
    if repository := env.get("GITHUB_REPOSITORY"):
        server = env.get("GITHUB_SERVER_URL", "https://github.com")
        on_branch = env.get("GITHUB_EVENT_NAME") == "push"
        complete["repository"] = {
            "url": f"{server}/{repository}",
            "branch": env.get("GITHUB_REF_NAME", "main") if on_branch else "main",
        }
        complete["launch_buttons"] = {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
        }
        complete["html"]["use_repository_button"] = True
        if server == "https://github.com":
            # Where GitHub Pages publishes it; _config.yml can name another address.
            complete["html"].setdefault("baseurl", pages_address(repository))
    return complete


def _how_many(patients: int, policy: Policy) -> str:
    """Say how many patients a private book is about."""
    if policy.hides:
        shown = policy.patients(patients)
        return f"about {shown} patients" if shown else f"fewer than {policy.smallest} patients"
    return f"{patients} {'patient' if patients == 1 else 'patients'}"


def table_of_contents(root: Path, *, centres: bool) -> str:
    """Give ``_toc.yml`` as the book of a cohort has it.

    Parameters
    ----------
    root
        Folder of the project.
    centres
        Whether the cohort has several centres, which have a page.
    """
    text = (root / "_toc.yml").read_text(encoding="utf-8")
    if not centres:
        return text
    toc = yaml.safe_load(text)
    for part in toc["parts"]:
        files = [chapter["file"] for chapter in part["chapters"]]
        if _BEFORE_CENTRES in files:
            entry = {"file": CENTRES_PAGE.with_suffix("").as_posix()}
            part["chapters"].insert(files.index(_BEFORE_CENTRES) + 1, entry)
    return str(yaml.safe_dump(toc, sort_keys=False))


def stage(
    root: Path, target: Path, config: Mapping[str, Any], *, centres: bool = False
) -> list[Path]:
    """Copy what the book is made of to a fresh folder.

    Parameters
    ----------
    root
        Folder of the project.
    target
        Folder to copy to; whatever is in it is deleted.
    config
        Configuration to build with.
    centres
        Whether the cohort has several centres.

    Returns
    -------
    list of pathlib.Path
        The copies of the notebooks.
    """
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(root / "book", target / "book")
    toc = target / "_toc.yml"
    toc.write_text(table_of_contents(root, centres=centres), encoding="utf-8")
    (target / "_config.yml").write_text(yaml.safe_dump(dict(config)), encoding="utf-8")
    copied = [page for page in pages(root, toc) if page.suffix == ".ipynb"]
    for notebook in copied:
        (target / notebook).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / notebook, target / notebook)
    return [target / notebook for notebook in copied]


def build(
    *,
    cohort: Path | None = None,
    mapping: Path | None = None,
    round_months: float = 0.0,
    root: Path = ROOT,
    destination: Path | None = None,
    jobs: int | None = None,
    progress: Progress = say,
) -> Path:
    """Execute the notebooks on a cohort and build the site, from clean.

    Parameters
    ----------
    cohort
        File of a reader's own cohort; None for the synthetic one.
    mapping
        File that says how its columns become those of the data dictionary.
    round_months
        Round its times to multiples of so many months; 0 for not at all.
    root
        Folder of the project.
    destination
        Folder in which ``_build`` is made; None for ``root``.
    jobs
        How many notebooks run at a time; None for one per core.
    progress
        Is given lines that tell how far the work is.

    Returns
    -------
    pathlib.Path
        The site's ``index.html``.

    Raises
    ------
    BookError
        If git would commit the cohort file, a cell fails, a page is missing, the site's build
        finds anything to warn of, or the site gives a patient away; it is then marked.
    """
    start = time.perf_counter()
    if cohort and (why := committable.refusal(cohort, root)):
        raise BookError(why)
    output = (destination or root) / "_build"
    # First of all, so that a failure leaves no older site that could be taken for this one.
    for folder in ("html", "book", ".doctrees"):
        shutil.rmtree(output / folder, ignore_errors=True)

    table = None if cohort is None else load_cohort(cohort, mapping, round_months=round_months)
    patients = None if table is None else len(table)
    name = cohort.name if cohort else None
    config = configuration(
        settings(root), cohort=name, patients=patients, round_months=round_months
    )
    centres = table is not None and has_several_centres(table)
    staged = stage(root, output / "book", config, centres=centres)
    env = kernel_environment(cohort, mapping, round_months=round_months)
    # In a folder that only this user can read, and that is gone when the kernels are.
    with TemporaryDirectory() as folder:
        if table is not None:
            env |= keep_loaded(table, Path(folder) / "cohort.pickle")
        execute(staged, env=env, jobs=jobs, progress=progress)
    del table  # of a large cohort the audit needs the room

    progress("Building the site.")
    index, hidden = output / "html" / "index.html", None
    with ThreadPoolExecutor(1) as apart:  # a thread suffices: Sphinx is a process of its own
        built = apart.submit(jupyter_book, output / "book", output.parent)
        if cohort and is_private(cohort):
            hidden = what_is_known(cohort, mapping, round_months=round_months)
        built.result()
    if hidden is not None:
        progress("Comparing every file of the site with the cohort.")
        result = compare(index.parent, hidden)
        if not result.passed:
            mark(index.parent, result)
            raise BookError(
                f"{result}\nThe site is in {index.parent}, marked on every page as not fit to "
                "publish. Do not pass it on."
            )
        progress(str(result))
    progress(f"Done in {time.perf_counter() - start:.0f} s: {index}")
    progress("Open that file in a browser, or run 'make serve' and open the address it prints.")
    return index


def jupyter_book(
    source: Path, destination: Path, *, builder: str = "html", config: Path | None = None
) -> None:
    """Build from a staged folder; any warning is an error.

    Parameters
    ----------
    source
        The staged folder.
    destination
        Folder in which ``_build`` is made.
    builder
        Sphinx' builder, such as ``'singlehtml'``.
    config
        Configuration to build with in place of the staged one.

    Raises
    ------
    BookError
        If there was anything to warn of.
    """
    program = "from jupyter_book.cli.main import main; main()"
    arguments = ["build", str(source), "--path-output", str(destination), "--builder", builder]
    if config is not None:
        arguments += ["--config", str(config)]
    # Warnings come on standard error; on standard output it only says where the site is.
    result = subprocess.run(
        [sys.executable, "-c", program, *arguments, *STRICT],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if result.returncode:
        raise BookError("Jupyter Book found errors or warnings, printed above.")
