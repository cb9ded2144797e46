// SPDX-License-Identifier: Apache-2.0
#include "store/generator.h"

#include <gtest/gtest.h>

namespace skua::bench {
namespace {

double bytes_per_span(Shape shape, std::size_t per_request) {
    GeneratorOptions options;
    options.shape = shape;
    options.spans_per_request = per_request;
    Generator generator(options);
    while (generator.spans() < 20'000) generator.next();
    return static_cast<double>(generator.bytes()) / static_cast<double>(generator.spans());
}

TEST(Generator, SpansHaveTheSizeOfTheReferenceShapes) {
    const struct {
        Shape shape;
        std::size_t per_request;
        double want;
    } cases[] = {
        {Shape::kWeb, 512, 558},       {Shape::kWeb, 64, 567},          {Shape::kWeb, 8, 638},
        {Shape::kDemoSmall, 512, 250}, {Shape::kEnterprise, 512, 1200},
    };
    for (const auto& c : cases)
        EXPECT_NEAR(bytes_per_span(c.shape, c.per_request), c.want, c.want * 0.05) << c.per_request;
}

TEST(Generator, SameSeedSameBytes) {
    Generator a({});
    Generator b({});
    GeneratorOptions other;
    other.seed = 2;
    Generator c(other);
    bool differs = false;
    for (int i = 0; i < 50; ++i) {
        const std::string& body = a.next();
        EXPECT_EQ(body, b.next());
        differs = differs || body != c.next();
    }
    EXPECT_TRUE(differs);
}

TEST(Generator, WideShapeFillsBodiesFromOneTrace) {
    GeneratorOptions options;
    options.shape = Shape::kWide;
    Generator generator(options);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(generator.next().empty());
    EXPECT_EQ(generator.spans(), 100U * 512U);
}

}  // namespace
}  // namespace skua::bench
