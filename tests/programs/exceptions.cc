// SPDX-License-Identifier: GPL-2.0-or-later
// C++ exceptions: unwinding, destructors on the way, rethrow, nested, across threads, out of a callback from C.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <vector>

namespace {

int alive = 0;

struct Tracked {
    std::string name;
    explicit Tracked(std::string text) : name(std::move(text)) { alive++; }
    ~Tracked() { alive--; }
    Tracked(const Tracked &other) : name(other.name) { alive++; }
};

struct Base : std::exception {
    int code;
    explicit Base(int value) : code(value) {}
    const char *what() const noexcept override { return "base"; }
};
struct Derived : Base {
    Tracked payload{"payload"};
    using Base::Base;
    const char *what() const noexcept override { return "derived"; }
};

[[gnu::noinline]] int thrower(int depth, double extra)
{
    Tracked local("level " + std::to_string(depth));
    if (depth == 0)
        switch (int(extra) % 5) {
        case 0: throw 42;
        case 1: throw Derived(7);
        case 2: throw std::runtime_error("run time");
        case 3: throw std::string("a string");
        default: throw std::make_unique<int>(5);
        }
    return thrower(depth - 1, extra) + int(local.name.size());
}

std::string catcher(int kind)
{
    try {
        thrower(kind * 7, kind);
    } catch (int value) {
        return "int " + std::to_string(value);
    } catch (const Base &error) {
        return std::string(error.what()) + " " + std::to_string(error.code);
    } catch (const std::exception &error) {
        return error.what();
    } catch (std::string &text) {
        return text;
    } catch (...) {
        return "other";
    }
    return "nothing";
}

std::string rethrow()
{
    try {
        try {
            thrower(3, 1);
        } catch (Base &error) {
            error.code++;
            try {
                throw std::logic_error("inner");
            } catch (std::logic_error &inner) {
                std::throw_with_nested(std::runtime_error(std::string("outer of ") + inner.what()));
            }
        }
    } catch (std::runtime_error &outer) {
        try {
            std::rethrow_if_nested(outer);
        } catch (std::logic_error &inner) {
            return std::string(outer.what()) + ", nested " + inner.what();
        }
    }
    return "lost";
}

int compare(const void *, const void *)
{
    throw std::out_of_range("from a callback");
}

} // namespace

int main()
{
    for (int kind = 0; kind < 5; kind++)
        std::printf("%s alive %d\n", catcher(kind).c_str(), alive);
    std::printf("%s alive %d\n", rethrow().c_str(), alive);
    std::exception_ptr carried;
    std::thread thread([&] {
        try {
            thrower(5, 2);
        } catch (...) {
            carried = std::current_exception();
        }
    });
    thread.join();
    try {
        std::rethrow_exception(carried);
    } catch (std::exception &error) {
        std::printf("carried %s\n", error.what());
    }
    int numbers[4] = {4, 3, 2, 1};
    try {
        std::qsort(numbers, 4, sizeof *numbers, compare);
    } catch (std::out_of_range &error) {
        std::printf("%s\n", error.what());
    }
    try {
        std::vector<int>(3).at(7) = 1;
    } catch (std::out_of_range &) {
        std::printf("range\n");
    }
    try {
        (void)dynamic_cast<Derived &>(*std::make_unique<Base>(1));
    } catch (std::bad_cast &) {
        std::printf("bad cast\n");
    }
    long sum = 0;
    for (int i = 0; i < 5000; i++)
        try {
            throw i;
        } catch (int value) {
            sum += value;
        }
    std::printf("%ld alive %d\n", sum, alive);
    std::set_terminate([] {
        std::printf("terminated\n");
        std::fflush(stdout);
        std::_Exit(3);
    });
    [] () noexcept { throw 1; }();
    return 0;
}
