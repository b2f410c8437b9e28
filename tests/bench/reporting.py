# SPDX-License-Identifier: GPL-2.0-or-later
"""What the runner prints: the table, geometric means, the contract's lines, the bar chart.

A result is a dict: set ('compute' or 'real'), program, class, guest, threads, figures {engine: {cpu, wall, memory}},
failures {engine: why}. Engines are 'native', 'kage' and 'peer'.
"""
import html
import math

NOT_COMPUTING = ('system', 'start')


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def ratio(a, b):
    return a / b if a and b else None


def figure(result, engine, what='cpu'):
    return result['figures'].get(engine, {}).get(what)


def over_native(result, engine='kage', what='cpu'):
    return ratio(figure(result, engine, what), figure(result, 'native', what))


def over_kage(result, what='cpu'):
    return ratio(figure(result, 'peer', what), figure(result, 'kage', what))


def is_computing(result):
    return result['set'] == 'compute' and result['class'] not in NOT_COMPUTING


def guests_of(results):
    return list(dict.fromkeys(result['guest'] for result in results))


def cell(value, form='{:.2f}'):
    return form.format(value) if value is not None else '-'


def memory_cell(value):
    return cell(value and value / 1024, '{:.1f}')


def align(head, lines, text_columns):
    widths = [max(len(row[i]) for row in [head] + lines) for i in range(len(head))]
    form = '  '.join(f'{{:{"<" if i < text_columns else ">"}{width}}}' for i, width in enumerate(widths))
    rule = '-' * (sum(widths) + 2 * len(widths) - 2)
    return '\n'.join(line.rstrip() for line in [form.format(*head), rule] + [form.format(*line) for line in lines])


def program_table(results, peer):
    head = ['program', 'class', 'guest', 'native s', 'kage s', 'kage/native', 'MiB']
    head += ['peer s', 'peer/kage', 'peer MiB'] if peer else []
    lines = []
    for result in results:
        def seconds(engine):
            return 'failed' if engine in result['failures'] else cell(figure(result, engine), '{:.3f}')
        line = [result['program'], result['class'], result['guest'], seconds('native'), seconds('kage'), cell(over_native(result)),
                memory_cell(figure(result, 'kage', 'memory'))]
        if peer:
            line += [seconds('peer'), cell(over_kage(result)), memory_cell(figure(result, 'peer', 'memory'))]
        lines.append(line)
    return align(head, lines, 3)


def wall_table(results, peer):
    """Wall time of the programs with several threads; '' if there are none."""
    results = [result for result in results if result['threads'] > 1]
    head = ['wall time of', 'guest', 'native s', 'kage s', 'kage/native'] + (['peer s', 'peer/kage'] if peer else [])
    lines = []
    for result in results:
        line = [result['program'], result['guest']] + [cell(figure(result, e, 'wall'), '{:.3f}') for e in ('native', 'kage')]
        line.append(cell(over_native(result, 'kage', 'wall')))
        if peer:
            line += [cell(figure(result, 'peer', 'wall'), '{:.3f}'), cell(over_kage(result, 'wall'))]
        lines.append(line)
    return align(head, lines, 2) if lines else ''


def groups_of(results):
    """(name, results) of each group of which a geometric mean is of interest, in the order of printing."""
    compute = [result for result in results if result['set'] == 'compute']
    real = [result for result in results if result['set'] == 'real']
    for name in dict.fromkeys(result['class'] for result in compute):
        yield name, [result for result in compute if result['class'] == name]
    yield 'COMPUTE PROGRAMS (all but system, start)', [result for result in compute if is_computing(result)]
    yield 'all of tests/bench/programs', compute
    for name in dict.fromkeys(result['class'] for result in real):
        yield f'{name} (userland)', [result for result in real if result['class'] == name]
    yield 'REAL PROGRAMS', real


def mean_table(results, peer):
    head = ['geometric mean of', 'guest', 'programs', 'kage/native', 'memory'] + (['peer/kage', 'memory'] if peer else [])
    lines = []
    for guest in guests_of(results):
        for name, group in groups_of([result for result in results if result['guest'] == guest]):
            group = [result for result in group if figure(result, 'kage')]
            if not group:
                continue
            line = [name, guest, str(len(group)), cell(geometric_mean(map(over_native, group))),
                    cell(geometric_mean(over_native(result, 'kage', 'memory') for result in group))]
            if peer:
                line += [cell(geometric_mean(map(over_kage, group))),
                         cell(geometric_mean(over_kage(result, 'memory') for result in group))]
            lines.append(line)
    return align(head, lines, 2)


def failure_lines(results):
    return [f'FAILED {result["program"]} {result["guest"]} {engine}: {why}'
            for result in results for engine, why in result['failures'].items()]


def least(group, count=3):
    """The programs with the least gain, as text."""
    rows = sorted((over_kage(result), result['program']) for result in group if over_kage(result))
    return ', '.join(f'{name} {value:.2f}' for value, name in rows[:count])


def at_least(name, group, limit):
    mean = geometric_mean(map(over_kage, group))
    return name, mean and mean >= limit, f'peer/kage {cell(mean)}, wanted {limit:.1f} or more; least: {least(group)}'


