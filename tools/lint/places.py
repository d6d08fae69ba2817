"""Checks on names that must not stand where they would bind the project to one place."""

import re

import files

# Names of large cities and of those whose systems are often taken as models. A division table that a tool generated
# may hold them, and so may tests of names and addresses; the engine may not.
CITIES = (
    "北京 上海 天津 重庆 杭州 深圳 广州 南京 苏州 成都 武汉 西安 郑州 青岛 厦门 宁波 合肥 福州 长沙 沈阳 大连 济南 昆明 雄安"
).split()
CITIES_LATIN = (
    "beijing shanghai tianjin chongqing hangzhou shenzhen guangzhou nanjing suzhou chengdu wuhan xiongan qingdao xiamen"
    " ningbo hefei changsha jinan"
).split()

# Written so that this file does not hold the names themselves.
HOSTS = [r"registry\.npm", r"npmjs\.(org|com)", r"npmm" r"irror", r"yarnpkg\.com", r"(files\.)?pythonhosted\.org",
         r"pypi\.(org|python)", r"deb\.debian\.org", r"security\.debian\.org", r"snapshot\.debian\.org",
         r"crates\.io", r"proxy\.golang", r"registry-1\.docker", r"repo1?\.maven", r"aliyun(cs)?\.com/(pypi|npm|debian)",
         r"mirrors?\.[a-z0-9]+\.edu\.cn"]
MACHINE_PATHS = [r"(?<![\w.])/work" r"/", r"(?<![\w.])/home" r"/[a-z]", r"(?<![\w.])/root" r"/", r"(?<![\w.])/Users" r"/",
                 r"/tmp/bash" r"_jobs", r"[A-Z]:\\\\Users"]


def search(paths, patterns, message, flags=0):
    pattern = re.compile("|".join(f"(?:{p})" for p in patterns), flags)
    findings = []
    for path in paths:
        if files.is_binary(path):
            continue
        for number, line in enumerate(files.lines(path), 1):
            found = pattern.search(line)
            if found:
                findings.append(f"{path}:{number}: {message.format(found[0])}")
    return findings


def names(_jobs):
    source = [path for path in files.with_suffix("", under="src/") if not files.is_generated(path)]
    packs = sorted({path.split("/")[1] for path in files.all_files() if path.startswith("packs/") and path.count("/") >= 2})
    findings = []
    if packs:
        findings += search(source, [rf"(?<![\w-]){re.escape(pack)}(?![\w-])" for pack in packs],
                           "'{}' is a pack's id: let the pack say it in its files, or use another word")
    engine = [path for path in source if not re.search(r"_(test|fuzz|bench)\.cpp$", path)]
    findings += search(engine, CITIES, "'{}' is a city's name: take it from a table or a pack")
    findings += search(engine, [rf"\b{name}\b" for name in CITIES_LATIN],
                       "'{}' is a city's name: take it from a table or a pack", re.I)
    return findings


def hosts(_jobs):
    everything = files.all_files()
    return search(everything, HOSTS, "'{}' is a registry's host: name the package; the client knows the registry", re.I) + \
        search(everything, MACHINE_PATHS, "'{}' is a path of one machine: take it from an argument or the environment")
