#!/usr/bin/env python3
"""report.py RESULTS [REPORT.md PICTURE.svg]: what tools/bench measured, as tables and bars."""
import json
import math
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

# What was asked for: rows, times the fastest form of the first torch, share of the limit.
GOALS = [
    (r'CutMix, in place/float/256x', 4, .80), (r'CutMix, in place/float/', 6, .85),
    (r'CutMix, in place/uint8/256x', 8, .65), (r'CutMix, in place/uint8/', 8, .80),
    (r'CutMix, out of place/float/(256|32x3x224)', 1.8, .85), (r'CutMix, out of place/float/', 5, .85),
    (r'CutMix, out of place/uint8/', 3.5, .85),
    (r'MixUp, .*/float/256x', 3.5, .75), (r'MixUp, .*/float/', 7, .75), (r'MixUp, .*/uint8/', 15, .75),
    (r'cross entropy/dense/.*x10$', 10, None), (r'cross entropy/dense/.*x100$', 4, None),
    (r'cross entropy/dense/256x1000$', 6, None), (r'cross entropy/dense/', 6, .95),
    (r'cross entropy/two labels/.*x10$', 11, None), (r'cross entropy/two labels/.*x100$', 5, None),
    (r'cross entropy/two labels/', 9, None),
    (r'cross entropy.*gradient.*/dense/8x21', 11, .65), (r'cross entropy.*gradient.*/labels/8x21', 15, .65),
    (r'cross entropy.*gradient.*/dense/.*x10$', 18, None), (r'cross entropy.*gradient.*/dense/.*x100$', 8, None),
    (r'cross entropy.*gradient.*/dense/256x1000$', 8, None), (r'cross entropy.*gradient.*/dense/', 8, .85),
    (r'cross entropy.*gradient.*/two labels/.*x10$', 20, None), (r'cross entropy.*gradient.*/two labels/.*x100$', 9, None),
    (r'cross entropy.*gradient.*/two labels/256x1000$', 12, None), (r'cross entropy.*gradient.*/two labels/', 12, .85),
]


class Run:
    """One row, timed in one process."""

    def __init__(self, path):
        data = json.loads(path.read_text())
        self.context = data['context']
        self.name = self.context['row']
        self.torch = self.context.get('torch', '')
        times = {}
        self.counters = {}
        for one in data['benchmarks']:
            if one['run_type'] != 'iteration':
                continue
            entry = re.sub(r'/(manual|real)_time$', '', re.sub(r'/repeats:\d+', '', one['run_name']))
            times.setdefault(entry, []).append(one['real_time'])
            self.counters[entry] = one
        self.times = {entry: statistics.median(all_) for entry, all_ in times.items()}

    def fastest(self, prefix):
        found = [(time, entry) for entry, time in self.times.items() if entry.startswith(prefix)]
        return min(found) if found else (None, '')

    def cutmix(self):
        return self.times.get('cutmix')

    def ratio(self, prefix):
        return self.fastest(prefix)[0] and self.fastest(prefix)[0] / self.cutmix()

    def limit(self):
        """The fastest form of each kind; the slowest kind is the limit."""
        kinds = {entry.split(': ')[1] for entry in self.times if entry.startswith('limit: ')}
        return max((self.fastest(f'limit: {kind}: ')[0], kind) for kind in kinds) if kinds else (None, '')


def load(results):
    rows = {}  # name -> runs, one for each program
    for program in sorted(Path(results).iterdir()):
        for path in sorted(program.glob('*.json')):
            if path.stat().st_size:
                run = Run(path)
                rows.setdefault(run.name, []).append(run)
    return rows


def table(head, lines):
    return ['| ' + ' | '.join(head) + ' |', '|' + ' --- |' * len(head)] + ['| ' + ' | '.join(l) + ' |' for l in lines] + ['']


def microseconds(time):
    return '' if time is None else f'{time:.3g} us' if time < 1000 else f'{time / 1000:.3g} ms'


def times(ratio):
    return '' if ratio is None else f'{ratio:.1f}'


def goal(name):
    return next(((ratio, share) for pattern, ratio, share in GOALS if re.match(pattern, name)), (None, None))