def contract_of(results):
    """(what, kept, figures) of each line for one guest's results; kept is None where nothing was measured."""
    compute = [result for result in results if result['set'] == 'compute']
    real = [result for result in results if result['set'] == 'real']
    by_name = {result['program']: result for result in results}
    yield at_least('compute programs, geometric mean', list(filter(is_computing, compute)), 3.0)
    compared = [result for result in compute if over_kage(result)]
    slower = [result for result in compared if over_kage(result) < 1]
    yield ('no program of tests/bench/programs slower than the peer', not slower if compared else None,
           f'slower: {least(slower, 9) or "none"}; of {len(compared)}')
    for name in ('scalar-fp', 'vector', 'strings'):
        yield at_least(f'{name} programs, geometric mean', [result for result in compute if result['class'] == name], 6.0)
    clock = over_native(by_name['clock']) if 'clock' in by_name else None
    yield 'clock_gettime over native', clock and clock <= 3, f'{cell(clock)}, wanted 3.0 or less'
    yield at_least('real programs, geometric mean', real, 3.0)
    start = by_name.get('true') or by_name.get('start')
    value = start and ratio(figure(start, 'kage'), figure(start, 'peer'))
    yield 'a dynamic true over the peer', value and value <= 0.4, f'{cell(value)}, wanted 0.4 or less'
    memory = [result for result in results if over_kage(result, 'memory')]
    above = [f'{result["program"]} {1 / over_kage(result, "memory"):.2f}' for result in memory if over_kage(result, 'memory') < 1]
    yield 'peak memory over the peer', not above if memory else None, f'above 1: {", ".join(above) or "none"}; of {len(memory)}'
    broken = [result['program'] for result in results if 'kage' in result['failures']]
    yield 'every program prints what it must', not broken, f'failed: {", ".join(broken) or "none"}; of {len(results)}'


def contract_table(results):
    lines = []
    for guest in guests_of(results):
        for what, kept, text in contract_of([result for result in results if result['guest'] == guest]):
            lines.append([{True: 'kept', False: 'BROKEN'}.get(kept, 'not measured'), guest, what, text])
    return align(['contract', 'guest', 'what', 'figures'], lines, 4)


def chart_rows(results, names):
    """(label, [value of each name], is a mean) of one chart, programs first, then the geometric means."""
    for result in results:
        yield result['program'], [over_native(result, name) for name in names], False
    for title, group in groups_of(results):
        if group and not title.islower():
            yield title.split(' (')[0].lower(), [geometric_mean(over_native(r, name) for r in group) for name in names], True


def bar_chart(results, peer):
    """SVG: for each guest and program the CPU time of kage and of the peer as multiples of native, on a logarithmic scale."""
    colours, left, bar, width = {'kage': '#2563eb', 'peer': '#f59e0b'}, 150, 9, 620
    names = ['kage'] + (['peer'] if peer else [])
    charts = [(guest, list(chart_rows([r for r in results if r['guest'] == guest], names))) for guest in guests_of(results)]
    top = max([value for _, rows in charts for _, values, _ in rows for value in values if value] + [10]) * 1.1
    scale, step = width / math.log10(top), bar * len(names) + 7
    height = 50 + sum(46 + step * len(rows) for _, rows in charts)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 60}" height="{height}" font-family="sans-serif" '
             'font-size="11">', '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="{left}" y="18" font-size="13">CPU time as a multiple of native (logarithmic; shorter is better)</text>']
    for i, name in enumerate(names):
        parts.append(f'<rect x="{left + 90 * i}" y="26" width="10" height="10" fill="{colours[name]}"/>'
                     f'<text x="{left + 90 * i + 14}" y="35">{name}</text>')
    y = 50
    for guest, rows in charts:
        bottom = y + 24 + step * len(rows)
        parts.append(f'<text x="{left}" y="{y + 12}" font-size="12" font-weight="bold">{html.escape(guest)}</text>')
        for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500):
            if tick <= top:
                x = left + scale * math.log10(tick)
                parts.append(f'<line x1="{x:.0f}" y1="{y + 18}" x2="{x:.0f}" y2="{bottom}" stroke="#ddd"/>'
                             f'<text x="{x:.0f}" y="{bottom + 12}" text-anchor="middle">{tick}x</text>')
        for row, (label, values, is_mean) in enumerate(rows):
            parts += chart_bars(label, [(colours[name], value) for name, value in zip(names, values)], is_mean,
                                {'left': left, 'y': y + 22 + step * row, 'bar': bar, 'scale': scale})
        y = bottom + 22
    return '\n'.join(parts + ['</svg>', ''])


def chart_bars(label, bars, is_mean, at):
    weight = ' font-weight="bold"' if is_mean else ''
    yield f'<text x="{at["left"] - 6}" y="{at["y"] + 10}" text-anchor="end"{weight}>{html.escape(label)}</text>'
    for i, (colour, value) in enumerate(bars):
        if value:
            length = max(1, at['scale'] * math.log10(max(value, 1)))
            y = at['y'] + i * at['bar']
            yield (f'<rect x="{at["left"]}" y="{y}" width="{length:.0f}" height="{at["bar"] - 1}" fill="{colour}"/>'
                   f'<text x="{at["left"] + length + 4:.0f}" y="{y + 8}" font-size="9"{weight}>{value:.2f}</text>')
