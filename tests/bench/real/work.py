# SPDX-License-Identifier: GPL-2.0-or-later
# What scripts do: JSON, regular expressions, dictionaries, sorting, classes, text. The output is the same in all versions.
import hashlib
import json
import re


def numbers(count, seed=1):
    for _ in range(count):
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        yield seed >> 8


def word(number):
    return ''.join('aeioubcdfglmnprst'[number >> 4 * i & 15] for i in range(3 + number % 5))


class Account:
    def __init__(self, name):
        self.name, self.balance, self.history = name, 0, []

    def book(self, amount):
        self.balance += amount
        self.history.append(amount)

    def average(self):
        return self.balance // max(1, len(self.history))


def count_words(text):
    counts = {}
    for match in re.finditer(r'\b([a-z]+?)(?:s|ing)?\b', text):
        counts[match[1]] = counts.get(match[1], 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]


def book_all(count):
    accounts = {}
    for number in numbers(count, 7):
        name = word(number % 400)
        accounts.setdefault(name, Account(name)).book(number % 1000 - 480)
    return [{'name': a.name, 'balance': a.balance, 'average': a.average(), 'history': a.history[:20]}
            for a in sorted(accounts.values(), key=lambda a: (a.balance, a.name))]


def main():
    text = ' '.join(word(number) for number in numbers(25000))
    print(count_words(text))
    records = book_all(40000)
    stored = json.dumps(records, indent=1, sort_keys=True)
    assert json.loads(stored) == records
    print(len(stored), hashlib.md5(stored.encode()).hexdigest())
    print(len(re.sub(r'([aeiou])([^aeiou ])', r'\2\1', text)), text.count('ae'), len(set(text.split())))
    grid = [[(i * j) % 7 for j in range(60)] for i in range(60)]
    print(sum(grid[i][k] * grid[k][j] for i in range(60) for j in range(60) for k in range(0, 60, 2)))


main()
