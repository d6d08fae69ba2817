"""Draws the growth of time and memory as SVG: two panels with logarithmic axes."""

import math
import pathlib

PANEL_WIDTH, PANEL_HEIGHT = 340, 260
LEFT, TOP, GAP, BOTTOM = 62, 66, 84, 46
COLOURS = {"Zhili": "#0b5cad", "Splink": "#c0121a"}
FONT = 'font-family="sans-serif" font-size="12"'


def _decades(low, high):
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)


def _label(value):
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{sign}"
    return f"{value:g}"


class Panel:
    def __init__(self, x, title, points):
        self.x = x
        self.title = title
        self.across = _decades(min(p[0] for p in points), max(p[0] for p in points))
        self.up = _decades(min(p[1] for p in points), max(p[1] for p in points))

    def place(self, rows, value):
        share_x = (math.log10(rows) - self.across[0]) / max(1, self.across[-1] - self.across[0])
        share_y = (math.log10(value) - self.up[0]) / max(1, self.up[-1] - self.up[0])
        return self.x + share_x * PANEL_WIDTH, TOP + PANEL_HEIGHT * (1 - share_y)

    def frame(self):
        bottom = TOP + PANEL_HEIGHT
        out = [f'<text x="{self.x}" y="22" {FONT} font-weight="bold">{self.title}</text>']
        for decade in self.across:
            x, _ = self.place(10 ** decade, 10 ** self.up[0])
            out.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>')
            out.append(f'<text x="{x:.1f}" y="{bottom + 18}" {FONT} text-anchor="middle">{_label(10 ** decade)}</text>')
        for decade in self.up:
            _, y = self.place(10 ** self.across[0], 10 ** decade)
            out.append(f'<line x1="{self.x}" y1="{y:.1f}" x2="{self.x + PANEL_WIDTH}" y2="{y:.1f}" stroke="#ddd"/>')
            out.append(f'<text x="{self.x - 6}" y="{y + 4:.1f}" {FONT} text-anchor="end">{_label(10 ** decade)}</text>')
        middle = self.x + PANEL_WIDTH / 2
        out.append(f'<text x="{middle}" y="{bottom + 38}" {FONT} text-anchor="middle">rows</text>')
        return out

    def line(self, name, points, colour):
        places = [self.place(*point) for point in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
        for number, ((x, y), (_, value)) in enumerate(zip(places, points)):
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
            text = f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
            # The first stands to the right of the axis, whose own figures are to the left.
            at, anchor = (x + 4, "start") if number == 0 else (x, "middle")
            out.append(f'<text x="{at:.1f}" y="{y - 8:.1f}" font-family="sans-serif" font-size="10" fill="{colour}"'
                       f' text-anchor="{anchor}">{text}</text>')
        x, y = places[-1]
        out.append(f'<text x="{x:.1f}" y="{y - 21:.1f}" {FONT} font-weight="bold" fill="{colour}"'
                   f' text-anchor="middle">{name}</text>')
        return out


def growth(lines, path):
    """lines: by engine, (rows, seconds, megabytes) in ascending order of rows."""
    everything = [point for points in lines.values() for point in points]
    panels = [Panel(LEFT, "Seconds, CSV to files", [(p[0], p[1]) for p in everything]),
              Panel(LEFT + PANEL_WIDTH + GAP, "Resident memory, MB", [(p[0], p[2]) for p in everything])]
    width = LEFT + 2 * PANEL_WIDTH + GAP + 30
    height = TOP + PANEL_HEIGHT + BOTTOM
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
           f'<rect width="{width}" height="{height}" fill="white"/>']
    for number, panel in enumerate(panels):
        out += panel.frame()
        for name, points in lines.items():
            out += panel.line(name, [(p[0], p[1 + number]) for p in points], COLOURS.get(name, "#555"))
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(out + ["</svg>"]) + "\n")
