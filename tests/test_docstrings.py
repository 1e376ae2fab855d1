"""Docstrings say what signatures and bodies do: parameters by name and type, refusals under Raises."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("imn", "cine_mapping", "annotations", "viewer")
UNDERLINE = re.compile(r"-{3,}")
ELSEWHERE = re.compile(r"\b[Ss]ee `")
"""Sends the reader to where parameters or the result are described."""
MANY = 3
"""From so many parameters on, one line cannot say what they are."""


@dataclass(frozen=True)
class Documented:
    """A public function or dataclass."""

    where: str
    node: ast.FunctionDef | ast.ClassDef

    @property
    def file(self) -> str:
        return self.where.partition(": ")[0]

    @property
    def text(self) -> str:
        return ast.get_docstring(self.node) or ""

    @property
    def sections(self) -> dict[str, list[str]]:
        """Lines under each underlined heading, unindented."""
        lines = self.text.splitlines()
        found: dict[str, list[str]] = {}
        for line, below in zip(lines, [*lines[1:], ""], strict=True):
            if UNDERLINE.fullmatch(below):
                found[line] = []
            elif found and not UNDERLINE.fullmatch(line):
                next(reversed(found.values())).append(line)
        return found

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Each line that names parameters, and the first of what is said of them."""
        lines = self.sections.get("Parameters", [])
        pairs = zip(lines, [*lines[1:], ""], strict=False)
        return [(line, below.strip()) for line, below in pairs if line and not line[0].isspace()]

    @property
    def parameters(self) -> list[str]:
        if isinstance(self.node, ast.ClassDef):
            fields = (part for part in self.node.body if isinstance(part, ast.AnnAssign))
            names = [field.target.id for field in fields if isinstance(field.target, ast.Name)]
            return [name for name in names if not name.startswith("_")]
        given = self.node.args
        all_of = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        return [one.arg for one in all_of if one is not None and one.arg not in ("self", "cls")]

    @property
    def gives(self) -> bool:
        """Whether a call gives something back; what a context manager gives is said in its first line."""
        if not isinstance(self.node, ast.FunctionDef) or self.node.returns is None:
            return False
        marks = " ".join(ast.unparse(mark) for mark in self.node.decorator_list)
        nothing = ast.unparse(self.node.returns) in ("None", "NoReturn")
        return not nothing and "property" not in marks and "contextmanager" not in marks

    @property
    def lacks(self) -> list[str]:
        """Sections that the signature asks for, where the reader is not sent elsewhere."""
        if ELSEWHERE.search(self.text):
            return []
        asked = {"Parameters": bool(self.parameters), "Returns": self.gives}
        there = {"Returns" if name == "Yields" else name for name in self.sections}
        return [name for name, needed in asked.items() if needed and name not in there]

    @property
    def refuses(self) -> bool:
        raised = [
            part for part in ast.walk(self.node) if isinstance(part, ast.Raise) and part.exc is not None
        ]
        return any("InputError" in ast.unparse(part.exc) for part in raised if part.exc is not None)


def _documented(body: list[ast.stmt], where: str, *, below: str = "") -> Iterator[Documented]:
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        name = f"{where}: {below}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _documented(node.body, where, below=f"{node.name}.")
            if not any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
                continue
        yield Documented(name, node)


@cache
def _public(package: str) -> tuple[Documented, ...]:
    files = sorted(file for file in (ROOT / package).rglob("*.py") if "node_modules" not in file.parts)
    parsed = (
        (file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))) for file in files
    )
    return tuple(one for where, tree in parsed for one in _documented(tree.body, where))


@pytest.mark.parametrize("package", PACKAGES)
def test_documented_parameters_are_those_of_the_signature_each_with_its_type(package: str) -> None:
    wrong = []
    for one in _public(package):
        heads, names, untyped = one.heads, [], []
        for head, said in heads:
            names += [name.strip(" *") for name in head.split(" : ")[0].split(",")]
            untyped += [] if " : " in head or said.startswith(("As ", "See ", "Of ")) else [head]
        inherits = isinstance(one.node, ast.ClassDef) and one.node.bases
        missing, unknown = set(one.parameters) - set(names), set(names) - set(one.parameters)
        if heads and (missing or untyped or (unknown and not inherits)):
            wrong.append(f"{one.where}: without {missing}, not in the signature {unknown}, untyped {untyped}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "package", PACKAGES[:3]
)  # commands of the viewer end in the command line, which says it
def test_what_refuses_says_so(package: str) -> None:
    functions = (one for one in _public(package) if isinstance(one.node, ast.FunctionDef) and one.refuses)
    silent = [one.where for one in functions if not re.search("Raises|[Rr]efus", one.text)]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_takes_much_says_what_it_takes(package: str) -> None:
    many = (one for one in _functions(package) if len(one.parameters) >= MANY)
    silent = [one.where for one in many if "Parameters" in one.lacks]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_says_what_it_takes_says_what_it_gives(package: str) -> None:
    silent = [one.where for one in _functions(package) if one.heads and "Returns" in one.lacks]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_the_site_documents_is_said_in_full(package: str) -> None:
    documented, exported = _modules_on_site(package), _exported(package)
    assert all((ROOT / file).is_file() for file in documented)
    silent = [
        f"{one.where}: {', '.join(one.lacks)}"
        for one in _functions(package)
        if (one.file in documented or (one.file, one.node.name) in exported) and one.parameters and one.lacks
    ]
    assert not silent, "\n".join(silent)


def _functions(package: str) -> list[Documented]:
    return [one for one in _public(package) if isinstance(one.node, ast.FunctionDef)]


def _file(module: str) -> str:
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if (ROOT / path).is_dir() else f"{path}.py"


def _modules_on_site(package: str) -> set[str]:
    page = (ROOT / "docs" / "api" / f"{package}.md").read_text(encoding="utf-8")
    return {_file(name) for name in re.findall(r"^::: ([a-z_.]+?)(?:\.[A-Z]\w*)?$", page, re.MULTILINE)}


def _exported(package: str) -> set[tuple[str, str]]:
    """File and name of what the package itself gives."""
    tree = ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8"))
    froms = (part for part in ast.walk(tree) if isinstance(part, ast.ImportFrom) and part.module)
    return {(_file(str(part.module)), name.name) for part in froms for name in part.names}