def error(run):
    counters = run.counters['cutmix']
    if 'gradient_error' in counters:
        return f"{counters['error']:.1e}, {counters['gradient_error']:.1e}"
    if counters.get('error') == 0:
        return '0'
    return f"{counters['error']:.1e}" if 'error' in counters else ''


def with_goal(value, wanted):
    if not value or wanted is None:
        return value
    return f'{value} ({wanted:g})' if float(value) >= wanted else f'**{value}** ({wanted:g})'


def torches(rows):
    names = []
    for runs in rows.values():
        for run in runs:
            if run.torch and run.torch not in names:
                names.append(run.torch)
    return names


def main_table(rows):
    lines = []
    names = torches(rows)
    for name, runs in rows.items():
        first = runs[0]
        if not first.cutmix():
            continue
        ratio, share = goal(name)
        by_torch = {run.torch: run.ratio('peer: torch: ') for run in runs}
        others = min((run.fastest(f'peer: {who}: ') for run in runs[:1] for who in ('C++', 'Eigen')
                      if run.fastest(f'peer: {who}: ')[0]), default=(None, ''))
        limit = first.limit()
        lines.append([name.replace('/', ', '), microseconds(first.cutmix())] +
                     [with_goal(times(by_torch.get(torch)), ratio if torch == names[0] else 1) for torch in names] +
                     [f"{times(others[0] and others[0] / first.cutmix())} {others[1].replace('peer: ', '').split(',')[0]}",
                      with_goal(f'{limit[0] / first.cutmix():.2f}', share) + f' {limit[1]}' if limit[0] else '',
                      error(first)])
    return table(['work', 'time'] + [f'x torch {torch}' for torch in names] +
                 ['x without torch', 'of the limit', 'error'], lines)


def special_tables(rows):
    text = []
    for name, runs in rows.items():
        run = runs[0]
        if name.startswith('two threads/'):
            one = run.times['cutmix: one thread']
            limit = [run.fastest(f'limit: {kind} thread')[0] for kind in ('one', 'two')]
            text.append([name.split('/', 1)[1].replace('/', ', '), microseconds(one),
                         with_goal(f"{one / run.times['cutmix: two threads, awake']:.2f}", 1.8),
                         f"{one / run.times['cutmix: two threads, asleep']:.2f}", f'{limit[0] / limit[1]:.2f}'])
    out = []
    if text:
        out += ['## Two threads against one', ''] + table(
            ['work', 'one thread', 'x pool awake', 'x pool asleep', 'x the limit\'s own'], text)
    text = []
    for name, runs in rows.items():
        run = runs[0]
        if name.startswith('collate'):
            without = run.times['cutmix: without CutMix']
            text.append([name.split('/')[-1], microseconds(run.cutmix()), microseconds(without),
                         f'{run.cutmix() / without:.3f} (1.05)'])
    if text:
        out += ['## Collating and normalising', ''] + table(['photos', 'with CutMix', 'without', 'with / without'], text)
    for name, runs in rows.items():
        if name.startswith('overhead'):
            out += ['## What a call costs', '', 'A batch of 256 float 3x32x32; asked for: under 3 us.', ''] + table(
                ['call', 'time'], [[entry.replace('cutmix: ', ''), microseconds(time)]
                                   for entry, time in runs[0].times.items()])
    return out


def forms_table(rows):
    """For each kind of work every form tried, in multiples of cutmix's time, a column for each shape."""
    groups = {}
    for name, runs in rows.items():
        if runs[0].cutmix():
            work, shape = name.rsplit('/', 1)
            groups.setdefault(work, {})[shape] = runs
    out = ['## Every form tried', '', 'Times longer than cutmix takes; both torches where there are two.', '']
    for work, shapes in groups.items():
        forms = []
        for runs in shapes.values():
            for run in runs:
                forms += [entry for entry in run.times if entry != 'cutmix' and entry not in forms]
        lines = []
        for form in forms:
            cells = []
            for runs in shapes.values():
                relevant = runs if form.startswith('peer: torch') else runs[:1]
                cells.append(' / '.join(f'{run.times[form] / run.cutmix():.2g}' for run in relevant if form in run.times))
            lines.append([form.replace('|', '\\|')] + cells)
        out += [f"### {work.replace('/', ', ')}", ''] + table(['form'] + list(shapes), lines)
    return out


