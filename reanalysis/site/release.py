"""What a release consists of: the site, the book as PDF and the source, with their checksums."""

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

from reanalysis.core.paths import ROOT
from reanalysis.site.build import Progress, say
from reanalysis.site.pdf import print_book

# As git dates an archive: the same commit gives the same file.
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def zip_folder(folder: Path, target: Path) -> None:
    """Write a folder as a zip file that is the same for the same content.

    Parameters
    ----------
    folder
        Its name is the only one at the top of the zip file.
    target
        The file to write.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = f"{target.stem}/{path.relative_to(folder).as_posix()}"
                entry = zipfile.ZipInfo(name, _EARLIEST)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def checksums(folder: Path) -> str:
    """Give the SHA-256 of each file of a folder, as ``sha256sum --check`` reads them."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    )


def release(root: Path = ROOT, progress: Progress = say) -> Path:
    """Put the site that was built last, its PDF files and the committed source into one folder.

    Parameters
    ----------
    root
        Folder of the project, a git repository whose site is that of the synthetic cohort.
    progress
        Is given lines that tell how far the work is.

    Returns
    -------
    pathlib.Path
        The folder, ``_build/release``.
    """
    output = root / "_build"
    folder = output / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in print_book(output, root=root, progress=progress):
        shutil.copy(path, folder)
    zip_folder(output / "html", folder / "site.zip")
    source = folder / "source.tar.gz"
    command = ["git", "archive", "--format=tar.gz", "--prefix=reanalysis/", f"--output={source}"]
    subprocess.run([*command, "HEAD"], cwd=root, check=True)
    (folder / "SHA256SUMS").write_text(checksums(folder), encoding="ascii")
    progress(f"Done: {folder}")
    return folder
