"""The bars of the report, as SVG."""
import math

from results import torches

COLOURS = ['#1f5f99', '#8fbce0', '#c9c9c9']


def picture(rows):
    names = torches(rows)
    bars = list(rows.items())
    left, scale, step, top = 420, 90, 22, 60
    width, height = left + scale * 6 + 150, top + step * len(bars) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
           f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="20" font-size="15">How many times faster than the fastest form of torch, one thread; '
           f'right: share of the machine\'s limit</text>']
    for i, torch in enumerate(names):
        out.append(f'<rect x="{10 + 130 * i}" y="32" width="12" height="12" fill="{COLOURS[i % 3]}"/>'
                   f'<text x="{26 + 130 * i}" y="43">torch {torch}</text>')
    for power in range(7):
        x = left + scale * power
        out.append(f'<line x1="{x}" y1="{top}" x2="{x}" y2="{height - 30}" stroke="#ddd"/>'
                   f'<text x="{x}" y="{height - 14}" text-anchor="middle">{2 ** power}x</text>')
    for i, (name, runs) in enumerate(bars):
        y = top + step * i
        out.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{name.replace("/", ", ")}</text>')
        for j, run in enumerate(runs):
            ratio = run.ratio('peer: torch: ')
            if ratio:
                length = max(1, scale * math.log2(max(ratio, 1)))
                out.append(f'<rect x="{left}" y="{y + 2 + 9 * j}" width="{length:.1f}" height="8" '
                           f'fill="{COLOURS[j % 3]}"/>')
        out.append(f'<text x="{width - 20}" y="{y + 14}" text-anchor="end">'
                   f'{runs[0].limit()[0] / runs[0].cutmix():.2f}</text>')
    return '\n'.join(out + ['</svg>', ''])
