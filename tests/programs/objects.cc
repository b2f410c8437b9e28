// SPDX-License-Identifier: GPL-2.0-or-later
// C++ virtual calls, multiple and virtual inheritance, containers, streams, lambdas, futures, static initialisation.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <unordered_map>
#include <variant>

namespace {

struct Shape {
    virtual ~Shape() = default;
    virtual double area() const = 0;
    virtual std::string name() const { return "shape"; }
};
struct Named { virtual ~Named() = default; virtual int tag() const { return 1; } int padding = 5; };
struct Circle : Shape, Named {
    double r;
    explicit Circle(double radius) : r(radius) {}
    double area() const override { return 3 * r * r; }
    std::string name() const override { return "circle"; }
    int tag() const override { return padding + 10; }
};
struct Square final : Shape {
    double a;
    explicit Square(double side) : a(side) {}
    double area() const override { return a * a; }
};
struct Top { int value = 3; virtual int get() { return value; } virtual ~Top() = default; };
struct Left : virtual Top { int get() override { return value + 1; } };
struct Right : virtual Top {};
struct Bottom : Left, Right { int get() override { return Left::get() * 10; } };

std::map<std::string, int> initialised{{"one", 1}, {"two", 2}};

void test_objects()
{
    std::vector<std::unique_ptr<Shape>> shapes;
    for (int i = 0; i < 100; i++)
        if (i % 3)
            shapes.push_back(std::make_unique<Circle>(i));
        else
            shapes.push_back(std::make_unique<Square>(i));
    double total = 0;
    int tags = 0;
    for (auto &shape : shapes) {
        total += shape->area();
        if (auto *named = dynamic_cast<Named *>(shape.get()))
            tags += named->tag();
    }
    Bottom bottom;
    Top *top = &bottom;
    double (Shape::*method)() const = &Shape::area;
    std::cout << total << " " << tags << " " << shapes[1]->name() << " " << top->get() << " " << ((*shapes[6]).*method)() << "\n";
}

void test_containers()
{
    std::mt19937_64 random(1234);
    std::vector<long> numbers(20000);
    std::generate(numbers.begin(), numbers.end(), [&] { return long(random() % 100000); });
    std::unordered_map<long, int> counts;
    std::map<long, int> sorted;
    std::deque<long> queue;
    for (long n : numbers) {
        counts[n]++;
        sorted[n]++;
        n % 2 ? queue.push_back(n) : queue.push_front(n);
    }
    std::stable_sort(numbers.begin(), numbers.end());
    std::set<int> few(numbers.begin(), numbers.begin() + 100);
    long most = 0;
    for (auto &[key, count] : counts)
        most = std::max(most, long(count));
    std::cout << counts.size() << " " << sorted.begin()->first << " " << sorted.rbegin()->first << " " << queue.front() << " "
              << queue.back() << " " << most << " " << few.size() << " " << std::accumulate(numbers.begin(), numbers.end(), 0L) << "\n";
    std::variant<int, std::string, double> value = "text";
    std::visit([](auto &&held) { std::cout << held << "\n"; }, value);
    std::ostringstream text;
    text << std::setw(8) << std::setfill('*') << std::hex << 48879 << std::fixed << std::setprecision(3) << 2.0 / 3;
    std::istringstream in("12 3.5 word");
    int i;
    double d;
    std::string word;
    in >> i >> d >> word;
    std::cout << text.str() << " " << i << d << word << "\n";
    std::regex pattern("([a-z]+)-(\\d+)");
    std::smatch match;
    std::string subject = "see item-42 there";
    if (std::regex_search(subject, match, pattern))
        std::cout << match[1] << "/" << match[2] << " " << std::regex_replace(subject, pattern, "<$2>") << "\n";
}

void test_threads()
{
    std::vector<std::future<long>> results;
    for (int i = 0; i < 4; i++)
        results.push_back(std::async(std::launch::async, [i] {
            long sum = 0;
            for (int j = 0; j < 10000; j++)
                sum += j % (i + 2);
            return sum;
        }));
    for (auto &result : results)
        std::cout << result.get() << " ";
    std::mutex mutex;
    std::condition_variable changed;
    std::atomic<int> turn{0};
    std::string order;
    std::thread other([&] {
        for (int i = 0; i < 20; i++) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return turn % 2 == 1; });
            order += 'b';
            turn++;
            changed.notify_all();
        }
    });
    for (int i = 0; i < 20; i++) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return turn % 2 == 0; });
        order += 'a';
        turn++;
        changed.notify_all();
    }
    other.join();
    std::cout << order << "\n";
}

struct Last { ~Last() { std::printf("static destructor\n"); } } last;

} // namespace

int main()
{
    test_objects();
    test_containers();
    test_threads();
    std::cout << initialised["two"] << "\n";
    return 0;
}
