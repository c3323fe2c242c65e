"""What README.md and the site print runs: every `python` and every `sh` block, a page's in their order, in one folder.

The folder holds the small files that the pages speak of. A line that is a plain `lstm-zoo` command runs in this
process, which spares the import of TensorFlow; all others - pipes, redirects, variables, curl, scripts - by bash, with
`lstm-zoo` and `python` of this environment. A line that ends in & runs until its block is over. Where a statement is
followed by a comment of what it gives, as doctest has it, that is what it gives.

`<!-- slow -->` before a block leaves it to `make test-slow`, which runs the page from its beginning;
`<!-- slow: imdb_reviews -->` also says which data it needs: where these are not prepared, the test ends as skipped,
with the blocks that did not run, when all others have.
"""

import ast
import contextlib
import dataclasses
import doctest
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).parents[2]
GENERATED = ("docs/weights.md", "docs/searches.md", "docs/benchmarks/")  # by scripts/results.py
PAGES = [
    page
    for page in ("README.md", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md")))
    if not page.startswith(GENERATED)
]
BLOCK = re.compile(
    r"(?P<marker>^<!-- slow(?:: (?P<data>[^>]+))? -->\n)?^```(?P<language>python|sh)\n(?P<text>.*?)^```$",
    flags=re.MULTILINE | re.DOTALL,
)
PORTS = re.compile(r"(?<=[ :=])(7860|8501|8502|8888)\b")  # that are printed: the tests take free ones
START = 120  # seconds that a server may take to listen
ANSWER = re.compile(r"\s*# (?P<answer>[\[{('].*)")


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of a page."""

    page: str
    line: int  # of its first line in the page
    language: str
    text: str
    slow: bool
    data: tuple[str, ...]  # data sets that it needs

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def blocks_of(page):
    """The blocks of a page, in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = []
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("text")) + 1
        data = tuple(re.split(r",\s*", match["data"])) if match["data"] else ()
        blocks.append(Block(page, line, match["language"], match["text"], match["marker"] is not None, data))
    return blocks


BLOCKS = {page: blocks for page in PAGES if (blocks := blocks_of(page))}


