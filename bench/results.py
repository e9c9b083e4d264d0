"""What one run of the benchmark measured."""
import json
import re
import statistics
from pathlib import Path


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
            entry = re.sub(r'/(manual|real)_time$', '', re.sub(r'/(repeats|iterations):\d+', '', one['run_name']))
            clock = 'real_time' if one['run_name'].endswith('_time') else 'cpu_time'
            times.setdefault(entry, []).append(one[clock])
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


def torches(rows):
    """Their versions, in the order in which they were run."""
    return list(dict.fromkeys(run.torch for runs in rows.values() for run in runs if run.torch))
