#include "src/x509/almost_inverse.h"

#include <bit>
#include <cstddef>

namespace chaintier {

namespace {

constexpr std::size_t words = 4;
constexpr int word_bits = 64;

// The loops are unrolled by word, which gcc does not do by itself at -O2 and which halves the time.

void add(Words256& sum, const Words256& other) {
  std::uint64_t carry = 0;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t part = sum[i] + other[i];
    const std::uint64_t carried = part < other[i] ? 1 : 0;
    sum[i] = part + carry;
    carry = carried | (sum[i] < carry ? 1 : 0);
  }
}

// False when `other` is the larger one; the difference is then one modulo 2^256.
bool subtract(const Words256& from, const Words256& other, Words256& difference) {
  std::uint64_t borrow = 0;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint64_t part = from[i] - other[i];
    const std::uint64_t borrowed = from[i] < other[i] ? 1 : 0;
    difference[i] = part - borrow;
    borrow = borrowed | (part < borrow ? 1 : 0);
  }
  return borrow == 0;
}

bool is_zero(const Words256& number) { return (number[0] | number[1] | number[2] | number[3]) == 0; }

void halve(Words256& number, int times) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < words - 1; ++i)
    number[i] = (number[i] >> times) | (number[i + 1] << 1 << (word_bits - 1 - times));
  number[words - 1] >>= times;
}

void twice(Words256& number, int times) {
#pragma GCC unroll 4
  for (std::size_t i = words - 1; i > 0; --i)
    number[i] = (number[i] << times) | (number[i - 1] >> 1 >> (word_bits - 1 - times));
  number[0] <<= times;
}

// Takes the twos out of `number`, which is not 0, and puts as many into `other`.
unsigned move_twos(Words256& number, Words256& other) {
  unsigned moved = 0;
  while (number[0] == 0) {
    number = {number[1], number[2], number[3], 0};
    other = {0, other[0], other[1], other[2]};
    moved += word_bits;
  }
  const int rest = std::countr_zero(number[0]);
  halve(number, rest);
  twice(other, rest);
  return moved + static_cast<unsigned>(rest);
}

}  // namespace

// At each step  r * number = -u * 2^twos,  s * number = v * 2^twos  (mod modulus), and u * s + v * r is the
// modulus, which bounds r and s.
AlmostInverse almost_inverse(const Words256& number, const Words256& modulus) {
  Words256 u = modulus, v = number, r{0}, s{1}, difference;
  unsigned twos = move_twos(v, r);
  while (true) {
    if (!subtract(u, v, difference)) {
      subtract(v, u, v);
      add(s, r);
      twos += move_twos(v, r);
    } else if (!is_zero(difference)) {
      u = difference;
      add(r, s);
      twos += move_twos(u, s);
    } else {
      return {r, twos};  // both are the greatest common divisor, 1
    }
  }
}

}  // namespace chaintier
