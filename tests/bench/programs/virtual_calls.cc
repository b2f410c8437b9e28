// SPDX-License-Identifier: GPL-2.0-or-later
// class: integer
// Isolates: virtual calls with several targets at one call site.
#include <cstdio>
#include <cstdint>
#include <memory>
#include <vector>

struct Node {
    virtual ~Node() = default;
    virtual uint64_t step(uint64_t x) = 0;
};
struct Add : Node { uint64_t step(uint64_t x) override { return x + 0x9e3779b97f4a7c15; } };
struct Shift : Node { uint64_t step(uint64_t x) override { return x ^ x >> 7; } };
struct Multiply : Node { uint64_t step(uint64_t x) override { return x * 31; } };
struct Count : Node { uint64_t n = 0; uint64_t step(uint64_t x) override { return x ^ ++n; } };

int main()
{
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < 64; i++)
        switch (i * 7 % 11 % 4) {
        case 0: nodes.push_back(std::make_unique<Add>()); break;
        case 1: nodes.push_back(std::make_unique<Shift>()); break;
        case 2: nodes.push_back(std::make_unique<Multiply>()); break;
        default: nodes.push_back(std::make_unique<Count>());
        }
    uint64_t x = 1;
    for (int round = 0; round < 1600000; round++)
        for (auto &node : nodes)
            x = node->step(x);
    std::printf("%016llx\n", (unsigned long long)x);
}
