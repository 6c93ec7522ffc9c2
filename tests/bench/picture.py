# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench's two pictures, as SVG: lines over an axis each."""
from statistics import median

from ways import WAYS

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 380, 70, 50, 40, 190
COLOURS = {"none": "#777777", "tcpdump": "#2b7bba", "dumpcap": "#c0792a", "engine": "#1a9850", "tshark": "#8856a7"}


def ceiling(value):
    """The next round number."""
    step = 10 ** (len(str(int(max(value, 1)))) - 1)
    return next(factor * step for factor in (1, 2, 3, 4, 5, 6, 8, 10) if factor * step >= value)


class Frame:
    def __init__(self, across, most, title, x_words, y_words):
        self.across, self.most = across, most
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" '
            f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
            f'<text x="{LEFT}" y="22" font-size="15">{title}</text>',
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{x_words}</text>',
            f'<text transform="translate(16 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{y_words}</text>']
        self.axes()

    def x(self, index):
        return LEFT + (WIDTH - LEFT - RIGHT) * index / max(len(self.across) - 1, 1)

    def y(self, value):
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.most

    def axes(self):
        for step in range(5):
            value = self.most * step / 4
            self.parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" '
                              f'stroke="#dddddd"/><text x="{LEFT - 6}" y="{self.y(value) + 4:.1f}" text-anchor="end">'
                              f'{value:,.0f}</text>')
        for index, words in enumerate(self.across):
            self.parts.append(f'<text x="{self.x(index):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{words}</text>')

    def line(self, name, values, place):
        """@values: by the index across."""
        points = " ".join(f"{self.x(index):.1f},{self.y(value):.1f}" for index, value in values.items())
        colour, y = COLOURS[name], TOP + 20 * place
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        self.parts += [f'<circle cx="{point.split(",")[0]}" cy="{point.split(",")[1]}" r="3" fill="{colour}"/>'
                       for point in points.split()]
        self.parts.append(f'<rect x="{WIDTH - RIGHT + 20}" y="{y}" width="12" height="12" fill="{colour}"/>'
                          f'<text x="{WIDTH - RIGHT + 38}" y="{y + 11}">{WAYS[name].words}</text>')

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>\n"]))


def draw(path, series, across, words):
    """@series: by the way, a value for each index across."""
    most = max((value for values in series.values() for value in values.values()), default=1)
    frame = Frame(across, ceiling(most), *words)
    for place, (name, values) in enumerate(series.items()):
        frame.line(name, values, place)
    frame.write(path)


def draw_sizes(folder, results):
    sizes = (64, 512, 1400)
    series = {}
    for (work, name), found in results.items():
        for index, size in enumerate(sizes):
            if work.name == f"out-{size}" and name in ("none", "tcpdump", "dumpcap", "engine"):
                series.setdefault(name, {})[index] = median(one.rate for one in found) / 1000
    if series:
        draw(f"{folder}/rate.svg", series, sizes,
             ("What a flood reaches while it is captured", "bytes of each datagram", "thousand packets per second"))


def draw_losses(folder, results):
    loads = [work for work in dict.fromkeys(work for work, _ in results) if work.part == "load"]
    series = {}
    for (work, name), found in results.items():
        if work in loads:
            lost = median(1 - one.captured / max(one.offered, 1) for one in found)
            series.setdefault(name, {})[loads.index(work)] = 100 * max(lost, 0)
    if series:
        draw(f"{folder}/loss.svg", series, [work.name.removeprefix("load-") for work in loads],
             ("Packets that are not in the file", "thousand packets offered per second", "per cent"))


def draw_all(folder, results):
    draw_sizes(folder, results)
    draw_losses(folder, results)