class Reader:
    """Somebody who follows a page: what the blocks have left, and what still runs."""

    def __init__(self, folder, call):
        self.folder, self.call = folder, call
        self.namespace = {"__name__": "__main__"}
        self.ports = {}
        self.running = []
        venv = pathlib.Path(sys.executable).parent
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        self.environment |= {"PATH": f"{venv}{os.pathsep}{os.environ['PATH']}", "CURL_HOME": str(folder)}

    def follow(self, block):
        """Run a block; an error names its place."""
        try:
            self.python(block) if block.language == "python" else self.sh(block)
        except BaseException as error:
            error.add_note(f"in the block at {block.place}")
            raise
        finally:
            self.stop()

    def python(self, block):
        lines = block.text.splitlines()
        for node in ast.parse(block.text).body:
            behind = lines[node.end_lineno] if node.end_lineno < len(lines) else ""
            expected = ANSWER.fullmatch(behind)
            ast.increment_lineno(node, block.line - 1)
            if not isinstance(node, ast.Expr):
                exec(compile(ast.Module([node], []), str(ROOT / block.page), "exec"), self.namespace)
                continue
            value = eval(compile(ast.Expression(node.value), str(ROOT / block.page), "eval"), self.namespace)
            if expected is not None:
                assert_answers(expected["answer"], value)

    def sh(self, block):
        for line in block.text.splitlines():
            words = words_of(line)
            line = PORTS.sub(lambda match: str(self.port(match[0])), line)
            if words[-1:] == ["&"]:
                self.start(line)
            elif words[:1] == ["lstm-zoo"] and not any(is_operator(word) for word in words):
                self.call(*words[1:])
            elif words:
                self.bash(line, cwd=ROOT if words[0] == "make" else self.folder)

    def bash(self, line, cwd):
        result = subprocess.run(
            ["bash", "-c", line], cwd=cwd, env=self.environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"

    def port(self, printed):
        """A free port in the place of a printed one."""
        if printed not in self.ports:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.ports[printed] = free.getsockname()[1]
        return self.ports[printed]

    def start(self, line):
        """Run a line in the background; of a server wait until it listens."""
        line = line[: line.rindex("&")]
        log = self.folder / f"background-{len(self.running)}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                ["bash", "-c", line if "=" in line.split()[0] else f"exec {line}"],
                cwd=self.folder,
                env=self.environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        serves = re.search(r" (serve|demo) ", line) is not None
        self.running.append((process, serves, log, line))
        end = time.monotonic() + START
        while serves and "Serving http" not in log.read_text():
            assert process.poll() is None, f"{line}\n{log.read_text()}"
            assert time.monotonic() < end, f"{line}\n{log.read_text()}"
            time.sleep(0.1)

    def stop(self):
        """End what still runs: servers by a signal, everything else by itself."""
        failed = sys.exc_info()[0] is not None
        while self.running:
            process, serves, log, line = self.running.pop()
            if serves or failed:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
            code = process.wait(timeout=START)
            assert failed or code == 0, f"{line}\n{log.read_text()}"


def words_of(line):
    """The words of a line of a shell, without its comment; operators are words of their own."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    return list(lexer)


def is_operator(word):
    return bool(word) and set(word) <= set("();<>|&")


def assert_answers(expected, value):
    """A value is what a comment says of it, where ... stands for anything."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    matches = doctest.OutputChecker().check_output(f"{expected}\n", f"{value!r}\n", flags)
    assert matches, f"printed: {expected}\nanswer:  {value!r}"


@pytest.fixture
def reader(stand_ins, monkeypatch, call):
    (stand_ins / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")  # a refusal is an error
    for folder in ("scripts", "recipes", "benchmarks", "docs"):
        (stand_ins / folder).symlink_to(ROOT / folder, target_is_directory=True)
    monkeypatch.setenv("COLUMNS", "120")
    return Reader(stand_ins, call)


@pytest.mark.parametrize("page", [page for page, blocks in BLOCKS.items() if not all(block.slow for block in blocks)])
def test_a_page_runs(page, reader):
    for block in BLOCKS[page]:
        if not block.slow:
            reader.follow(block)


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, blocks in BLOCKS.items() if any(block.slow for block in blocks)])
def test_a_whole_page_runs(page, reader, prepared):
    missing = []
    for block in BLOCKS[page]:
        try:
            for name in block.data:
                prepared(name)
        except pytest.skip.Exception as reason:
            missing.append(f"{block.place} did not run: {reason}")
        else:
            reader.follow(block)
    if missing:
        pytest.skip("; ".join(missing))


def test_no_block_is_overlooked():
    languages = ("python", "sh", "text")  # what is shown, and not meant to be run, is text
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        fences = re.findall(r"^\s*```(\S*)$", text, flags=re.MULTILINE)
        assert all(language in languages for language in fences[::2]), page
        runnable = [language for language in fences[::2] if language != "text"]
        assert len(runnable) == len(BLOCKS.get(page, [])), f"{page}: a block that is indented does not run"
        marked = len(re.findall(r"^\s*<!--\s*slow", text, flags=re.MULTILINE))
        assert marked == sum(block.slow for block in BLOCKS.get(page, [])), f"{page}: a marker without a block"


def test_answers_are_compared():
    assert_answers("[{'score': 0.99...}]", [{"score": 0.9912}])
    with pytest.raises(AssertionError, match="printed"):
        assert_answers("[{'score': 0.99...}]", [{"score": 0.52}])


def test_a_line_that_fails_names_its_block(tmp_path, call):
    with pytest.raises(AssertionError, match="false") as error:
        Reader(tmp_path, call).follow(Block("page.md", 7, "sh", "true\nfalse    # no\n", False, ()))
    assert error.value.__notes__ == ["in the block at page.md:7"]
