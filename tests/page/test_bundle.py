"""What the bundler makes of modules, and what it refuses."""

from pathlib import Path

import pytest

from reanalysis.page.widgets.bundle import BundleError, bundle

DOM = """\
// Elements.

export const SVG = "x"; // stays
let serial = 0;
export function h(tag) {
  // A comment within.
  return `${tag} // not a comment ${serial++}`;
}
"""
PLOT = 'import { SVG } from "./dom.js";\n\nexport const chart = () => SVG;\n'
ENTRY = """\
// The widget.

import { h, SVG } from "./dom.js";
import {
  chart,
} from "./plot.js";

function render({ el }) {
  el.append(h(SVG), chart());
}

export default { render };
"""


def write(folder: Path, **files: str) -> Path:
    """Write modules, by their names, and return the path of the entry."""
    for name, text in {"dom": DOM, "plot": PLOT, "entry": ENTRY, **files}.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def refusal(folder: Path, **files: str) -> str:
    with pytest.raises(BundleError) as refused:
        bundle(write(folder, **files))
    return str(refused.value)


def test_one_module_without_imports_comments_and_indentation(tmp_path: Path) -> None:
    assert bundle(write(tmp_path)) == "\n".join(
        [
            'const SVG = "x"; // stays',
            "let serial = 0;",
            "function h(tag) {",
            "return `${tag} // not a comment ${serial++}`;",
            "}",
            "const chart = () => SVG;",
            "function render({ el }) {",
            "el.append(h(SVG), chart());",
            "}",
            "export default { render };",
        ]
    )


def test_each_stands_once_and_after_what_it_imports(tmp_path: Path) -> None:
    entry = (
        'import { top } from "./c.js";\nimport { low } from "./a.js";\nexport default [top, low];\n'
    )
    text = bundle(
        write(
            tmp_path,
            a="export const low = 1;\n",
            b='import { low } from "./a.js";\nexport const middle = low;\n',
            c='import { low } from "./a.js";\nimport { middle } from "./b.js";\n'
            "export const top = low + middle;\n",
            entry=entry,
        )
    )
    assert text.splitlines() == [
        "const low = 1;",
        "const middle = low;",
        "const top = low + middle;",
        "export default [top, low];",
    ]


def test_an_entry_keeps_its_own_exports(tmp_path: Path) -> None:
    text = bundle(write(tmp_path, entry="export async function f() {}\nexport class A {}\n"))
    assert text == "export async function f() {}\nexport class A {}"


def test_a_circle(tmp_path: Path) -> None:
    text = refusal(tmp_path, dom='import { chart } from "./plot.js";\nexport const SVG = chart;\n')
    assert "plot.js, line 1: modules import each other in a circle" in text
    assert "dom.js imports plot.js imports dom.js" in text


def test_a_module_that_imports_itself(tmp_path: Path) -> None:
    entry = '\nimport { a } from "./entry.js";\nexport const a = 1;\n'
    assert "entry.js, line 2: modules import each other" in refusal(tmp_path, entry=entry)


def test_a_missing_file(tmp_path: Path) -> None:
    plot = '\n\nimport { SVG } from "./doom.js";\n'
    assert "plot.js, line 3: there is no doom.js" in refusal(tmp_path, plot=plot)
    with pytest.raises(BundleError, match=r"there is no other\.js"):
        bundle(tmp_path / "other.js")


def test_a_name_that_is_not_exported(tmp_path: Path) -> None:
    plot = 'import { SVG, serial } from "./dom.js";\nexport const chart = () => SVG;\n'
    assert "plot.js, line 1: dom.js does not export serial" in refusal(tmp_path, plot=plot)


@pytest.mark.parametrize("declaration", ["const h = 1;", "let h;", "function h() {}", "class h {}"])
def test_a_name_that_two_modules_declare(tmp_path: Path, declaration: str) -> None:
    text = refusal(tmp_path, plot=f"{PLOT}\n{declaration}\n")
    assert "plot.js, line 5: h is declared already in " in text
    assert text.endswith("dom.js, line 5")


def test_a_name_within_a_function_is_nobody_elses(tmp_path: Path) -> None:
    plot = f"{PLOT}export function other() {{\n  const h = SVG;\n  return h;\n}}\n"
    assert "const h = SVG;" in bundle(write(tmp_path, plot=plot))


@pytest.mark.parametrize(
    "statement",
    [
        'import * as dom from "./dom.js";',
        'import { h as make } from "./dom.js";',
        'import dom from "./dom.js";',
        'import "./dom.js";',
        'import { h } from "../dom.js";',
        'import { h } from "https://example.org/dom.js";',
        "export { SVG };",
        'export * from "./dom.js";',
        "export let count = 0;",
        "export default 1;",
        "export const { a, b } = {};",
        "const { a, b } = {};",
        "const [a] = [];",
    ],
)
def test_a_form_that_is_not_known(tmp_path: Path, statement: str) -> None:
    text = refusal(tmp_path, plot=f"{PLOT}{statement}\n")
    assert text.endswith(f"plot.js, line 4: not a form that is known here: {statement}")


def test_a_template_over_several_lines(tmp_path: Path) -> None:
    plot = f"{PLOT}const text = `one\n  // two`;\n"
    assert "plot.js, line 4: a template has to end on its line" in refusal(tmp_path, plot=plot)