def command_line(context):
    torch = context.get('torch')
    return [f"compiler {context['compiler']} (release; peers and limits -O3 -march=native)", f"level {context['isa']}",
            f"Eigen {context.get('Eigen', 'none')}"] + ([f'torch {torch}'] if torch else [])


def machine(rows):
    context = next(iter(rows.values()))[0].context
    cpu = platform.processor() or platform.machine()
    info = Path('/proc/cpuinfo')
    if info.exists():
        found = re.search(r'model name\s*: (.*)\n(?:.*\n)*?cpu family\s*: (\d+)?', info.read_text())
        cpu = re.search(r'model name\s*: (.*)', info.read_text())
        cpu = cpu.group(1) if cpu else platform.machine()
    caches = ', '.join(f"L{c['level']} {c['size'] // 1024} KiB" for c in context['caches'] if c['type'] != 'Instruction')
    debian = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', 'libtorch-dev'], capture_output=True, text=True)
    lines = [f"- Machine: {cpu}, {context['num_cpus']} cores, {caches}; {platform.system()} {platform.release()}",
             f"- Compiler: {context['compiler']}, release; peers and limits with `-O3 -march=native`",
             f"- Library: instruction set {context['isa']}; Eigen {context.get('Eigen', 'none')}"]
    for torch in torches(rows):
        note = f' (Debian libtorch-dev {debian.stdout})' if torch.startswith('1.') and debian.returncode == 0 else ''
        lines.append(f'- torch {torch}{note}: its C++ interface, one thread, AVX-512 allowed')
    repetitions = next(iter(next(iter(rows.values()))[0].counters.values())).get('repetitions')
    lines.append(f"- Command: `./tools/bench --fetch-torch`, {repetitions} repetitions of every form in random order, "
                 f"medians, one core; {context['date'][:10]}")
    return lines


def picture(rows):
    names = torches(rows)
    bars = [(name, runs) for name, runs in rows.items() if runs[0].cutmix() and runs[0].limit()[0]]
    colours = ['#1f5f99', '#8fbce0']
    left, scale, step, top = 420, 90, 22, 60
    width, height = left + scale * 6 + 150, top + step * len(bars) + 40
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
           f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
           f'<text x="10" y="20" font-size="15">How many times faster than the fastest form of torch, one thread; '
           f'right: share of the machine\'s limit</text>']
    for i, torch in enumerate(names):
        out.append(f'<rect x="{10 + 130 * i}" y="32" width="12" height="12" fill="{colours[i % 2]}"/>'
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
                           f'fill="{colours[j % 2]}"/>')
        out.append(f'<text x="{width - 20}" y="{y + 14}" text-anchor="end">'
                   f'{runs[0].limit()[0] / runs[0].cutmix():.2f}</text>')
    return '\n'.join(out + ['</svg>', ''])


HEAD = """# Speed and error

How to read it. *time*: one call on one core. *x torch*, *x without torch*: how often cutmix does the work while the
fastest form of the peer does it once; in brackets what was asked for, bold where it is not reached. *of the limit*: the
time in which this core does nothing but move the same bytes (read, update in place, or copy with or without
non-temporal stores, in the best of several stream counts and prefetches) or takes the same number of exponentials
(exp), whichever is longer, divided by cutmix's time; measured in the same process, in random order with all the other
forms. *error*: pixels in ULP against the reference (0: bit for bit); losses relative, then N times the largest error of
the gradient, the worse of plain logits and logits shifted by 1000. Every form, the peers' too, is checked against
`cutmix::reference` before it is timed.

CutMix, MixUp and collating: the second-level cache is emptied before every call. Losses: hot, call after call.
The box covers half the area at an odd place; partners are a random permutation for cutmix, and a permutation, roll or
flip for the peer, whichever suits it.

"""


def main():
    rows = load(sys.argv[1])
    if not rows:
        sys.exit('report.py: no results')
    body = main_table(rows)
    if len(sys.argv) < 4:
        print('\n'.join(body + special_tables(rows)))
        return
    text = HEAD + '\n'.join(machine(rows)) + '\n\n![bars](' + Path(sys.argv[3]).name + ')\n\n'
    text += '\n'.join(body + special_tables(rows) + forms_table(rows))
    Path(sys.argv[2]).write_text(text.rstrip() + '\n')
    Path(sys.argv[3]).write_text(picture(rows))


main()
