#!/usr/bin/env python3
"""Makes src/twin/name_data.inc: how often Chinese surnames and given-name characters occur.

Run: python3 tools/twin_names.py [folder with the wheels]; without a folder pip downloads them.

Sources, all with free licences and none of them a leak of anybody's records:
- surnames with their share of the population: PyPI faker 40.54.0, provider person/zh_CN (MIT);
- characters of given names with their rate per million names: PyPI sinonym 0.5.1, data/givenname_orcid.csv and
  data/familyname_orcid.csv (Apache-2.0; counted by its authors in ORCID's public file, which is CC0);
- which characters lean to one sex: the lists below, then PyPI mingzi 1.2.3, data.json (MIT), and the first names of
  faker.

PyPI ngender has a larger table of characters by sex. It is not used: it was counted in stolen hotel records.
"""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

WHEELS = {"faker": "40.54.0", "sinonym": "0.5.1", "mingzi": "1.2.3"}
CHARACTERS = 1200
# In ORCID's given-name field the surname stands in about a third of the records' worth: the rates of 王, 李 and 张
# there are 0.32 to 0.34 of their rates as surnames.
SURNAME_LEAK = 0.34
MALE = ("伟强磊军勇涛超明刚辉鹏飞鑫波斌浩凯健俊帅旭龙亮成峰建国志东兵雷博彬坤岩海林杰宇豪永德文武学世光正兴胜家"
        "祥福贵忠义诚信有全才生山宏洪振卫民权力清江河川昌隆荣升耀祖松柏泽轩昊辰然航睿铭皓宸霖阳子一翔毅威虎根富发立")
FEMALE = ("芳娜敏静丽艳娟霞燕玲萍红梅莉英兰秀桂玉淑凤珍琴云莲娥翠香菊花春婷颖倩洁雪琳佳慧莹雯琪怡欣梦涵萱彤妍瑶悦"
          "桐汐妤诗雨婉蓉媛美惠爱素月秋冬芝仙娇姗薇茜娅晶丹璐蕾菲芬芸蓓嫣")
NEUTRAL = "晓文子小云玉春金华平新天思林阳宁嘉佳艺乐一安"
COMPOUND = {"欧阳": 0.08, "上官": 0.007, "诸葛": 0.006, "司马": 0.003, "司徒": 0.003, "慕容": 0.002, "皇甫": 0.005,
            "尉迟": 0.002, "令狐": 0.003, "夏侯": 0.002, "东方": 0.002, "公孙": 0.001}


def wheels(folder):
    if folder is None:
        folder = tempfile.mkdtemp()
        names = [f"{name}=={version}" for name, version in WHEELS.items()]
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *names], check=True)
    found = {}
    for name, version in WHEELS.items():
        found[name] = zipfile.ZipFile(next(pathlib.Path(folder).glob(f"{name}-{version}-*.whl")))
    return found


def table(archive, path):
    rows = csv.reader(io.StringIO(archive.read(path).decode()))
    next(rows)
    return list(rows)


def faker_provider(archive):
    source = archive.read("faker/providers/person/zh_CN/__init__.py").decode()
    surnames = {s: float(w) for s, w in re.findall(r'\("(\S+)", ([0-9.]+)\)', source)}
    lists = {}
    for key in ("first_names_male", "first_names_female"):
        body = re.search(key + r" = \[(.*?)\]", source, re.S).group(1)
        lists[key] = re.findall(r'"(\S+?)"', body)
    return surnames, lists


def is_plain_han(text):
    return len(text) == 1 and "\u4e00" <= text <= "\u9fa5"


def main():
    archives = wheels(sys.argv[1] if len(sys.argv) > 1 else None)
    surnames, first = faker_provider(archives["faker"])
    mingzi = json.loads(archives["mingzi"].read("mingzi/data.json"))
    orcid_surname = {r[0]: float(r[1]) for r in table(archives["sinonym"], "sinonym/data/familyname_orcid.csv")}
    orcid_given = [(r[0], float(r[2])) for r in table(archives["sinonym"], "sinonym/data/givenname_orcid.csv")]

    surnames = {s: w for s, w in surnames.items() if is_plain_han(s)} | COMPOUND
    ranked = sorted(surnames.items(), key=lambda item: (-item[1], item[0]))

    male = set("".join(mingzi["male_single"] + first["first_names_male"]))
    female = set("".join(mingzi["female_single"] + first["first_names_female"]))

    def male_share(character):
        if character in NEUTRAL:
            return 0.5
        if (character in MALE) != (character in FEMALE):
            return 0.93 if character in MALE else 0.04
        if (character in male) != (character in female):
            return 0.85 if character in male else 0.12
        return 0.5

    given = []
    for character, ppm in orcid_given:
        ppm -= SURNAME_LEAK * orcid_surname.get(character, 0)
        if is_plain_han(character) and ppm >= 1:
            given.append((character, ppm))
    given = sorted(given, key=lambda item: (-item[1], item[0]))[:CHARACTERS]

    out = ["// Made by tools/twin_names.py, which names the sources and their licences. Do not edit.", "// clang-format off",
           "constexpr Surname kSurnames[] = {"]
    out += pack(f'{{"{s}", {round(w * 10000)}}},' for s, w in ranked)
    out += ["};", "constexpr GivenCharacter kGivenCharacters[] = {"]
    out += pack(f'{{"{c}", {round(p * male_share(c))}, {round(p * (1 - male_share(c)))}}},' for c, p in given)
    out += ["};", "// clang-format on", ""]
    target = pathlib.Path(__file__).resolve().parent.parent / "src/twin/name_data.inc"
    target.write_text("\n".join(out), encoding="utf-8")
    print(f"{target.name}: {len(ranked)} surnames, {len(given)} characters")


def pack(items):
    """Items side by side in lines of at most 118 characters."""
    lines, line = [], "   "
    for item in items:
        if len(line) + len(item) > 116:
            lines.append(line)
            line = "   "
        line += " " + item
    return lines + [line]


if __name__ == "__main__":
    main()
