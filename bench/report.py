#!/usr/bin/env python3
"""report.py RESULTS [REPORT.md PICTURE.svg README.md]: what tools/bench measured, as tables and bars."""
import platform
import re
import subprocess
import sys
from pathlib import Path

from picture import picture
from results import load, torches

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


def share_of_limit(run, wanted):
    limit, kind = run.limit()
    if not limit:
        return ''
    text = with_goal(f'{limit / run.cutmix():.2f}', wanted) + f' {kind}'
    beside = run.fastest('beside: ')[0]
    return text + (f'; {beside / run.cutmix():.2f} the same lines' if beside else '')


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
                      share_of_limit(first, share),
                      error(first)])
    return lines and table(['work', 'time'] + [f'x torch {torch}' for torch in names] +
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
        for form in sorted(forms):
            cells = []
            for runs in shapes.values():
                relevant = runs if form.startswith('peer: torch') else runs[:1]
                cells.append(' / '.join(f'{run.times[form] / run.cutmix():.2g}' for run in relevant if form in run.times))
            lines.append([form.replace('|', '\\|')] + cells)
        out += [f"### {work.replace('/', ', ')}", ''] + table(['form'] + list(shapes), lines)
    return out


def machine(rows):
    context = next(iter(rows.values()))[0].context
    cpu = platform.processor() or platform.machine()
    info = Path('/proc/cpuinfo')
    if info.exists():
        text = info.read_text()
        cpu = ', '.join(found.group(1) for field in ('model name', 'cpu family', 'model')
                        if (found := re.search(rf'^({field}\s*:.*)', text, re.M)))
        cpu = re.sub(r'\s*:', '', cpu.replace('model name', '')).strip(': ')
    caches = ', '.join(f"L{c['level']} {c['size'] // 1024} KiB" for c in context['caches'] if c['type'] != 'Instruction')
    debian = subprocess.run(['dpkg-query', '-W', '-f', '${Version}', 'libtorch-dev'], capture_output=True, text=True)
    lines = [f"- Machine: {cpu}, {context['num_cpus']} cores, {caches}; {platform.system()} {platform.release()}",
             f"- Compiler: {context['compiler']}, release; peers and limits with `-O3 -march=native`",
             f"- Library: instruction set {context['isa']}; Eigen {context.get('Eigen', 'none')}"]
    for torch in torches(rows):
        note = f' (by its header; Debian libtorch-dev {debian.stdout})' if torch.startswith('1.') and debian.returncode == 0 else ''
        lines.append(f'- torch {torch}{note}: its C++ interface, one thread, AVX-512 allowed')
    repetitions = next(iter(next(iter(rows.values()))[0].counters.values())).get('repetitions')
    lines.append(f"- Command: `./tools/bench --fetch-torch`, {repetitions} repetitions of some milliseconds of every form "
                 f"in random order, medians, one core; {context['date'][:10]}")
    return lines


HEAD = """# Speed and error

How to read it. *time*: one call on one core, by the clock that counts only this thread's time on it. *x torch*,
*x without torch*: how often cutmix does the work while the fastest form of the peer does it once; in brackets what was
asked for, bold where it is not reached. *of the limit*: the time in which this core does nothing but move as many bytes
in one piece (read, update in place, or copy with or without non-temporal stores, in the best of several stream counts
and prefetches, or memcpy) or take as many exponentials (exp), whichever is longer, divided by cutmix's time; *the same
lines*: an update, in the order of memory, of just the lines that the box touches, divided by cutmix's time. All of it is
measured in one process, in random order. *error*: pixels in ULP against the reference (0: bit for bit); losses
relative, then N times the largest error of the gradient, the worse of plain logits and logits shifted by 1000. Every
form, the peers' too, is checked against `cutmix::reference` before it is timed.

CutMix, MixUp and collating: the second-level cache is emptied before every call. Losses: hot, call after call.
Everything allocated is in large pages where the system lends them, as `Tensor` asks for.
The box covers half the area at an odd place; partners are a random permutation for cutmix, and a permutation, roll or
flip for the peer, whichever suits it.

"""


# What the README shows.
SUMMARY = [
    'CutMix, in place/float/256x3x32x32', 'CutMix, in place/float/128x3x224x224', 'CutMix, in place/float/32x3x512x512',
    'CutMix, in place/uint8/128x3x224x224', 'CutMix, out of place/float/256x3x32x32',
    'CutMix, out of place/float/128x3x224x224', 'CutMix, out of place/uint8/128x3x224x224',
    'MixUp, in place/float/256x3x32x32', 'MixUp, in place/float/128x3x224x224', 'MixUp, in place/uint8/128x3x224x224',
    'cross entropy/dense/256x10', 'cross entropy/dense/256x100', 'cross entropy/dense/1024x1000',
    'cross entropy/two labels/256x10', 'cross entropy/two labels/256x100', 'cross entropy/two labels/1024x1000',
    'cross entropy and gradient/dense/256x10', 'cross entropy and gradient/dense/256x100',
    'cross entropy and gradient/dense/1024x1000', 'cross entropy and gradient/two labels/256x10',
    'cross entropy and gradient/two labels/256x100', 'cross entropy and gradient/two labels/1024x1000',
    'cross entropy and gradient/dense/8x21x256x256', 'cross entropy and gradient/labels/8x21x256x256',
]


def into_readme(path, text):
    """Between the two marks."""
    readme = path.read_text()
    begin, end = '<!-- tools/bench writes from here -->', '<!-- to here -->'
    if begin in readme:
        head, rest = readme.split(begin)
        path.write_text(head + begin + '\n' + text + '\n' + end + rest.split(end)[1])


def main():
    rows = load(sys.argv[1])
    if not rows:
        sys.exit('report.py: no results')
    if len(sys.argv) < 5:
        print('\n'.join(main_table(rows) + special_tables(rows)))
        return
    report, image, readme = map(Path, sys.argv[2:5])
    shown = {name: rows[name] for name in SUMMARY if name in rows}
    where = '\n'.join(machine(rows))
    notes = Path(__file__).with_name('notes.md').read_text().splitlines()
    report.write_text('\n'.join([HEAD + where, '', f'![bars]({image.name})', ''] + main_table(rows) + notes + [''] +
                                special_tables(rows) + forms_table(rows)).rstrip() + '\n')
    image.write_text(picture(shown))
    into_readme(readme, '\n'.join(main_table(shown) + [where]))


main()
